"""Whether a processor computes with bfloat16 itself."""

from __future__ import annotations

from pathlib import Path

from seam_core.validate import OracleError

# As Linux says it; others do not, and are tried.
PROCESSOR = Path("/proc/cpuinfo")
# AVX512-BF16 and AMX of x86, and the same of ARM
FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


def check_processor() -> None:
    """Raise `OracleError` where all that is computed in bfloat16 is turned to float32 and back."""
    try:
        said = PROCESSOR.read_text(encoding="ascii", errors="replace")
    except OSError:
        return
    if not FLAGS & set(said.split()):
        raise OracleError("this processor has neither AVX512-BF16 nor AMX")
