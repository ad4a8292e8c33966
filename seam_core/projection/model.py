"""The model that a session was made with, and whether it is still the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seam_core import models
from seam_core.attributer import oracle_of_sequences
from seam_core.frameworks import load_oracle
from seam_core.oracles import Oracle, prepare
from seam_core.parameters import AttributerParameters, OracleParameters
from seam_core.provenance import described_inputs, input_files
from seam_core.session import Session
from seam_core.validate import InputError, SeamError

TOLERANCE = 0.01
"""Of the spread of the library's activity: what a model may differ by from what it answered."""

_ROWS = 8
# of patterns, several files, and functions of a module
_NO_PLAIN_PATH = set("*?[;:")


def oracle_of(
    session: Session, parameters: OracleParameters | None = None, *, device: str = "auto"
) -> Oracle:
    """The session's model, after checking that it is the one that the session was made with.

    Parameters
    ----------
    parameters : where the model lies now; None: where the session says

    Raises
    ------
    InputError
        The session names no model; it is not there; it is another one: by the sum of its file, or
        by what it answers for sequences of the library.
    TrustError
        Its file runs code, or a file names code, and the user did not agree.
    """
    wanted = parameters if parameters is not None and parameters.model else session.oracle
    if wanted is None or not wanted.model:
        raise InputError(
            "model",
            "a session that names no model",
            "a session made with a model, or the option --model",
        )
    located = models.located(wanted)
    _check_there(session, located.model)
    _check_sums(session, located)
    oracle = load_oracle(located, device=device)
    check_model(session, oracle)
    return oracle


def check_model(session: Session, oracle: Oracle) -> None:
    """Raise `InputError` where the oracle answers otherwise than when the session was made."""
    library = session.library
    if library is None or library.predictions is None:
        return
    parameters = session.maps.parameters if session.maps is not None else None
    asked = oracle_of_sequences(oracle, parameters or AttributerParameters(), library)
    prepare(asked, library)
    rows = np.unique(np.linspace(0, len(library) - 1, _ROWS).astype(int))
    encoded = np.concatenate([library.encode(int(row), int(row) + 1) for row in rows])
    try:
        answers = np.asarray(asked.predict(encoded), np.float64)
    except SeamError as error:
        raise InputError("model", f"a model that fails ({error})", "the session's model") from error
    known = library.predictions[rows].astype(np.float64)
    spread = float(np.std(library.predictions)) or float(np.abs(known).max()) or 1.0
    worst = int(np.nanargmax(np.abs(answers - known)))
    if not np.abs(answers - known)[worst] <= TOLERANCE * spread:
        raise InputError(
            "model",
            f"{answers[worst]:.4g} for sequence {rows[worst]} of the library",
            f"{known[worst]:.4g}, as the session's model answered: this is another model",
        )


def _check_there(session: Session, model: str) -> None:
    """Raise `InputError` where the session's model was a file that is there no more."""
    was_file = "model" in session.provenance.inputs and not set(model) & _NO_PLAIN_PATH
    if was_file and not Path(model).exists():
        expected = "the session's model; the option --model says where it lies now"
        raise InputError("model", "no such file", expected, model)


def _check_sums(session: Session, located: OracleParameters) -> None:
    known = session.provenance.inputs
    given = described_inputs(input_files(located, ""))
    for role in given:
        if "sha256" not in known.get(role, {}):
            continue
        if known[role]["sha256"] != given[role]["sha256"]:
            raise InputError(
                role,
                f"a file with the SHA-256 sum {given[role]['sha256'][:12]}…",
                f"{known[role]['sha256'][:12]}…, the {role} that the session was made with",
                given[role]["path"],
            )
