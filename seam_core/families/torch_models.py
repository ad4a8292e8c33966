"""Families whose files are PyTorch's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seam_core.families.family import Family, Question
from seam_core.families.signature import Signature

NAMED = "networks.py:build --weights FILE, where build makes the authors' class"


def _first_is(*shape: int) -> Any:
    """Recognised by the shape of its first weights."""

    def recognises(signature: Signature) -> bool:
        return next(iter(signature.weights.values()), ()) == shape

    return recognises


def _sei(signature: Signature) -> bool:
    return signature.weight("lconv1.0.weight") == (480, 4, 9)


def _pangolin(signature: Signature) -> bool:
    return signature.weight("conv_last8.weight") is not None


def _malinois(signature: Signature) -> bool:
    branched = any(name.startswith("branched.") for name in signature.weights)
    return branched and signature.weight("conv1.conv.weight") is not None


def _grelu(signature: Signature) -> bool:
    names = signature.weights
    return signature.has_class("grelu.lightning.LightningModel") or (
        any(name.startswith("model.embedding.") for name in names)
        and any(name.startswith("model.head.") for name in names)
    )


def build_grelu(path: Path, state: Mapping[str, tuple[int, ...]]) -> Any:
    """gReLU's model of a checkpoint, whose hyperparameters are plain values."""
    from grelu.lightning import LightningModel

    return LightningModel.load_from_checkpoint(str(path), map_location="cpu")


GRELU = Family(
    name="grelu",
    label="gReLU",
    predicts="whatever it was trained for",
    takes="(N, 4, length)",
    questions=(Question("a task", {"layout": "channels_first", "column": "?"}),),
    model="model.ckpt",
    get="grelu.resources.load_model(repo_id=...), or the checkpoint that training writes",
    packages=("gReLU",),
    note="models of binary tasks end in a sigmoid: where it is saturated, ask --reduction logit",
    citation="Lal et al. (2024), bioRxiv, doi:10.1101/2024.09.18.613778",
    recognises=_grelu,
    build=build_grelu,
)
MALINOIS = Family(
    name="malinois",
    label="Malinois (BODA)",
    predicts="log2 activity in an MPRA in K562, HepG2 and SK-N-SH cells",
    takes="(N, 4, 600): the 200 letters of the element between the plasmid's",
    questions=(
        Question("K562", {"layout": "channels_first", "column": "0"}),
        Question("K562 less HepG2", {"layout": "channels_first", "column": "0 - 1"}),
    ),
    model=NAMED,
    get="https://github.com/sjgosai/boda2",
    note="put the plasmid's letters around the element, so that they are not mutated: --context "
    "plasmid.fa, a record with 200 N in its place",
    citation="Gosai et al. (2024), Nature 634:1211, doi:10.1038/s41586-024-08070-z",
    recognises=_malinois,
)
PANGOLIN = Family(
    name="pangolin",
    label="Pangolin",
    predicts="splice sites and their use in four tissues, at each position",
    takes="(N, 4, length + 10000)",
    questions=(
        Question(
            "use of a site in heart",
            {
                "layout": "channels_first",
                "column": "2",
                "reduction": "sum",
                "bins": "?",
                "bin_width": "1",
            },
        ),
    ),
    model="pangolin_model.py:build --weights final.1.0.3, where build returns Pangolin(L, W, AR)",
    get="https://github.com/tkzeng/Pangolin (the files final.*)",
    note="give the sequence alone with --context genome.fa (and --locus) or --context N, and "
    "--input-length 10000 more than it has: --bins then counts from its first letter, or is a BED "
    "file of the site",
    citation="Zeng & Li (2022), Genome Biology 23:103, doi:10.1186/s13059-022-02664-4",
    recognises=_pangolin,
)
BASSET = Family(
    name="basset",
    label="Basset",
    predicts="accessibility in 164 cell types",
    takes="(N, 4, 600, 1)",
    questions=(Question("a cell type", {"layout": "N4L1", "column": "?"}),),
    model=NAMED,
    get="https://kipoi.org/models/Basset",
    note="it ends in a sigmoid: where it is saturated, ask --reduction logit",
    tried="a network of that layout with random weights",
    citation="Kelley, Snoek & Rinn (2016), Genome Research 26:990, doi:10.1101/gr.200535.115",
    recognises=_first_is(300, 4, 19, 1),
)
BELUGA = Family(
    name="beluga",
    label="Beluga (DeepSEA)",
    predicts="2,002 chromatin profiles",
    takes="(N, 4, 1, 2000)",
    questions=(Question("a profile", {"layout": "N41L", "column": "?"}),),
    model=NAMED,
    get="https://github.com/FunctionLab/ExPecto",
    note="it ends in a sigmoid: where it is saturated, ask --reduction logit",
    tried="a network of that layout with random weights",
    citation="Zhou et al. (2018), Nature Genetics 50:1171, doi:10.1038/s41588-018-0160-6",
    recognises=_first_is(320, 4, 1, 8),
)
SEI = Family(
    name="sei",
    label="Sei",
    predicts="21,907 chromatin profiles, which make 40 classes of sequence",
    takes="(N, 4, 4096)",
    questions=(Question("a profile", {"layout": "channels_first", "column": "?"}),),
    model="sei.py:build --weights sei.pth, where build is: return Sei()",
    get="https://github.com/FunctionLab/sei-framework",
    citation="Chen et al. (2022), Nature Genetics 54:940, doi:10.1038/s41588-022-01102-2",
    recognises=_sei,
)
PUFFIN = Family(
    name="puffin",
    label="Puffin",
    predicts="transcription initiation at each position, ten tracks of five techniques",
    takes="(N, 4, length + 650)",
    questions=(
        Question(
            "a track around the start site",
            {"layout": "channels_first", "column": "?", "reduction": "sum", "bins": "?"},
        ),
    ),
    model="puffin.py:build --weights puffin.pth",
    get="https://github.com/jzhoulab/puffin",
    note="--bins counts from the first position that is predicted, 325 letters in",
    citation="Dudnyk et al. (2024), Science 384:eadj0116, doi:10.1126/science.adj0116",
)
