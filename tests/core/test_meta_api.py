"""`from seam_core import ...`: the stages, without waiting for what they do not need yet."""

import subprocess
import sys

import pytest

import seam_core

STAGES = ["Mutagenizer", "Compiler", "Attributer", "Clusterer", "MetaExplainer", "Identifier"]


@pytest.mark.parametrize("name", STAGES)
def test_stages_are_public(name):
    assert getattr(seam_core, name).__name__ == name
    assert name in dir(seam_core)


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="Explainer"):
        _ = seam_core.Explainer


def test_importing_the_summarising_stages_is_light():
    code = (
        "import sys; from seam_core import MetaExplainer, Identifier; "
        "slow = {'tensorflow', 'torch', 'umap', 'squid', 'matplotlib', 'sklearn', 'numba', "
        "'scipy', 'pandas'}; print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
