"""One stage after another on one session: asks the oracle once, keeps times, saves."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seam_core import mapping, models, store
from seam_core.oracles import Oracle
from seam_core.oracles.members import innermost, note_of
from seam_core.oracles.table import TableOracle
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.pipeline import placing
from seam_core.pipeline.config import Reference, RunConfig, read_reference
from seam_core.pipeline.folders import claimed, maps_file
from seam_core.pipeline.measured import check_measured, is_table
from seam_core.pipeline.reuse import same_embedding, same_linkage
from seam_core.progress import PartOfProgress, Progress
from seam_core.provenance import (
    described_inputs,
    input_files,
    packages_of,
    peak_memory_mb,
    versions_of,
)
from seam_core.records import Library, Provenance
from seam_core.session import Session
from seam_core.stages import STAGE_NAMES, STAGES, maker
from seam_core.store.files import not_writable
from seam_core.validate import InputError, OracleError

if TYPE_CHECKING:
    from seam_core.identifier import SitesShown

# A session is saved between stages once this many seconds of work are not.
SAVE_AFTER_S = 20.0

# Libraries that are made by asking the oracle; all others never wait for it.
SEARCHING_LIBRARIES = ("optimized",)


def lacking_records(session: Session, order: Iterable[str]) -> list[str]:
    """Records that a run of these stages needs, does not make, and that are not there."""
    products = {slot for stage in order for slot in STAGES[stage].makes}
    needed = dict.fromkeys(slot for stage in order for slot in STAGES[stage].needs)
    return [slot for slot in needed if slot not in products and getattr(session, slot) is None]


class Engine:
    """Runs stages for one call of `run`: loads the oracle once, keeps times, saves."""

    def __init__(
        self, config: RunConfig, folder: Path | str | None, oracle: Oracle | None = None
    ) -> None:
        self.config = config
        self.folder = None if folder is None else store.resolved(folder)
        self._claim: store.Claim | None = None
        self._oracle = oracle
        self._unsaved_s = 0.0
        self._read: dict[str, dict[str, str]] | None = None
        self._scratch: Path | None = None
        self._began = time.perf_counter()
        self._saved = ""
        self.keep_maps = False

    def check_before(self, session: Session, order: Sequence[str]) -> None:
        """Raise what can be known to be wrong before anything is computed."""
        if self.folder is not None:
            store.check_target(self.folder)
            self._claim = claimed(self.folder)
        for slot in lacking_records(session, order):
            expected = f"{maker(slot).words}; run the {maker(slot).name} first"
            raise InputError(slot, "nothing", expected)
        if self._oracle is None and self._is_table():
            check_measured(self.config, order)
        if "mutagenizer" in order and len(order) > 1:
            self._check_length(self._named.letters)
            if self.config.mutagenizer.library == "two_hot" and "meta_explainer" in order:
                raise InputError(
                    "library",
                    "two_hot, with the stage meta_explainer",
                    "the stages mutagenizer, attributer, compiler and clusterer: clusters of "
                    "genotypes are not summarised",
                )

    def _check_length(self, reference: np.ndarray | None) -> None:
        if self.config.attributer.context:
            # the model takes the context, of which the sequences are a part
            return
        length = self.oracle(None).length
        if reference is not None and length is not None and len(reference) != length:
            raise InputError(
                "sequence",
                f"{len(reference)} letters",
                f"{length}, the length that the model takes",
                self.config.oracle.model,
            )

    def oracle(self, session: Session | None) -> Oracle:
        """The oracle of the configuration, else the session's; loaded once."""
        if self._oracle is None:
            asked, reference = self.oracle_parameters(session), self._reference(session)
            self._oracle, _ = placing.opened(asked, self.config.attributer, reference)
        return self._oracle

    @cached_property
    def _named(self) -> Reference:
        """The reference that the configuration names, read once a run."""
        return read_reference(self.config)

    def _reference(self, session: Session | None) -> Reference:
        """The configuration's; without one, the first sequence of the session's library."""
        reference = self._named
        if reference.letters is None and session is not None and session.library is not None:
            letters = session.library.sequences[0]
            return reference._replace(letters=letters, locus=session.locus)
        return reference

    def _in_context(self, session: Session) -> AttributerParameters:
        """How maps are made, with the letters of the context that is named."""
        oracle, reference = self.oracle(session), self._reference(session)
        how = placing.around_pattern(self.config.attributer, session.library)
        return placing.in_context(how, self.oracle_parameters(session), oracle, reference)

    def _answers(self, session: Session, library: Library) -> Oracle:
        """What answers for sequences like the library's."""
        from seam_core.attributer import oracle_of_sequences

        return oracle_of_sequences(self.oracle(session), self._in_context(session), library)

    def oracle_parameters(self, session: Session | None) -> OracleParameters:
        if self.config.oracle.model:
            return self.config.oracle
        if session is not None and session.oracle is not None and session.oracle.model:
            return session.oracle
        raise InputError(
            "model", "nothing", "a model file, module:function or a table of measurements"
        )

    def run_stage(self, stage: str, session: Session, progress: Progress) -> Session:
        began = time.perf_counter()
        maps = None if session.maps is None else session.maps.maps
        with mapping.trusted(maps, "maps"):
            session = getattr(self, f"_{stage}")(session, progress)
        seconds = time.perf_counter() - began
        session = self._with_provenance(session, stage, seconds)
        self._unsaved_s += seconds
        if self._unsaved_s > SAVE_AFTER_S:
            session = self.save(session)
            self._saved = stage
        return session

    def save(self, session: Session) -> Session:
        """Write the session, if there is a folder for it; an error says what is kept of the run."""
        if self.folder is None or self._unsaved_s == 0.0:
            return session
        try:
            saved = store.save(session, self.folder)
        except InputError as error:
            if type(error) is not InputError:
                raise
            expected = f"{error.expected}; {self._kept(session)}"
            raise InputError(error.field, error.got, expected, error.source) from error
        self._unsaved_s = 0.0
        return saved

    def _kept(self, session: Session) -> str:
        """Keep the maps that this run made; what is there of it, in words."""
        if session.maps is not None and self._scratch is not None:
            self.keep_maps = True
            kept = f"the {len(session.maps.maps):,} maps are kept in {self._scratch}"
        elif self._saved:
            kept = f"the session is saved as it was after the {self._saved}"
        else:
            return "nothing of this run is kept"
        return f"{kept}, and the same run goes on from there"

    def keep(self, session: Session, error: OracleError) -> bool:
        """What the oracle answered before it failed; True where the maps are in a saved session."""
        self.keep_maps = len(error.finished) > 0
        if session.maps is None or self._unsaved_s == 0.0 or self.folder is None:
            return False
        try:
            self.save(session)
        except (OSError, InputError):
            return False  # what the oracle said is what the user must hear
        return True

    def close(self, *, finished: bool) -> None:
        """Remove the maps' first file, unless a stopped run can save much time with it."""
        worth_keeping = self.keep_maps or time.perf_counter() - self._began > SAVE_AFTER_S
        if self.folder is None or self._claim is None:
            return
        if finished or (self._scratch is not None and not worth_keeping):
            # also what a run left that was stopped later than its maps
            shutil.rmtree(maps_file(self.folder).parent, ignore_errors=True)
        self._claim.release()

    def _with_provenance(self, session: Session, stage: str, seconds: float) -> Session:
        old = session.provenance
        timings = {
            name: s
            for name, s in old.timings_s.items()
            if name in STAGES and getattr(session, STAGES[name].record) is not None
        }
        timings[stage] = seconds
        packages = {name: old.packages[name] for name in timings if name in old.packages}
        asked = self._oracle if STAGES[stage].asks_model else None
        packages[stage] = packages_of(session, stage, asked=asked)
        before = {name for kept in packages.values() for name in kept}
        versions = {name: old.versions[name] for name in before if name in old.versions}
        provenance = Provenance(
            inputs={**old.inputs, **self._inputs(stage)},
            versions={**versions_of(()), **versions, **versions_of(packages[stage])},
            timings_s={name: timings[name] for name in STAGE_NAMES if name in timings},
            peak_mb=max(old.peak_mb, peak_memory_mb()),
            packages={name: packages[name] for name in STAGE_NAMES if name in packages},
        )
        return replace(session, provenance=provenance)

    def _inputs(self, stage: str) -> dict[str, dict[str, str]]:
        """Files that a stage read; those of the model where it was asked."""
        if not STAGES[stage].asks_model:
            return {}
        if self._read is None:
            files = input_files(models.located(self.config.oracle), self.config.sequence)
            self._read = described_inputs(files)
        role = next((role for role in self._read if role.startswith("model")), None)
        if role is None or self._oracle is None:
            return self._read
        explained = getattr(innermost(self._oracle)[0], "explained", None)
        if explained is not None and explained.heads:
            # by name: the order of a file's heads may be another in another version
            self._read[role] = {**self._read[role], "explained": explained.said()}
        if note := note_of(self._oracle):
            self._read[role] = {**self._read[role], "note": note}
        return self._read

    def _mutagenizer(self, session: Session, progress: Progress) -> Session:
        from seam_core.mutagenizer import Mutagenizer

        parameters = self.config.mutagenizer
        name, reference, locus, _ = self._named
        asks = parameters.library in SEARCHING_LIBRARIES or self._is_table()
        oracle = self.oracle(session) if asks else None
        if reference is None and parameters.sequence_length is None and self.config.oracle.model:
            parameters = parameters.replace(sequence_length=self.oracle(session).length)
        library = Mutagenizer(parameters).run(
            reference, alphabet=self.config.oracle.alphabet, oracle=oracle, progress=progress
        )
        new = Session(name=name, locus=locus, state=session.state).with_record("library", library)
        return replace(new, oracle=self.config.oracle if self.config.oracle.model else None)

    def _is_table(self) -> bool:
        """Whether the oracle is a table of measurements, which libraries are drawn from."""
        if self._oracle is not None:
            return isinstance(self._oracle, TableOracle)
        return is_table(self.config.oracle)

    def _attributer(self, session: Session, progress: Progress) -> Session:
        from seam_core.attributer import Attributer
        from seam_core.pipeline.estimate import tell_memory

        oracle, how = self.oracle(session), self._in_context(session)
        assert session.library is not None
        tell_memory(oracle, how, session.library, progress)
        maps, predictions = Attributer(oracle, how).run(
            session.library, out=self._maps_file(), progress=progress
        )
        if session.library.predictions is None or self._asks_another_oracle(session):
            library = replace(session.library, predictions=predictions)
            session = replace(session.with_record("library", library), table=None)
        session = session.with_record("maps", maps)
        return replace(session, oracle=self._oracle_said(session))

    def _oracle_said(self, session: Session) -> OracleParameters:
        """As the session keeps it: the positions of features, not their file."""
        return placing.resolved(self.oracle_parameters(session), self.oracle(session))

    def _maps_file(self) -> Path | None:
        """Where the maps are written as they come; its folder is made."""
        if self.folder is None:
            return None
        file = maps_file(self.folder)
        self._scratch = file.parent
        # what an earlier run left took longer than this one has
        self.keep_maps = self.keep_maps or file.exists()
        try:
            self._scratch.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_writable(Path(self.folder), error) from error
        return file

    def _asks_another_oracle(self, session: Session) -> bool:
        asked = session.oracle
        return asked is not None and asked != self._oracle_said(session)

    def _compiler(self, session: Session, progress: Progress) -> Session:
        from seam_core.compiler import Compiler
        from seam_core.oracles import predict_backgrounds, predict_library
        from seam_core.pipeline.asking import spread_over_folds

        library = session.library
        assert library is not None
        if library.predictions is None:
            predictions = predict_library(
                self._answers(session, library), library, progress=progress
            )
            library = replace(library, predictions=predictions)
            # the sequences are the same, so what was made from them stays
            session = replace(session, library=library, oracle=self._oracle_said(session))
        backgrounds = None
        if library.backgrounds is not None and self.config.compiler.background_effect:
            backgrounds = predict_backgrounds(
                self._answers(session, library), library, progress=progress
            )
        spread = None
        if self._oracle is not None:  # it is not opened for this alone
            spread = spread_over_folds(self._oracle, self._in_context(session), library, progress)
        table = Compiler(self.config.compiler).run(
            library, background_predictions=backgrounds, spread=spread, progress=progress
        )
        return session.with_record("table", table)

    def _clusterer(self, session: Session, progress: Progress) -> Session:
        from seam_core.clusterer import Clusterer, is_tree

        parameters, maps = self.config.clusterer, session.maps
        assert maps is not None
        clusterer = Clusterer(parameters)
        if parameters.embedding != "none" and not same_embedding(session, parameters):
            part = PartOfProgress(progress, 0.0, 0.5)
            session = session.with_record("embedding", clusterer.embed(maps, progress=part))
        makes_tree = is_tree(parameters.clustering)
        if makes_tree and not same_linkage(session, parameters):
            part = PartOfProgress(progress, 0.5, 0.9)
            session = session.with_record("linkage", clusterer.link(maps, progress=part))
        clustering = clusterer.cluster(
            maps,
            embedding=session.embedding,
            linkage=session.linkage if makes_tree else None,
            activity=session.activity,
            shown=self._sites_shown(session),
            progress=PartOfProgress(progress, 0.9, 1.0),
        )
        return session.with_record("clustering", clustering)

    def _sites_shown(self, session: Session) -> SitesShown | None:
        """Tells the sites that clusters show, where there are sequences to tell it from."""
        from seam_core.identifier import SitesShown

        library, maps = session.library, session.maps
        if library is None or maps is None:
            return None
        return SitesShown(library, range(maps.start, maps.stop), self.config.identifier)

    def _meta_explainer(self, session: Session, progress: Progress) -> Session:
        from seam_core.meta_explainer import MetaExplainer

        assert session.library is not None
        assert session.table is not None
        assert session.maps is not None
        assert session.clustering is not None
        explanation = MetaExplainer(self.config.meta_explainer).run(
            session.library, session.table, session.maps, session.clustering, progress=progress
        )
        return session.with_record("explanation", explanation)

    def _identifier(self, session: Session, progress: Progress) -> Session:
        from seam_core.identifier import Identifier

        assert session.explanation is not None
        sites = Identifier(self.config.identifier).run(
            session.explanation,
            library=session.library,
            table=session.table,
            clustering=session.clustering,
            maps=session.maps,
            progress=progress,
        )
        return session.with_record("sites", sites)

    def _experimenter(self, session: Session, progress: Progress) -> Session:
        from seam_core.pipeline.asking import with_experiments

        parameters, oracle, note = self.config.experimenter, None, ""
        if parameters.experiments:
            try:
                oracle = self.oracle(session)
            except InputError as error:
                # findings stand without: sites are marked as not asked
                note = f"cannot be asked: {error}"
        return with_experiments(session, oracle, parameters, progress, note=note)
