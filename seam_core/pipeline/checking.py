"""The check of a model as one table, whose rows are told as soon as they are known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from seam_core import models
from seam_core.attributer import oracle_of_sequences
from seam_core.experiments.expected import USUAL_SITES
from seam_core.experiments.questions import Measured
from seam_core.families import Question, proposed
from seam_core.frameworks.signature import family_of, family_rows
from seam_core.oracles import ModelCheck, Oracle, check_oracle
from seam_core.oracles.patience import PATIENCE_S, Patience
from seam_core.parameters import AttributerParameters
from seam_core.pipeline.config import RunConfig, read_reference
from seam_core.pipeline.estimate import (
    estimate_row,
    experiments_row,
    rows_by_method,
    seconds_by_calls,
)
from seam_core.pipeline.placing import asked_about, opened
from seam_core.progress import SILENT, PartOfProgress, Progress
from seam_core.registry import ATTRIBUTIONS, FAMILIES
from seam_core.trust import TrustError
from seam_core.validate import InputError, OracleError, SeamError

# A row of the table: what, and what is said of it.
Tell = Callable[[str, str], None]
# Rows that later answers change.
UNSETTLED = ("predict", "gradient takes", "numbers", "not asked")
# Share of the work that a check is where maps are made after it.
OF_THE_CHECK = 0.2


@dataclass(frozen=True)
class CheckedModel:
    """What came of a check, beside its table.

    heads : names of the model's outputs
    family : its name, "" where none is known
    question : how it was asked beside what the user set; None: as the user set it
    problems : what is wrong, a message each; none of them when it may run
    """

    heads: tuple[str, ...]
    family: str
    problems: tuple[str, ...]
    question: Question | None = None


def check_model(
    config: RunConfig,
    tell: Tell,
    *,
    n_sequences: int,
    length: int | None = None,
    method: bool = False,
    patience_s: float = PATIENCE_S,
    said: Collection[str] | None = None,
    progress: Progress = SILENT,
) -> CheckedModel:
    """Ask the model that a configuration names, and tell the rows of a table, each once.

    Parameters
    ----------
    n_sequences : of the library that time is told for
    length : to ask about, where the model takes any and there is no sequence
    method : a few maps are made by the configuration's method, and timed; False: time and memory
        are told by every method, from its calls
    patience_s : after so many seconds from when the model is open nothing more is begun
    said : parameters of the oracle that the user set; a model that fails is asked as `proposed`
        says beside these, and a row tells it. None: it is not asked again

    Raises
    ------
    InputError, TrustError, MissingPackageError
        The model does not open; what is known of its family was told before.
    """
    table = _Table(tell)
    asked = partial(
        _checked,
        n_sequences=n_sequences,
        length=length,
        method=method,
        patience=Patience(patience_s),
        progress=progress,
    )
    if said is None:
        return asked(config, table)
    failed, checked = None, CheckedModel((), "", ())
    try:
        checked = asked(config, table)
    except TrustError:
        raise
    except (InputError, OracleError) as error:
        failed = error
    wrong = checked.problems if failed is None else (str(failed),)
    family = FAMILIES.find(checked.family) if checked.family else None
    if failed is not None:
        family = family_of(models.located(config.oracle))
    question = proposed(family, wrong, said) if wrong else None
    if question is not None:
        table = _Table(tell, table.told)
        row = f"{question.options()} (proposed here; a run must be told)"
        table.add([("asked with", row)])
        how = f"asked with {question.options()}"
        try:
            checked = asked(replace(config, oracle=question.applied(config.oracle)), table)
        except (InputError, OracleError) as error:
            raise OracleError(f"{how}: {error}") from error
        problems = tuple(f"{how}: {each}" for each in checked.problems)
        return replace(checked, problems=problems, question=question)
    if failed is not None:
        raise failed
    return checked


def _checked(
    config: RunConfig,
    table: _Table,
    *,
    n_sequences: int,
    length: int | None,
    method: bool,
    patience: Patience,
    progress: Progress,
) -> CheckedModel:
    """See `check_model`."""
    parameters = models.located(config.oracle)
    if length:
        parameters = parameters.replace(input_length=length)
    reference = read_reference(config)
    try:
        oracle, how = opened(parameters, config.attributer, reference)
    except SeamError:  # the family may say what is lacking
        table.add(family_rows(family_of(parameters), parameters.model))
        raise
    patience.begin()
    family = family_of(parameters, oracle=oracle)
    table.add(family_rows(family, parameters.model))
    alphabet = config.oracle.alphabet
    library = asked_about(reference, alphabet)
    asked = oracle if library is None else oracle_of_sequences(oracle, how, library)
    if library is None and oracle.length is None and not parameters.input_length and family:
        length = family.length or None
    report = check_oracle(
        asked,
        library,
        length=length,
        n_sequences=n_sequences,
        alphabet=alphabet,
        gradients=not method or ATTRIBUTIONS.get(how.method).needs_gradient,
        patience=patience,
        told=lambda found: table.add(row for row in found.rows() if row[0] not in UNSETTLED),
        progress=PartOfProgress(progress, 0.0, OF_THE_CHECK),
    )
    table.add(report.rows())
    checked = CheckedModel(
        heads=tuple(str(name) for name, _ in report.heads),
        family="" if family is None else family.name,
        problems=report.problems,
    )
    if not report.ok:
        return checked
    rest = PartOfProgress(progress, OF_THE_CHECK, 1.0)
    asks = config.experimenter.experiments and not isinstance(asked, Measured)
    if asks and np.isfinite(report.predict_s):
        window = range(report.input_shape[0])
        row = experiments_row(report.predict_s, USUAL_SITES, window, config.experimenter)
        table.add([row])
    if not method:
        _by_method(table, report, how, asked, patience, rest)
    elif not patience.suffices(2 * np.nan_to_num(seconds_by_calls(how.method, report, how))):
        said = f"there was no time left for one in the {patience.seconds:g} s of the check"
        rows = rows_by_method(report, how, asked, patience, only=how.method)
        table.add([("a map", said), *rows])
    else:
        letters = config.mutagenizer.replace(
            sequence_length=length or config.mutagenizer.sequence_length
        )
        config = replace(config, attributer=how, mutagenizer=letters)
        row = estimate_row(
            config, oracle, reference.letters, report, patience=patience, progress=rest
        )
        table.add([row])
    return checked


class _Table:
    """Rows as soon as they are known, each once; and those that an earlier table told as well."""

    def __init__(self, tell: Tell, earlier: Mapping[str, str] | None = None) -> None:
        self._tell, self._earlier = tell, earlier or {}
        self.told: dict[str, str] = {}

    def add(self, rows: Iterable[tuple[str, str]]) -> None:
        """Tell those whose name was not told before."""
        for what, said in rows:
            if what not in self.told:
                self.told[what] = said
                if self._earlier.get(what) != said:
                    self._tell(what, said)


def _by_method(
    table: _Table,
    report: ModelCheck,
    how: AttributerParameters,
    asked: Oracle,
    patience: Patience,
    progress: Progress,
) -> None:
    said = "time if the model is asked call by call; memory with the program's own"
    table.add([("a map by method", said)])
    for done, row in enumerate(rows_by_method(report, how, asked, patience)):
        table.add([row])
        progress.update(done + 1, len(ATTRIBUTIONS.names()) + 1, f"{row[0]} tried")
