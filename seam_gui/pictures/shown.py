"""What Explore and Identify show at the moment: all that a figure of it depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from seam_core.manner import Manner
from seam_core.pictures import Outliers
from seam_core.point_marks import LETTER, NAMINGS, STARS, Letter, Sight
from seam_core.readers.tracks import Track
from seam_core.selection import Selection
from seam_core.session import Session
from seam_gui.look.theme import theme
from seam_gui.pictures.scene import Scene

FIGURE_QUANTITY = {"change": "entropy_change"}  # of the matrix; others are called the same


@dataclass(frozen=True)
class LogoOptions:
    """How logos are drawn."""

    attribution: str = "average"
    sequence: str = "pwm"
    fixed: bool = False
    centred: bool = False
    letters: str = "all"  # one of `seam_core.pictures.LETTERINGS`
    shaded: bool = False  # below zero


@dataclass(frozen=True)
class Shown:
    """Explore.

    clusters : ids of those beside each other, in the order of the MSM; hidden ones are left out
    limits : values at the ends of the scatter's colours, where the user chose them
    matrix_limits : the same of the matrix
    tracks : annotations below the matrix
    left_out : column of text -> names whose points are not drawn
    star, marker, naming, sight, letter : of the scatter, as in `Manner`
    outliers : drawn beyond the whiskers of boxes
    counts, count_name : bars of the comparison, where these are no part of the session
    """

    scene: Scene
    selection: Selection | None
    options: LogoOptions
    window: tuple[int, int]
    colour_by: str
    order: str
    axes: tuple[int, int]
    quantity: str
    comparison: str
    clusters: tuple[int, ...]
    counts: tuple[int, ...] | None = None
    count_name: str = ""
    limits: tuple[float, float] | None = None
    outliers: Outliers | None = None
    star: str = STARS[0]
    matrix_limits: tuple[float, float] | None = None
    tracks: tuple[Track, ...] = ()
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    marker: float | None = None
    naming: str = NAMINGS[0]
    sight: Sight | None = None
    letter: Letter = LETTER

    @property
    def labels(self) -> dict[int, str]:
        """Names that the user gave to clusters."""
        return self.scene.names

    @property
    def manner(self) -> Manner:
        """What is saved of it with the session, for reports and exports."""
        return Manner(
            labels=self.labels,
            colours=self.scene.chosen_colours,
            hidden=tuple(sorted(self.scene.hidden)),
            left_out=self.left_out,
            arranged=self.clusters,
            colour_by=self.colour_by,
            limits=self.limits,
            order=self.order,
            axes=self.axes,
            star=self.star,
            marker=self.marker,
            naming=self.naming,
            sight=self.sight,
            letter=self.letter,
            letters=self.options.letters,
            shaded=self.options.shaded,
            quantity=FIGURE_QUANTITY.get(self.quantity, self.quantity),
            matrix_limits=self.matrix_limits,
            colour_blind=theme().colour_blind,
        )

    @property
    def session(self) -> Session:
        """The session with the clusters that are shown."""
        scene = self.scene
        return replace(scene.session, clustering=scene.clustering, explanation=scene.explanation)


@dataclass(frozen=True)
class SitesShown:
    """Identify.

    labels : names that the user gave to clusters
    window : positions in sight; the second is exclusive
    shape : how the covariance is drawn, one of `covariance_view.SHAPES`
    binary : configurations say yes or no instead of an activity
    edited : the session is as the user's edits of the clusters leave it, not as it is saved
    limits : values at the ends of the covariance's colours, where the user chose them
    """

    session: Session
    labels: dict[int, str]
    window: tuple[int, int]
    shape: str
    binary: bool
    limits: tuple[float, float] | None = None
    edited: bool = False
