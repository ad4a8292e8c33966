"""The stages, each said once: what it takes, makes and is called.

The order of a run, what becomes stale, options, menus, messages and the manifest are made from
these records. Records of a session are named by their slot in `seam_core.session.Session`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seam_core.parameters import (
    AttributerParameters,
    ClustererParameters,
    CompilerParameters,
    ExperimenterParameters,
    IdentifierParameters,
    MetaExplainerParameters,
    MutagenizerParameters,
    OracleParameters,
    Parameters,
)


@dataclass(frozen=True)
class Stage:
    """One step of the analysis.

    name : in options, configuration files and the manifest
    title : over a run of it
    subject : what it makes, in a few words
    parameters : its parameters
    needs : records that it cannot do without
    makes : records that it makes; the last one is there when it is done
    words : that last record, in "Needs ..."
    share : about which share of the time of a whole run it takes
    updates : records of earlier stages that it may complete or clear
    after : stages that it comes after where both are run, though it needs nothing of them
    asks_model : the model is asked, or may be
    packages : whose version can change the result, whatever method is chosen
    """

    name: str
    title: str
    subject: str
    parameters: type[Parameters]
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    words: str
    share: float
    updates: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    asks_model: bool = False
    packages: tuple[str, ...] = ()

    @property
    def record(self) -> str:
        """The record that says that the stage is done."""
        return self.makes[-1]

    @property
    def writes(self) -> tuple[str, ...]:
        """Records that may be others after it ran."""
        return (*self.updates, *self.makes)


STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage(
            "mutagenizer",
            "Library",
            "the library of mutated sequences",
            MutagenizerParameters,
            needs=(),
            makes=("library",),
            words="a library",
            share=0.02,
            asks_model=True,
        ),
        Stage(
            "compiler",
            "Table",
            "the table",
            CompilerParameters,
            needs=("library",),
            makes=("table",),
            words="a table",
            share=0.02,
            updates=("library",),
            # the predictions come in the pass that makes the maps
            after=("attributer",),
            asks_model=True,
            packages=("pandas",),
        ),
        Stage(
            "attributer",
            "Attribution maps",
            "the attribution maps",
            AttributerParameters,
            needs=("library",),
            makes=("maps",),
            words="attribution maps",
            share=0.45,
            updates=("library", "table"),
            asks_model=True,
        ),
        Stage(
            "clusterer",
            "Clusters",
            "the mechanisms",
            ClustererParameters,
            needs=("maps",),
            makes=("linkage", "embedding", "clustering"),
            words="clusters",
            share=0.35,
        ),
        Stage(
            "meta_explainer",
            "Mechanisms",
            "what each mechanism is",
            MetaExplainerParameters,
            needs=("library", "table", "maps", "clustering"),
            makes=("explanation",),
            words="an explanation of the clusters",
            share=0.04,
            packages=("numba", "scipy"),
        ),
        Stage(
            "identifier",
            "Sites",
            "binding sites",
            IdentifierParameters,
            needs=("explanation",),
            makes=("sites",),
            words="binding sites",
            share=0.02,
            packages=("pandas", "scipy"),
        ),
        Stage(
            "experimenter",
            "Test on the model",
            "the model asked again about each site, and whether to trust the findings",
            ExperimenterParameters,
            needs=("library", "table", "explanation", "sites"),
            makes=("trust", "experiments"),
            words="experiments",
            share=0.10,
            # bounds follow what matters, missed sites are added
            updates=("sites",),
            asks_model=True,
            packages=("pandas", "scikit-learn", "scipy"),
        ),
    )
}
STAGE_NAMES: tuple[str, ...] = tuple(STAGES)

# What a configuration, a recipe and a command line have parameters of.
PARTS: dict[str, type[Parameters]] = {
    "oracle": OracleParameters,
    **{stage.name: stage.parameters for stage in STAGES.values()},
}


def _run_order() -> tuple[str, ...]:
    """Every stage after those that make what it needs; otherwise as declared."""
    order: list[str] = []
    while len(order) < len(STAGES):
        for stage in STAGES.values():
            before = {maker(slot).name for slot in stage.needs} | set(stage.after)
            if stage.name not in order and before <= set(order):
                order.append(stage.name)
                break
    return tuple(order)


def maker(slot: str) -> Stage:
    """The stage that makes a record."""
    return next(stage for stage in STAGES.values() if slot in stage.makes)


RUN_ORDER = _run_order()
SLOTS: tuple[str, ...] = tuple(slot for stage in STAGES.values() for slot in stage.makes)


def in_run_order(names: Iterable[str]) -> tuple[str, ...]:
    """The stages named, in the order in which they run."""
    wanted = set(names)
    return tuple(name for name in RUN_ORDER if name in wanted)


def from_stage_on(name: str) -> tuple[str, ...]:
    """A stage and all that follow it in a run."""
    return RUN_ORDER[RUN_ORDER.index(name) :]


def dependents(slot: str) -> tuple[str, ...]:
    """Records that stages make of this one."""
    return tuple(
        record for stage in STAGES.values() if slot in stage.needs for record in stage.makes
    )


def _made_of(slot: str) -> tuple[str, ...]:
    stale: set[str] = set()
    todo = [slot]
    while todo:
        new = set(dependents(todo.pop())) - stale
        stale |= new
        todo += new
    return in_run_order(maker(record).name for record in stale)


# What is run anew where the maps are given, and what makes them and their table.
AFTER_MAPS = _made_of("maps")
UNTIL_MAPS = tuple(name for name in RUN_ORDER if name not in AFTER_MAPS)
