"""What is chosen by name: declared once, where it is computed, and open to other packages.

A registry knows names before it imports anything: ours from the tables below, those of other
packages from their entry points. Both say `module:OBJECT`, which is imported when it is first
asked for. A plug-in that cannot be taken is left out, with one message that names its package.

    [project.entry-points."seam.embeddings"]          # in the pyproject.toml of another package
    mds = "their_package:MDS"
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, Generic, Protocol, TypeVar

from seam_core.product import NAME
from seam_core.progress import Cancelled
from seam_core.validate import InputError, SeamError, first_line

log = logging.getLogger(__name__)


class Named(Protocol):
    """What a registry holds: records with a name for files and a label for people."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...


T = TypeVar("T", bound=Named)


class PluginError(SeamError, ImportError):
    """A plug-in cannot be used; the message names the package that it came with."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """What is said of every method that can be chosen for a stage.

    name : in options, configuration files and manifests
    label : in forms and captions
    parameters : names of the stage's parameters that it uses; others are hidden where it is chosen
    own : a frozen dataclass of parameters (see `seam_core.parameters`) that only it has; their
        names must be unlike all others
    sentence : what was done, for the methods paragraph, as a text or made from the record that
        came out (maps, embedding, clustering); `{cite}` becomes the number of its citation
    citation : the paper to cite
    packages : names, as pip knows them, of packages whose version can change the result; of
        "a or b" the first that is installed
    """

    name: str
    label: str
    parameters: tuple[str, ...] = ()
    own: Any = None
    sentence: str | Callable[[Any], str] = ""
    citation: str = ""
    packages: tuple[str, ...] = ()

    def said_of(self, record: Any) -> str:
        """The sentence about a record that the method made."""
        return self.sentence if isinstance(self.sentence, str) else self.sentence(record)


@dataclass(frozen=True)
class Reference:
    """Where a record is declared: `value` is module:OBJECT, `package` what it came with."""

    name: str
    value: str
    package: str

    def __str__(self) -> str:
        return f"{self.name} ({self.value}) of {self.package}"


@dataclass(eq=False)
class Registry(Generic[T]):
    """Records of one kind by name: ours in the order of `ours`, then those of other packages.

    what : what it holds, in words
    group : entry points that other packages declare records under
    kind : module:Class that the records are
    ours : name -> module:OBJECT of those that come with SEAM
    """

    what: str
    group: str
    kind: str
    ours: Mapping[str, str]
    problems: list[str] = field(default_factory=list, init=False)
    _loaded: dict[str, T] = field(default_factory=dict, init=False)
    _broken: set[str] = field(default_factory=set, init=False)
    _foreign: dict[str, Reference] | None = field(default=None, init=False)

    def names(self) -> tuple[str, ...]:
        """The names that can be chosen; those of plug-ins are not imported for it."""
        foreign = (name for name in self._plugins() if name not in self._broken)
        return (*self.ours, *foreign)

    def __contains__(self, name: object) -> bool:
        return name in self.ours or name in self.names()

    def __iter__(self) -> Iterator[T]:
        """All records; plug-ins that cannot be used are left out, see `problems`."""
        for name in self.names():
            try:
                record = self.get(name)
            except PluginError:
                continue
            yield record

    def get(self, name: str) -> T:
        """The record of a name.

        Raises
        ------
        InputError
            There is none.
        PluginError
            It is another package's, and cannot be used.
        """
        if name not in self._loaded:
            if name not in self:
                raise InputError(self.what, repr(name), "one of " + ", ".join(self.names()))
            self._loaded[name] = self._load(self._reference(name))
        return self._loaded[name]

    def find(self, name: str) -> T | None:
        """The record of a name; None where there is none that can be used."""
        try:
            return self.get(name)
        except (InputError, PluginError):
            return None

    def label(self, name: str) -> str:
        """How a person writes the name: the record's label; of others the name itself."""
        record = self.find(name)
        return name[:1].upper() + name[1:].replace("_", " ") if record is None else record.label

    def package_of(self, name: str) -> str:
        """The distribution that declares a record, with its version where it is another's."""
        return self._reference(name).package

    @contextlib.contextmanager
    def calling(self, name: str) -> Iterator[None]:
        """Around a call of a method: what a plug-in raises becomes a `PluginError` of one line."""
        try:
            yield
        except (SeamError, Cancelled):
            raise
        except Exception as error:
            if name in self.ours or name not in self._plugins():
                raise
            log.info("plug-in %s", self._reference(name), exc_info=True)
            said = f"{type(error).__name__}: {first_line(error)}"
            raise PluginError(f"{self.what} {self._reference(name)} failed: {said}") from error

    def distribution_of(self, name: str) -> tuple[str, ...]:
        """The other package that declares a record, as pip knows it; () for ours."""
        return () if name in self.ours else (self._reference(name).package.split(" ")[0],)

    def leave_out(self, name: str, why: str) -> None:
        """Take a plug-in's record out of the choices; the message is kept in `problems`."""
        self._broken.add(name)
        self._loaded.pop(name, None)
        self._complain(f"plug-in {self._reference(name)} is left out: {why}")

    def forget(self) -> None:
        """Look for plug-ins anew: after packages were installed in a running process."""
        self.problems.clear()
        self._broken.clear()
        self._loaded.clear()
        self._foreign = None
        _entry_points.cache_clear()

    def _complain(self, message: str) -> None:
        if message not in self.problems:
            self.problems.append(message)
            log.warning("%s", message)

    def _reference(self, name: str) -> Reference:
        if name in self.ours:
            return Reference(name, self.ours[name], NAME)
        return self._plugins()[name]

    def _plugins(self) -> dict[str, Reference]:
        if self._foreign is None:
            self._foreign = {}
            for reference in _entry_points().get(self.group, ()):
                self._take(reference)
        return self._foreign

    def _take(self, reference: Reference) -> None:
        assert self._foreign is not None
        first = self._foreign.get(reference.name)
        if reference.name in self.ours:
            first = Reference(reference.name, self.ours[reference.name], NAME)
        if first is None:
            self._foreign[reference.name] = reference
        elif first != reference:  # one package that is found twice on the path is no second one
            self._complain(f"plug-in {reference} is left out: {first.package} has one of that name")

    def _load(self, reference: Reference) -> T:
        if reference.package == NAME:
            return _imported(reference.value)  # type: ignore[no-any-return]
        try:
            record = _imported(reference.value)
            kind = _imported(self.kind)
            if not isinstance(record, kind):
                raise TypeError(f"a {type(record).__name__}, not a {kind.__name__}")
            if record.name != reference.name:
                raise ValueError(f"the record's name is {record.name!r}")
        except (Exception, SystemExit) as error:
            log.info("plug-in %s", reference, exc_info=True)
            self.leave_out(reference.name, f"{type(error).__name__}: {first_line(error)}")
            raise PluginError(self.problems[-1]) from error
        return record  # type: ignore[no-any-return]


