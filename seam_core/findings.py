"""What experiments on the model say of the sites, and whether the findings may be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from seam_core.parameters import ExperimenterParameters

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Experiments:
    """What the model answered when it was asked again about each site.

    asked : False where it was not; `note` then says why
    sites : DataFrame, one row a candidate site. Columns: `site`; `origin` ("library", or "scan"
        for a site that was missed); `verdict` ("confirmed", "weak", "not_confirmed", "not_asked");
        `effect`, `se`: activity of the reference less that with the site replaced; `p`, `q`: beside
        control windows, and corrected over the candidates; `context_effect`, `context_se`: the
        same among mutations at the library's rate; `sufficiency`, `sufficiency_se`: what the site
        adds to shuffled backgrounds; `with_partners`, `with_partners_se`: to those that hold all
        others; `control_limit`: the effect that a confirmed site has at least; `n_controls`;
        `told_by`: the experiment that the verdict rests on; `matter`: share of its positions that
        matter; `note`, in words
    interactions : DataFrame, one row a subset of two or more confirmed sites, and one a site for
        the effects on none of the others. Columns: `sites` ("A+B"), `order`; `activity`: these
        sites kept and all others replaced; `estimate`, `se`, `p`, `q`, `called`: on the model's
        scale; `latent_estimate`, `latent_se`: after the link is taken off; `saturation`: called,
        and gone on that scale
    scan : DataFrame, one row a window replaced: `start`, `stop`, `effect`, `se`, `context_effect`,
        `context_se`, `stands_out`; `joint_effect`, `joint_se`: what its letters do one by one,
        added up, less what they do together; sessions of before 0.3.0 lack them
    link : in words, "identity" where sites add up as they are. On a fitted scale numbers are in
        units of activity: as far from the least active combination to the most active
    unexplained : shares of the library's variance that a sum of sites leaves, straight and with
        the link
    spacing : DataFrame, one row a pair, distance and orientation: `sites`, `distance`,
        `orientation` ("as found", "second turned"), `activity`, `se`; None where not asked for
    n_questions : sequences that the model was asked about
    members : DataFrame, one row a site and fold of an ensemble, or strand: `site`, `member`,
        `effect`, `se` of the knock-out; None where there is one model
    variants : DataFrame, as `seam_core.variants.variants_frame` makes it, with `map`: the row of
        `variant_maps` that is the allele's; None where none were kept
    variant_maps, variant_letters : (n, W, A) float32 and (n, L) int8 of the largest effects
    panel : DataFrame, the designed sequences kept; see `seam_core.design.Panel.frame`
    """

    sites: pd.DataFrame
    interactions: pd.DataFrame
    scan: pd.DataFrame
    asked: bool = True
    note: str = ""
    link: str = "identity"
    unexplained: tuple[float, ...] = ()
    n_questions: int = 0
    parameters: ExperimenterParameters | None = None
    spacing: pd.DataFrame | None = None
    members: pd.DataFrame | None = None
    variants: pd.DataFrame | None = None
    variant_maps: np.ndarray | None = None
    variant_letters: np.ndarray | None = None
    panel: pd.DataFrame | None = None


TRUST_VERDICTS = ("good", "doubtful", "do_not_read")
"""Whether the findings of a locus may be read."""


def verdicts_of(experiments: Experiments | None) -> dict[str, str]:
    """Name of a site -> its verdict; empty where the model was not asked."""
    if experiments is None or not experiments.asked:
        return {}
    return dict(zip(experiments.sites["site"], experiments.sites["verdict"], strict=True))


def scanned_sites(experiments: Experiments | None) -> frozenset[str]:
    """Names of the sites that replacing windows found and clusters did not."""
    if experiments is None:
        return frozenset()
    frame = experiments.sites
    return frozenset(frame["site"][frame["origin"] == "scan"])


@dataclass(frozen=True, eq=False)
class Trust:
    """Whether the findings may be read, from numbers; shares are 0 to 1, NaN where not known.

    verdict : "good", "doubtful" or "do_not_read"
    warnings : sentences, the gravest first
    remarks : sentences that the verdict does not hang on: the least effect that is looked for
    states_r2, additive_r2 : of the activity, explained by sites and pairs of them, and by single
        positions; adjusted for the number of terms
    largest_cluster : share of the sequences in it
    clusters_of_one : how many clusters are a single sequence
    saturated : share of the library within 2 % of its lowest or highest activity
    completeness : median error of the maps' completeness, in standard deviations of activity
    halves : share of sites that each half of the library, clustered anew, shows by itself
    persistence : DataFrame, one row a site: `site`, `persistence`, the share of `n_cuts` cuts of
        the same tree into 5 to 200 clusters that show it
    robustness : DataFrame, one row a number of mutations: `mutations`, `n` sequences with as many,
        `kept`, the share of them in the reference's cluster; `same_sites`, the share in a cluster
        that shows the reference's sites
    kept : share of the whole library in the reference's cluster
    half_lost : least number of mutations at which at least half have left it, -1 where none
    reprogramming : DataFrame, one row a cluster: `cluster`, `distance`, the fewest mutations of a
        sequence in it
    imputed, imputed_r2 : share of the maps' entries that a table of measurements lacks and that
        were estimated, and R^2 of such estimates of what was measured
    members : share of the confirmed sites that every fold of an ensemble, or each strand, shows
    robust : the locus in one number, 1 robust to mutation and 0 reprogrammable; see
        `seam_core.experiments.robustness.robust_share`
    background_share : share of the reference mechanism's attribution that is background
    leaving : DataFrame, one row a position: `position`, `n`, `kept`, `kept_intact`, `leaves`; see
        `seam_core.experiments.robustness.leaving_frame`. None in sessions from before
    ways : DataFrame, one row a step of a way to another mechanism, as the model answered; see
        `seam_core.reprogramming.Reprogramming.paths`. None where none were looked for
    """

    verdict: str
    warnings: tuple[str, ...]
    states_r2: float
    additive_r2: float
    largest_cluster: float
    clusters_of_one: int
    saturated: float
    completeness: float
    halves: float
    persistence: pd.DataFrame
    robustness: pd.DataFrame
    kept: float
    half_lost: int
    reprogramming: pd.DataFrame
    parameters: ExperimenterParameters | None = None
    imputed: float = math.nan
    imputed_r2: float = math.nan
    members: float = math.nan
    robust: float = math.nan
    background_share: float = math.nan
    leaving: pd.DataFrame | None = None
    ways: pd.DataFrame | None = None
    remarks: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that is said beside the verdict."""
        return (*self.warnings, *self.remarks)

    def curve(self, level: float = 0.95) -> pd.DataFrame:
        """`robustness` with the intervals of its shares, as `kept_low`, `kept_high`, ...

        In sessions from before there is no `same_sites`.
        """
        frame = self.robustness.copy()
        for share in [name for name in ("kept", "same_sites") if name in frame]:
            low, high = share_intervals(frame[share].to_numpy(), frame["n"].to_numpy(), level)
            frame[f"{share}_low"], frame[f"{share}_high"] = low, high
        return frame


