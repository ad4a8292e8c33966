"""Generators of installed packages are offered, found without importing them."""

import inspect
import subprocess
import sys

import numpy as np
import pytest

from seam_core.cli.main import main
from seam_core.mutagenizer import Mutagenizer
from seam_core.parameters import MutagenizerParameters, describe
from seam_core.parameters import generators as rooms
from seam_core.validate import InputError


def offered():
    (item,) = (item for item in describe(MutagenizerParameters) if item.name == "generator")
    return item.suggest()


def test_all_of_squid_are_offered_but_its_abstract_one():
    from squid import mutagenizer

    wanted = {
        name
        for name, made in inspect.getmembers(mutagenizer, inspect.isclass)
        if made.__module__ == "squid.mutagenizer" and name != "BaseMutagenesis"
    }
    assert len(wanted) >= 3
    assert {text.split(":")[1].split("(")[0] for text in offered()} == wanted


@pytest.mark.parametrize("text", offered())
def test_each_makes_a_library_as_it_is_offered(text):
    reference = np.random.default_rng(0).integers(0, 4, 8).astype(np.int8)
    chosen = MutagenizerParameters(library="generator", generator=text, n_sequences=50)
    library = Mutagenizer(chosen).run(reference)
    assert len(library) >= 50
    assert library.length == 8


def test_squid_is_not_imported_for_it():
    code = (
        "import sys; from seam_core.parameters import MutagenizerParameters, describe;"
        "print([d.suggest() for d in describe(MutagenizerParameters) if d.suggest]);"
        "sys.exit('squid' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "squid.mutagenizer:RandomMutagenesis(mut_rate=0.1)" in done.stdout


def test_another_package_of_another_version(tmp_path, monkeypatch):
    package = tmp_path / "zoo"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (package / "makers.py").write_text(
        "class Base:\n    def __call__(self, x, n):\n        raise NotImplementedError\n\n"
        "class Plain(Base):\n    def __call__(self, x, n):\n        return x\n\n"
        "class Odd:\n    def __init__(self, tree, mut_rate=1):\n        pass\n\n"
        "    def __call__(self, x, n):\n        return x\n\n"
        "class Rated:\n    def __init__(self, mut_rate, seed=None):\n        pass\n\n"
        "    def __call__(self, x, n):\n        return x\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(rooms, "MODULES", ("zoo.makers", "not_installed.anywhere"))
    rooms.installed_generators.cache_clear()
    try:
        assert rooms.installed_generators(mut_rate=0.3) == (
            "zoo.makers:Plain",
            "zoo.makers:Rated(mut_rate=0.3)",
        )
    finally:
        rooms.installed_generators.cache_clear()


def test_the_command_lists_them(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    said = "".join(capsys.readouterr().out.split())
    for text in offered():
        assert text.replace(" ", "") in said


def test_other_names_are_still_taken():
    with pytest.raises(InputError, match="no_such_package"):
        Mutagenizer(
            MutagenizerParameters(library="generator", generator="no_such_package:Thing")
        ).run(np.zeros(5, np.int8))
