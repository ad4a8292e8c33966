"""What a locus's result was made from: another model's results never pass for done."""

from dataclasses import replace

import pytest

from seam_core.batch import limits
from seam_core.batch.inputs import difference, input_sums, software
from seam_core.batch.worker import Job, run_locus
from seam_core.parameters import OracleParameters
from seam_core.pipeline import RunConfig
from seam_core.readers import Locus
from seam_core.store.files import sha256_of
from tests.waiting import LIMIT_S


def sums(**oracle):
    return input_sums(replace(RunConfig(), oracle=OracleParameters(**oracle)))


def test_a_model_file_has_the_sum_of_the_file(tmp_path):
    model = tmp_path / "model.keras"
    model.write_bytes(b"one")
    assert sums(model=str(model)) == {"oracle.model": sha256_of(model)}


def test_weights_count_named_or_beside_the_architecture(tmp_path):
    (tmp_path / "m.json").write_text("{}")
    for name in ("m.h5", "w1.h5", "w2.h5"):
        (tmp_path / name).write_text(name)
    beside = sums(model=str(tmp_path / "m.json"))
    assert beside["oracle.weights"] == sha256_of(tmp_path / "m.h5")
    first, second = (
        sums(model=str(tmp_path / "m.json"), weights=str(tmp_path / name))
        for name in ("w1.h5", "w2.h5")
    )
    assert first != second
    assert first["oracle.weights"] == sha256_of(tmp_path / "w1.h5")


def test_code_counts_with_what_it_imports_from_beside_it(tmp_path):
    (tmp_path / "mine.py").write_text("from layers import f\n")
    (tmp_path / "layers.py").write_text("import deeper\nf = 1\n")
    (tmp_path / "deeper.py").write_text("x = 1\n")
    (tmp_path / "unrelated.py").write_text("x = 1\n")
    model = f"{tmp_path / 'mine.py'}:f"
    before = sums(model=model)
    (tmp_path / "unrelated.py").write_text("x = 2\n")
    assert sums(model=model) == before
    (tmp_path / "deeper.py").write_text("x = 2\n")
    assert sums(model=model) != before
    assert sums(model=f"{tmp_path / 'mine.py'}:g") != sums(model=model)


def test_every_path_of_the_parameters_counts(tmp_path):
    """Whatever parameter is declared as a path: another content is another result."""
    from seam_core.parameters.base import describe
    from seam_core.stages import PARTS

    file = tmp_path / "file.npz"
    declared = [
        (part, item.name) for part, kind in PARTS.items() for item in describe(kind)
        if item.kind == "path"
    ]  # fmt: skip
    assert ("oracle", "weights") in declared
    for part, name in declared:
        found = []
        for content in (b"one", b"two"):
            file.write_bytes(content)
            own = getattr(RunConfig(), part).replace(**{name: str(file)})
            found.append(input_sums(replace(RunConfig(), **{part: own})))
        assert found[0] != found[1], (part, name)


def test_software_that_differs_is_said_with_both():
    here = software()
    assert difference(here, dict(here)) == ""
    other = {**here, "numpy": "0.1", "code": "another"}
    assert difference(other, here) == (
        f"numpy {here['numpy']} instead of 0.1, the code of the product"
    )


def test_a_worker_of_another_version_is_refused(tmp_path):
    values = RunConfig(oracle=OracleParameters(model="m")).to_dict()
    job = Job(Locus("a", "ACGT"), values, str(tmp_path), software={**software(), "numpy": "0.1"})
    result = run_locus(job)
    assert result["elsewhere"]
    assert "instead of 0.1" in result["error"]


@pytest.fixture
def mark(tmp_path):
    return tmp_path / "loci" / ".a.under_way"


def test_a_locus_over_its_time_ends_its_process_and_the_next_try_says_so(mark):
    """In a process of its own, which hangs where no Python code can interrupt it."""
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from seam_core.batch.limits import limited\n"
        f"with limited(Path({str(mark)!r}), seconds=0.5):\n"
        "    import re; re.match(r'(a+)+$', 'a' * 60 + 'b')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=LIMIT_S, check=False)
    assert done.returncode != 0
    assert mark.is_file()
    with (
        pytest.raises(limits.LocusEnded, match=r"not finished after 0\.5 s"),
        limits.limited(mark, seconds=0.5),
    ):
        pass
    with limits.limited(mark, seconds=LIMIT_S):  # it was said; a later run tries again
        pass
    assert not mark.exists()


def test_a_locus_over_its_memory_ends_its_process_and_the_next_try_says_so(mark):
    import subprocess
    import sys

    code = (
        "import time; from pathlib import Path; from seam_core.batch.limits import limited\n"
        f"with limited(Path({str(mark)!r}), memory_mb=1):\n"
        "    import threading; threading.Event().wait()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=LIMIT_S, check=False)
    assert done.returncode == 1
    with (
        pytest.raises(limits.LocusEnded, match="the limit of memory is 1 MB"),
        limits.limited(mark),
    ):
        pass


def test_a_locus_that_ends_its_worker_twice_is_given_up(mark):
    for _ in range(2):
        mark.parent.mkdir(exist_ok=True, parents=True)
        under_way = limits.limited(mark)
        try:
            under_way.__enter__()
        except limits.LocusEnded as error:
            assert "2 times" in str(error)  # noqa: PT017
            break
        kept = mark.read_text()
        under_way.__exit__(None, None, None)
        mark.write_text(kept)  # as a killed process leaves it
    else:
        under_way = limits.limited(mark)
        with pytest.raises(limits.LocusEnded, match="2 times"):
            under_way.__enter__()