def _imported(value: str) -> Any:
    module, _, path = value.partition(":")
    target: Any = importlib.import_module(module)
    for part in path.split("."):
        target = getattr(target, part)
    return target


@functools.cache
def _entry_points() -> dict[str, list[Reference]]:
    """Group -> references of all installed packages under our groups; read once a process."""
    by_group: dict[str, list[Reference]] = {}
    every = metadata.entry_points()  # once: it reads a file of each package that is installed
    for registry in REGISTRIES:
        for point in every.select(group=registry.group):
            package = "a package" if point.dist is None else f"{point.dist.name} "
            version = "" if point.dist is None else point.dist.version
            reference = Reference(point.name, point.value, f"{package}{version}".strip())
            by_group.setdefault(registry.group, []).append(reference)
    return by_group


ATTRIBUTIONS: Registry[Any] = Registry(
    "attribution method",
    "seam.attributions",
    "seam_core.attributer.declared:AttributionMethod",
    {
        "saliency": "seam_core.attributer.gradients:SALIENCY",
        "intgrad": "seam_core.attributer.gradients:INTGRAD",
        "smoothgrad": "seam_core.attributer.gradients:SMOOTHGRAD",
        "ism": "seam_core.attributer.ism:ISM",
        "deepshap": "seam_core.attributer.deepshap:DEEPSHAP",
    },
)
EMBEDDINGS: Registry[Any] = Registry(
    "embedding",
    "seam.embeddings",
    "seam_core.clusterer.declared:EmbeddingMethod",
    {
        "umap": "seam_core.clusterer.umap:UMAP",
        "umap-learn": "seam_core.clusterer.umap_learn:UMAP_LEARN",
        "tsne": "seam_core.clusterer.tsne:TSNE",
        "pca": "seam_core.clusterer.pca:PCA",
        "phate": "seam_core.clusterer.diffusion:PHATE",
        "diffusion": "seam_core.clusterer.diffusion:DIFFUSION",
    },
)
CLUSTERINGS: Registry[Any] = Registry(
    "clustering",
    "seam.clusterings",
    "seam_core.clusterer.declared:ClusteringMethod",
    {
        "ward": "seam_core.clusterer.trees:WARD",
        "average": "seam_core.clusterer.trees:AVERAGE",
        "complete": "seam_core.clusterer.trees:COMPLETE",
        "single": "seam_core.clusterer.trees:SINGLE",
        "kmeans": "seam_core.clusterer.partitions:KMEANS",
        "dbscan": "seam_core.clusterer.partitions:DBSCAN",
        "hdbscan": "seam_core.clusterer.partitions:HDBSCAN",
        "leiden": "seam_core.clusterer.partitions:LEIDEN",
    },
)
REDUCTIONS: Registry[Any] = Registry(
    "reduction",
    "seam.reductions",
    "seam_core.oracles.reductions:Reduction",
    {
        "none": "seam_core.oracles.reductions:NONE",
        "sum": "seam_core.oracles.reductions:SUM",
        "mean": "seam_core.oracles.reductions:MEAN",
        "first_pc": "seam_core.oracles.reductions:FIRST_PC",
        "logit": "seam_core.oracles.reductions:LOGIT",
        "bpnet_profile": "seam_core.oracles.reductions:BPNET_PROFILE",
        "bpnet_profile_held": "seam_core.oracles.reductions:BPNET_PROFILE_HELD",
        "bpnet_profile_joint": "seam_core.oracles.reductions:BPNET_PROFILE_JOINT",
    },
)
FRAMEWORKS: Registry[Any] = Registry(
    "framework",
    "seam.oracles",
    "seam_core.frameworks.framework:Framework",
    {
        "keras": "seam_core.frameworks.keras.declared:KERAS",
        "torch": "seam_core.frameworks.torch.declared:TORCH",
        "onnx": "seam_core.frameworks.onnx.declared:ONNX",
        "jax": "seam_core.frameworks.jax.declared:JAX",
        "function": "seam_core.frameworks.plain:FUNCTION",
        "table": "seam_core.frameworks.plain:TABLE",
    },
)
EXPORTS: Registry[Any] = Registry(
    "export",
    "seam.exports",
    "seam_core.exports.record:Export",
    {
        "table": "seam_core.exports.sequences:SEQUENCE_TABLE",
        "fasta": "seam_core.exports.sequences:FASTA",
        "indices": "seam_core.exports.sequences:INDICES",
        "maps": "seam_core.exports.sequences:MAPS",
        "embedding": "seam_core.exports.sequences:EMBEDDING",
        "onehot": "seam_core.exports.sequences:ONEHOT",
        "attributions": "seam_core.exports.sequences:ATTRIBUTIONS",
        "clusters": "seam_core.exports.clusters:CLUSTER_TABLE",
        "msm": "seam_core.exports.clusters:MSM",
        "means": "seam_core.exports.clusters:MEANS",
        "foregrounds": "seam_core.exports.clusters:FOREGROUNDS",
        "linkage": "seam_core.exports.clusters:LINKAGE",
        "sites": "seam_core.exports.sites:SITE_TABLE",
        "bed": "seam_core.exports.sites:BED",
        "motifs": "seam_core.exports.sites:MOTIFS",
        "seqlets": "seam_core.exports.sites:SEQLETS",
        "configurations": "seam_core.exports.sites:CONFIGURATIONS",
        "interactions": "seam_core.exports.sites:INTERACTIONS",
        "drivers": "seam_core.exports.sites:DRIVERS",
        "tested": "seam_core.exports.experiments:TESTED",
        "tested_interactions": "seam_core.exports.experiments:TESTED_INTERACTIONS",
        "scan": "seam_core.exports.experiments:SCAN",
        "spacing": "seam_core.exports.experiments:SPACING",
        "members": "seam_core.exports.experiments:MEMBERS",
        "h5ad": "seam_core.exports.h5ad:H5AD",
    },
)
FAMILIES: Registry[Any] = Registry(
    "family of models",
    "seam.families",
    "seam_core.families.family:Family",
    {
        "deepstarr": "seam_core.families.keras_models:DEEPSTARR",
        "bpnet-lite": "seam_core.families.bpnet:BPNET_LITE",
        "chrombpnet-lite": "seam_core.families.bpnet:CHROMBPNET_LITE",
        "chrombpnet": "seam_core.families.bpnet:CHROMBPNET",
        "chrombpnet-full": "seam_core.families.bpnet:CHROMBPNET_FULL",
        "bpnet-keras": "seam_core.families.bpnet:BPNET_KERAS",
        "crested": "seam_core.families.keras_models:CRESTED",
        "crested-long": "seam_core.families.long_context:CRESTED_LONG",
        "grelu": "seam_core.families.torch_models:GRELU",
        "enformer": "seam_core.families.long_context:ENFORMER",
        "borzoi": "seam_core.families.long_context:BORZOI",
        "basenji2": "seam_core.families.long_context:BASENJI2",
        "alphagenome": "seam_core.families.long_context:ALPHAGENOME",
        "spliceai": "seam_core.families.keras_models:SPLICEAI",
        "pangolin": "seam_core.families.torch_models:PANGOLIN",
        "malinois": "seam_core.families.torch_models:MALINOIS",
        "dragonn": "seam_core.families.keras_models:DRAGONN",
        "basset": "seam_core.families.torch_models:BASSET",
        "beluga": "seam_core.families.torch_models:BELUGA",
        "sei": "seam_core.families.torch_models:SEI",
        "puffin": "seam_core.families.torch_models:PUFFIN",
        "saluki": "seam_core.families.keras_models:SALUKI",
        "optimus5p": "seam_core.families.keras_models:OPTIMUS",
    },
)
# Ours are the table of the standard set, `seam_core.figures.overview.PICTURES`.
FIGURES: Registry[Any] = Registry(
    "figure", "seam.figures", "seam_core.figures.overview:Picture", {}
)
REGISTRIES: list[Registry[Any]] = [
    ATTRIBUTIONS,
    EMBEDDINGS,
    CLUSTERINGS,
    REDUCTIONS,
    FRAMEWORKS,
    EXPORTS,
    FAMILIES,
    FIGURES,
]


def problems() -> list[str]:
    """What is wrong with the plug-ins that were looked at so far, one message each."""
    return [message for registry in REGISTRIES for message in registry.problems]
