"""Whose motifs a name asks for."""

import pytest

from seam_core.motifs import taxa_of, taxa_of_inputs
from seam_core.validate import InputError


@pytest.mark.parametrize(
    ("names", "taxa"),
    [
        ("human", ["vertebrates"]),
        ("Drosophila melanogaster", ["insects"]),
        ("dm6", ["insects"]),
        ("hg38, GRCh37, mm10", ["vertebrates"]),
        ("TAIR10,sacCer3", ["plants", "fungi"]),
        ("ce11", ["nematodes"]),
        ("insects", ["insects"]),
        ("", []),
    ],
)
def test_organisms_and_assemblies_have_their_group(names, taxa):
    assert taxa_of(names) == taxa


def test_an_unknown_organism_is_asked_about():
    with pytest.raises(InputError, match="unicorn"):
        taxa_of("human,unicorn")


def of_files(paths):
    return taxa_of_inputs({path: {"path": path} for path in paths})


def test_a_genome_is_told_by_its_file():
    assert of_files(["models/deepstarr.h5", "/data/dm6.fa.gz"]) == ["insects"]
    assert of_files(["/data/Homo_sapiens.GRCh38.fa"]) == ["vertebrates"]
    assert of_files(["eve_windows_249.fa", "model_7.h5"]) == []
