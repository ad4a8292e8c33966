"""Whether a model answers the same sequence alike each time: one left in training mode does not."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import numpy as np

from seam_core.oracles.capabilities import capabilities_of
from seam_core.oracles.members import innermost
from seam_core.oracles.protocol import Oracle
from seam_core.records import Library
from seam_core.validate import OracleError, SeamError

# Answers to the same sequence may differ by this share of their size: the order of sums does that.
TOLERANCE = 1e-3
_FOUND = "answers_alike"
# States of random generators.
Drawn = tuple[Any, ...]
_ASKED = (2, 16)


def unsteady(oracle: Oracle, one_hot: np.ndarray) -> str:
    """What is wrong where sequences are answered otherwise when they are asked again, or alone.

    Parameters
    ----------
    one_hot : (n, L, A) float32, a few

    Returns
    -------
    A message; "" where they are answered alike, or not by numbers.
    """
    together = np.asarray(oracle.predict(one_hot))
    if together.shape != (len(one_hot),):
        return ""
    # this tells both; which it is, is asked only where the answers differ
    alone = np.concatenate([np.ravel(oracle.predict(row[None])) for row in one_hot])
    if not _apart(together, alone):
        return ""
    before = _state(oracle)
    again = np.asarray(oracle.predict(one_hot))
    changed = _changed(before, _state(oracle)) if _apart(together, again) else ""
    if changed:
        return (
            f"prediction: differs when it is asked again ({_said(together)}, then {_said(again)}): "
            f"the model changes its {changed} while it is asked (in training mode?); give one that "
            "does not, as by --model file.py:function"
        )
    if _apart(together, again):
        return (
            f"prediction: is random ({_said(together)}, asked again {_said(again)}); is the "
            "model in training mode (dropout that is on)?"
        )
    return (
        "prediction: depends on the other sequences of the batch "
        f"({_said(together)} together, {_said(alone)} alone); is the model in training "
        "mode?"
    )


def _state(oracle: Oracle) -> dict[str, bytes]:
    """What the model may keep of what it was asked, by name, where it says."""
    states: list[dict[str, bytes]]
    states = [getattr(each, "state", dict)() for each in innermost(oracle)]
    return {name: value for state in states for name, value in state.items()}


def _changed(before: dict[str, bytes], after: dict[str, bytes]) -> str:
    names = [name for name, value in after.items() if before.get(name) != value]
    return ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")


def _said(answers: np.ndarray) -> str:
    return f"[{', '.join(f'{each:.7g}' for each in answers)}]"


def _apart(answers: np.ndarray, others: np.ndarray) -> bool:
    """Are the same sequences answered otherwise? What is not finite is another's to tell."""
    if answers.shape != others.shape or not np.isfinite([answers, others]).all():
        return False
    size = max(np.abs(answers).max(), 1e-6)
    return bool(np.abs(answers - others).max() > TOLERANCE * size)


def check_steady(oracle: Oracle, library: Library) -> None:
    """Raise `OracleError` where a library would be answered at random; asked once of each model.

    Two sequences are asked; more where these are not answered alike, as answers near zero differ by
    much of their own size and little of the others'. A model that fails here is left to the run,
    which names what it was asked: the same failure is told alike whether it is asked here or not.
    """
    if len(library) == 0 or is_steady(oracle):
        return
    message = ""
    for n in _ASKED:
        rows = np.unique(np.linspace(0, len(library) - 1, n).astype(int))
        few = np.concatenate([library.encode(row, row + 1) for row in rows])
        try:
            message = unsteady(oracle, few)
        except SeamError:
            return
        if not message:
            break
    if message:
        raise OracleError(message)
    _note(oracle)


def is_steady(oracle: Oracle) -> bool:
    """Was it asked before, and answered alike?"""
    return all(getattr(each, _FOUND, False) for each in innermost(oracle))


def _note(oracle: Oracle) -> None:
    for each in innermost(oracle):
        with contextlib.suppress(AttributeError):  # slots of another package's oracle
            object.__setattr__(each, _FOUND, True)


def check_answers(
    oracle: Oracle, library: Library, answers: np.ndarray, drawn_before: Drawn | None
) -> None:
    """`check_steady` where the first of the library were answered anyway: one more is asked.

    Of a single sequence none where it can be seen that no random number was drawn for it.

    Parameters
    ----------
    answers : (n,) the predictions of the first n sequences, asked together
    drawn_before : what `drawn` said before these were asked
    """
    if is_steady(oracle):
        return
    if len(answers) > 1 or drawn_before is None or drawn_before != drawn(oracle):
        # a graph that gave gradients is there already; that of predictions may take long to make
        gradient = capabilities_of(oracle).gradient if drawn_before is None else None
        first = library.encode(0, 1)
        alone = np.ravel(gradient(first)[0] if gradient else oracle.predict(first))
        if _apart(answers[:1], alone):
            check_steady(oracle, library)
            return
    _note(oracle)


def drawn(oracle: Oracle) -> Drawn | None:
    """The states of the generators that modules draw from; other ones after they drew.

    None where some of the models draw from elsewhere, as TensorFlow's do.
    """
    known = [getattr(capabilities_of(each), "draws", None) for each in innermost(oracle)]
    if not all(known):
        return None
    state: Any = np.random.get_state()  # noqa: NPY002 what modules of others draw from
    name, keys, *rest = state
    own = [draws() for draws in known if draws]
    return random.getstate(), (name, keys.tobytes(), *rest), own