def variant_places(frame: pd.DataFrame, axes: Sequence[str]) -> np.ndarray:
    """(M, 2) places of variants on two axes of the embedding; NaN where the table has none."""
    if not all(name in frame for name in axes):
        return np.full((len(frame), 2), np.nan)
    return frame[list(axes)].to_numpy(dtype=float)


def ways_in_short(ways: pd.DataFrame) -> pd.DataFrame:
    """A row a way: `mechanism`, `path`, `number` of substitutions, `substitutions` ("G34T C40A").

    Letters before and after, and the position from 0 between them.
    """
    import pandas as pd

    rows = [
        (mechanism, path, len(own) - 1, " ".join(substitution_names(own)[1:]))
        for (mechanism, path), own in ways.groupby(["mechanism", "path"], sort=False)
    ]
    return pd.DataFrame(rows, columns=["mechanism", "path", "number", "substitutions"])


def substitution_names(ways: pd.DataFrame) -> list[str]:
    """The substitution of each step, as "G34T"; "" for the reference."""
    steps = zip(ways["before"], ways["position"], ways["after"], strict=True)
    return ["" if at < 0 else f"{before}{int(at)}{after}" for before, at, after in steps]


def share_intervals(
    shares: np.ndarray, n: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the Wilson intervals of shares (m,) of `n` (m,) each.

    E. B. Wilson (1927). J. Am. Stat. Assoc. 22:209. In closed form: the window draws them, and
    `scipy.stats` takes half a second to load.
    """
    counts, n = np.rint(np.asarray(shares) * n), np.asarray(n, dtype=np.float64)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    middle = (counts + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(counts * (1 - counts / n) + z**2 / 4)
    low, high = np.where(counts == 0, 0.0, middle - half), np.where(counts == n, 1.0, middle + half)
    return low, high


def terms_in_words(terms: pd.DataFrame) -> pd.DataFrame:
    """Terms of interactions, where `called` is True, False, or "not tested" without an interval."""
    if "called" not in terms or "low" not in terms:
        return terms
    called = terms["called"].astype(object)
    return terms.assign(called=called.where(terms["low"].notna(), "not tested"))
