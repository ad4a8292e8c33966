"""Families whose files are PyTorch's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seam_core.families.family import Family, Question
from seam_core.families.networks import (
    build_basset,
    build_beluga,
    build_malinois,
    build_pangolin,
    build_puffin,
    build_sei,
)
from seam_core.families.signature import Signature

# Of networks that are made again here, from their weights.
REMADE = "the authors' network is made again here, so that its weights are enough"


def _first_is(*shape: int) -> Any:
    """Recognised by the shape of its first weights."""

    def recognises(signature: Signature) -> bool:
        return next(iter(signature.weights.values()), ()) == shape

    return recognises


def _sei(signature: Signature) -> bool:
    return signature.weight("lconv1.0.weight") == (480, 4, 9)


def _pangolin(signature: Signature) -> bool:
    return signature.weight("conv_last8.weight") is not None


def _puffin(signature: Signature) -> bool:
    motifs = signature.weight("conv_inr.weight"), signature.weight("deconv_inr.weight")
    return all(shape is not None for shape in motifs)


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
    import torch
    from grelu.lightning import LightningModel

    content = torch.load(path, map_location="cpu", weights_only=True)
    return LightningModel(**content["hyper_parameters"])


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
    tried="checkpoints of its convolutional, dilated and Borzoi networks, random weights: saliency "
    "and mutagenesis equal autograd and one-by-one mutation",
    citation="Lal et al. (2024), bioRxiv, doi:10.1101/2024.09.18.613778",
    recognises=_grelu,
    build=build_grelu,
)
MALINOIS = Family(
    name="malinois",
    label="Malinois (BODA)",
    predicts="log2 activity in an MPRA in K562, HepG2 and SK-N-SH cells",
    takes="(N, 4, 600): the 200 letters of the element between the plasmid's",
    length=600,
    questions=(
        Question("K562", {"layout": "channels_first", "column": "0"}),
        Question("K562 less HepG2", {"layout": "channels_first", "column": "0 - 1"}),
    ),
    model="torch_checkpoint.pt",
    get="https://github.com/sjgosai/boda2 (torch_checkpoint.pt of the archive)",
    note=f"{REMADE}. Put the plasmid's letters around the element, so that they are not mutated: "
    "--context plasmid.fa, a record with 200 N in its place",
    tried="random weights of the published size: predictions and saliency equal the authors'; "
    "a check and a run in the plasmid's context; DeepSHAP adds up",
    citation="Gosai et al. (2024), Nature 634:1211, doi:10.1038/s41586-024-08070-z",
    recognises=_malinois,
    build=build_malinois,
)
PANGOLIN = Family(
    name="pangolin",
    label="Pangolin",
    predicts="splice sites and their use in four tissues, at each position",
    takes="(N, 4, length + 10000)",
    length=10_200,
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
    model="final.1.0.3.v2",
    get="https://github.com/tkzeng/Pangolin (the files final.*)",
    note=f"{REMADE}. Give the sequence alone with --context genome.fa (and --locus) or --context "
    "N, and --input-length 10000 more than it has: --bins then counts from its first letter, or is "
    "a BED file of the site. Columns: use in heart 2, liver 5, brain 8, testis 11; before each, "
    "that it is no site and that it is one",
    tried="random weights of the published size: predictions and saliency equal the authors'",
    citation="Zeng & Li (2022), Genome Biology 23:103, doi:10.1186/s13059-022-02664-4",
    recognises=_pangolin,
    build=build_pangolin,
)
BASSET = Family(
    name="basset",
    label="Basset",
    predicts="accessibility in 164 cell types",
    takes="(N, 4, 600, 1)",
    length=600,
    questions=(Question("a cell type", {"layout": "N4L1", "column": "?"}),),
    model="pretrained_model_reloaded_th.pth",
    get="seam models fetch basset, or https://zenodo.org/record/1466068 "
    "(https://kipoi.org/models/Basset)",
    note=f"{REMADE}. It ends in a sigmoid: where it is saturated, ask --reduction logit",
    tried="random weights of the published size: predictions and saliency equal the authors'",
    citation="Kelley, Snoek & Rinn (2016), Genome Research 26:990, doi:10.1101/gr.200535.115",
    recognises=_first_is(300, 4, 19, 1),
    build=build_basset,
)
BELUGA = Family(
    name="beluga",
    label="Beluga (DeepSEA)",
    predicts="2,002 chromatin profiles",
    takes="(N, 4, 1, 2000)",
    length=2_000,
    questions=(Question("a profile", {"layout": "N41L", "column": "?"}),),
    model="deepsea.beluga.pth",
    get="https://github.com/FunctionLab/ExPecto",
    note=f"{REMADE}. It ends in a sigmoid: where it is saturated, ask --reduction logit",
    tried="random weights of the published size: predictions and saliency equal the authors'",
    citation="Zhou et al. (2018), Nature Genetics 50:1171, doi:10.1038/s41588-018-0160-6",
    recognises=_first_is(320, 4, 1, 8),
    build=build_beluga,
)
SEI = Family(
    name="sei",
    label="Sei",
    predicts="21,907 chromatin profiles, which make 40 classes of sequence",
    takes="(N, 4, 4096)",
    length=4_096,
    questions=(Question("a profile", {"layout": "channels_first", "column": "?"}),),
    model="sei.pth",
    get="https://github.com/FunctionLab/sei-framework",
    note=f"{REMADE}. The authors take the mean of both strands: --strands both. It ends in a "
    "sigmoid: where it is saturated, ask --reduction logit",
    tried="random weights of the published widths, 60 profiles: predictions and saliency equal the "
    "authors'",
    citation="Chen et al. (2022), Nature Genetics 54:940, doi:10.1038/s41588-022-01102-2",
    recognises=_sei,
    build=build_sei,
)
PUFFIN = Family(
    name="puffin",
    label="Puffin",
    predicts="transcription initiation at each position, ten tracks of five techniques",
    takes="(N, 4, length), 325 letters on each side of what is asked about",
    length=1_000,
    questions=(
        Question(
            "a track around the start site",
            {"layout": "channels_first", "column": "?", "reduction": "sum", "bins": "?"},
        ),
    ),
    model="puffin.pth",
    get="https://github.com/jzhoulab/puffin",
    note=f"{REMADE}. The authors leave out the first and last 325 positions: --bins counts from "
    "the first letter. Tracks of the other strand are columns 9 to 5",
    tried="random weights of the published size: predictions and saliency equal the authors'",
    citation="Dudnyk et al. (2024), Science 384:eadj0116, doi:10.1126/science.adj0116",
    recognises=_puffin,
    build=build_puffin,
)
