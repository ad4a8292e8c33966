"""Random acts on a real window, with what must hold after each of them.

QT_QPA_PLATFORM=offscreen python scripts/random_acts.py --acts 40 --seed 0

Opens, imports, recovers, selects, keeps, labels, hides, merges, splits, colours, edits sites, tests
them, asks for variants, looks at recipes, runs stages, undoes, redoes, saves, opens again, exports
and reports. After each act: forms
say what the state says, what is saved says what the window shows, and labels that were there are
there, or undone, or named as lost.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> int:
    """As many acts as asked for, with each of the seeds; 1 where something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=40)
    parser.add_argument("--seed", type=int, nargs="+", default=[0])
    options = parser.parse_args()
    import pytest

    os.environ["SEAM_ACTS"] = str(options.acts)
    os.environ["SEAM_ACT_SEEDS"] = ",".join(map(str, options.seed))
    test = Path(__file__).resolve().parents[1] / "tests" / "gui" / "test_random_acts.py"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SEAM_STATE"] = folder
        return int(pytest.main([str(test), "-q", "-s", "-p", "no:cacheprovider", "--timeout=0"]))


if __name__ == "__main__":
    raise SystemExit(main())
