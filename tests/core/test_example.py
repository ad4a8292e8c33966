"""The worked examples of docs/example.md say what they promise."""

import json
import os
import re
from pathlib import Path

import pytest

from benchmarks.data import DATA

ROOT = Path(__file__).resolve().parents[2]
MODEL = DATA / "deepstarr" / "deepstarr.model.json"


def code_blocks():
    """The Python of docs/example.md, block by block."""
    text = (ROOT / "docs" / "example.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture
def in_scratch(tmp_path, monkeypatch):
    """A working directory that has the source's folders, for what the examples write."""
    for name in ("resources", "demo_data"):
        os.symlink(ROOT / name, tmp_path / name, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_examples_are_under_forty_lines():
    blocks = code_blocks()
    assert len(blocks) == 3
    assert all(len(block.strip().splitlines()) < 40 for block in blocks)


def test_toy_truth_comes_back(in_scratch, capsys):
    analysis, pictures, _ = code_blocks()
    names = {}
    exec(compile(analysis, "example.md", "exec"), names)
    truth = json.loads((ROOT / "resources" / "models" / "toy.json").read_text())
    found = [(site.start, site.stop) for site in names["sites"].sites]
    for planted in truth["sites"]:
        overlaps = [
            min(stop, planted["stop"]) - max(start, planted["start"]) for start, stop in found
        ]
        assert 2 * max(overlaps) >= planted["stop"] - planted["start"], planted
    assert len(found) <= len(truth["sites"]) + 1
    terms = names["sites"].epistasis.set_index("sites")
    assert terms["called"]["A+B"]
    assert terms["estimate"]["A+B"] * truth["interactions"][0]["sign"] > 0
    called = terms[(terms["order"] > 1) & terms["called"]]
    assert list(called.index) == ["A+B"]

    exec(compile(pictures, "example.md", "exec"), names)
    written = {path.name for path in in_scratch.iterdir() if path.is_file()}
    assert written == {"toy_msm.pdf", "toy_logos.svg", "toy_interactions.png", "toy_report.html"}
    assert "GATA" in capsys.readouterr().out


@pytest.mark.slow
def test_eve_elements_come_back(in_scratch, capsys):
    if not MODEL.exists():
        pytest.skip(f"{MODEL} is missing; set SEAM_DATA to the folder with the data")
    text = code_blocks()[2].replace('"deepstarr"', repr(str(MODEL)))
    assert repr(str(MODEL)) in text
    # a quarter of the library shows the same sites in a quarter of the time
    assert "n_sequences=10_000" in text
    text = text.replace("n_sequences=10_000", "n_sequences=2_500")
    names = {}
    exec(compile(text, "example.md", "exec"), names)
    for start, stop in ((85, 91), (105, 111)):
        assert names["sequence"][start:stop] == "ATCGAT"
        overlaps = [min(s.stop, stop) - max(s.start, start) for s in names["session"].sites.sites]
        assert max(overlaps) >= 3
