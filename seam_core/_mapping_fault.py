"""The machine code that answers a fault in a mapped file; see `seam_core.mapping`.

A signal handler may call next to nothing, and the thread it interrupts may be one of a library's
that Python does not know. So it is compiled, and keeps to a table of numbers and two system calls.
"""

from __future__ import annotations

import sys
from typing import Any

from llvmlite import ir
from numba import carray, cfunc, types
from numba.extending import intrinsic

TABLE = "seam_mapping_table"
# table: size of a page, address of the action before; then the slots
HEAD, SLOTS = 2, 512
# slot: first address, address after the last, protection, faults so far
SLOT = 4

_I32, _I64 = types.int32, types.int64
_ADDRESS = 3 if sys.platform == "darwin" else 2  # of `si_addr` in a siginfo_t, in words
_ANEW = 0x1012 if sys.platform == "darwin" else 0x32  # MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS
_SIGBUS = 10 if sys.platform == "darwin" else 7
_mmap = types.ExternalFunction("mmap", _I64(_I64, _I64, _I32, _I32, _I32, _I64))
_sigaction = types.ExternalFunction("sigaction", _I32(_I32, _I64, _I64))


@intrinsic
def _table(_typing: Any) -> Any:
    """Address of the table, which `llvmlite.binding.add_symbol` has made known."""

    def codegen(_context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        word = ir.IntType(64)
        variable = ir.GlobalVariable(builder.module, word, TABLE)
        variable.linkage = "external"
        return builder.bitcast(variable, word.as_pointer())

    return types.CPointer(_I64)(), codegen


def handler() -> Any:
    """The compiled handler, once the table is known by its name; `address` is where it is."""
    arguments = _I32, types.CPointer(_I64), types.CPointer(_I64)
    return cfunc(types.void(*arguments), cache=True)(_answer)


def _answer(signal: int, info: Any, _context: Any) -> None:
    """Put empty memory where the file has none any more; leave other faults to who had them."""
    address = carray(info, 4)[_ADDRESS]
    table = carray(_table(), HEAD + SLOT * SLOTS)  # type: ignore[call-arg]
    for k in range(SLOTS):
        at = HEAD + SLOT * k
        if table[at] <= address < table[at + 1]:
            start = address - address % table[0]
            if _mmap(start, table[at + 1] - start, table[at + 2], _ANEW, -1, 0) == start:
                table[at + 3] += 1
                return
    _sigaction(_SIGBUS, table[1], 0)
