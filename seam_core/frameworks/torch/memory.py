"""What a map takes in memory of a PyTorch module: its tensors counted while it is asked."""

from __future__ import annotations

import json
import os
import select
import signal
import warnings
import weakref
from typing import Any

import numpy as np

from seam_core.frameworks.torch.runtime import import_torch
from seam_core.validate import FOREIGN, InputError, SeamError

# Letters from which a sequence is asked about without its numbers, in a process of its own: shorter
# ones are really asked, which takes less than the import of what does without.
WITHOUT_NUMBERS = 32_768
# Seconds of the processor that this may take; its tensors have no numbers, so that their size does
# not matter. A process that takes none of it for so many seconds stands still.
PATIENCE_S, STILL_S = 30.0, 10.0


def bytes_of_map(oracle: Any, length: int) -> int | None:
    """Most bytes of tensors that a gradient (else a prediction) of one sequence holds at once.

    Beside the weights. None where the module does not answer.

    Parameters
    ----------
    oracle : a `TorchOracle`; of a long sequence it then knows its heads

    Raises
    ------
    InputError
        A head, column or reduction that a long sequence would be refused for.
    """
    if oracle.needs_component:  # which the library is asked for first
        return None
    known = _without_numbers(oracle, length) if length >= WITHOUT_NUMBERS else {}
    if "refused" in known:
        raise InputError(*known["refused"])
    if known:
        oracle.explained.heads = tuple((name, tuple(shape)) for name, shape in known["heads"])
        return int(known["bytes"])
    letters = np.zeros((oracle.fixed_batch or 1, length, oracle.n_letters), dtype=np.float32)
    letters[..., 0] = 1
    try:
        return _counted(oracle, oracle.tensor(letters)) // len(letters)
    except (SeamError, *FOREIGN):
        return None


def _without_numbers(oracle: Any, length: int) -> dict[str, Any]:
    """`bytes` and `heads`, or why it is `refused`, from shapes alone.

    Nothing where the module needs numbers, or no process can be forked: in a child, as some modules
    keep tensors that they made, and these have no numbers.
    """
    if not hasattr(os, "fork") or oracle.device.type != "cpu" or oracle.fixed_batch:
        return {}
    reader, writer = os.pipe()
    with warnings.catch_warnings():  # of threads, none of which the child needs
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:  # never returns into what the parent does
        try:
            os.close(reader)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.write(writer, json.dumps(_by_shapes(oracle, length)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as pipe:
            said = pipe.read() if _answers(pipe, child) else b""
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    known: dict[str, Any] = json.loads(said or b"{}")
    return known


def _answers(pipe: Any, child: int) -> bool:
    """Whether the child process says something, however slow a busy machine makes it."""
    import psutil

    spent = 0.0
    while not select.select([pipe], [], [], STILL_S)[0]:
        now = sum(psutil.Process(child).cpu_times()[:2])
        if now <= spent or now > PATIENCE_S:
            return False
        spent = now
    return True


def _by_shapes(oracle: Any, length: int) -> dict[str, Any]:
    from torch._subclasses.fake_tensor import FakeTensorMode

    torch = import_torch()
    try:
        with FakeTensorMode(allow_non_fake_inputs=True):
            tensor = torch.zeros((1, length, oracle.n_letters), dtype=oracle.dtype)
            return {"bytes": _counted(oracle, tensor), "heads": oracle.heads}
    except InputError as error:
        return {"refused": (error.field, error.got, error.expected, error.source)}


def _counted(oracle: Any, tensor: Any) -> int:
    torch = import_torch()
    live = _live_bytes()
    with live:
        if oracle.capabilities.gradient is None:
            with torch.no_grad():
                oracle.scalar(tensor)
        else:
            # what a gradient needs is held until here; on the way back two tensors more are
            held = oracle.scalar(tensor.requires_grad_(True).clone())
            del held
    peak: int = live.peak + 2 * live.largest
    return peak


def _live_bytes() -> Any:
    """A context that counts the bytes of the tensors made in it, as long as they are held."""
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    torch = import_torch()

    class LiveBytes(TorchDispatchMode):
        def __init__(self) -> None:
            super().__init__()
            self.peak = self.largest = self._now = 0
            self._held: dict[int, int] = {}

        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            """PyTorch's compiler, which would be imported for that, is not used here."""
            return False

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            for each in tree_leaves((args, kwargs)):  # weights, of which views are made
                self._hold(each, counted=False)
            made = func(*args, **(kwargs or {}))
            for each in tree_leaves(made):
                self._hold(each, counted=True)
            return made

        def _hold(self, tensor: Any, *, counted: bool) -> None:
            if not isinstance(tensor, torch.Tensor) or tensor.layout != torch.strided:
                return
            storage = tensor.untyped_storage()
            name = storage._cdata
            if name not in self._held:
                size = storage.nbytes() if counted else 0
                self._held[name] = size
                self._now += size
                self.largest = max(self.largest, size)
                self.peak = max(self.peak, self._now)
                weakref.finalize(storage, self._let_go, name).atexit = False

        def _let_go(self, name: int) -> None:
            self._now -= self._held.pop(name)

    return LiveBytes()
