"""Families whose files are Keras's."""

from __future__ import annotations

from seam_core.families.family import Family, Question
from seam_core.families.signature import Signature


def _deepstarr(signature: Signature) -> bool:
    return {"Dense_Dev", "Dense_Hk"} <= signature.layers


def _crested(signature: Signature) -> bool:
    dense = signature.has_layer("dense_out") or signature.has_layer("denseblock_")
    recurrent = {"Bidirectional", "TimeDistributed", "LSTM"} <= signature.classes
    legnet = signature.has_layer("mapper_conv") and signature.has_layer("stage1_")
    return legnet or ("sequence" in signature.layers and (dense or recurrent))


def _spliceai(signature: Signature) -> bool:
    open_length = signature.inputs[:1] == ((None, 4),)
    kinds = {"Conv1D", "Cropping1D", "Add", "BatchNormalization"}
    return open_length and kinds <= signature.classes and "Dense" not in signature.classes


def _dragonn(signature: Signature) -> bool:
    first = signature.inputs[0] if signature.inputs else ()
    return len(first) == 3 and first[0] == 1 and first[2] == 4


def _saluki(signature: Signature) -> bool:
    return any(len(shape) == 2 and shape[1] == 6 for shape in signature.inputs[:1])


def _optimus(signature: Signature) -> bool:
    return signature.inputs[:1] == ((50, 4),) and "Conv1D" in signature.classes


DEEPSTARR = Family(
    name="deepstarr",
    label="DeepSTARR",
    predicts="log2 enhancer activity of two promoters in Drosophila S2 cells",
    takes="(N, 249, 4)",
    questions=(
        Question("developmental promoter", {"head": "Dense_Dev"}),
        Question("housekeeping promoter", {"head": "Dense_Hk"}),
        Question("how much more developmental", {"head": "Dense_Dev - Dense_Hk"}),
    ),
    model="deepstarr (after seam models fetch deepstarr)",
    get="seam models fetch deepstarr, or https://zenodo.org/record/5502060",
    note="both heads are logarithms: a difference of heads is a ratio",
    tried="the published file: recipes 1, 2 and 3",
    citation="de Almeida et al. (2022), Nature Genetics 54:613, doi:10.1038/s41588-022-01048-5",
    recognises=_deepstarr,
)
CRESTED = Family(
    name="crested",
    label="CREsted",
    predicts="a number for each cell type or topic of a region",
    takes="(N, 2114, 4) or (N, 500, 4)",
    questions=(
        Question("a cell type", {"column": "?"}),
        Question("one against another", {"column": "0 - 1"}),
    ),
    model="model.keras",
    get="crested.get_model('biccn') and the like, or the .keras file that training writes",
    note="topic models end in a sigmoid: where it is saturated, the map is of nothing (seam "
    "check says so): ask --reduction logit",
    tried="its topic (convolutions, LSTM), peak-regression, decoupled, dilated (a run to its end) "
    "and simple networks with random weights: saliency equals TensorFlow's gradient",
    citation="Kempynck, De Winter et al. (2025), bioRxiv, doi:10.1101/2025.04.02.646812",
    recognises=_crested,
)
SPLICEAI = Family(
    name="spliceai",
    label="SpliceAI",
    predicts="for each position that it is no splice site, an acceptor, a donor",
    takes="(N, length + 10000, 4): 5,000 letters of context on each side",
    length=10_200,
    questions=(
        Question(
            "acceptor at a position",
            {"column": "1", "reduction": "sum", "bins": "?", "bin_width": "1"},
        ),
        Question(
            "donor at a position",
            {"column": "2", "reduction": "sum", "bins": "?", "bin_width": "1"},
        ),
    ),
    model="'spliceai*.h5': five networks, an ensemble",
    get="pip download spliceai; the files are in spliceai/models of the package",
    packages=("tf-keras",),
    note="give the sequence alone with --context genome.fa (and --locus) or --context N, and "
    "--input-length 10600 for 600 letters: --bins then counts from its first letter, or is a BED "
    "file of the site. A site that is sure is saturated: --reduction logit of one position",
    tried="the five published files, 200 letters in --context N: a run to its end, whose maps "
    "equal TensorFlow's gradient; another of 600 letters between contexts",
    citation="Jaganathan et al. (2019), Cell 176:535, doi:10.1016/j.cell.2018.12.015",
    recognises=_spliceai,
)
DRAGONN = Family(
    name="dragonn",
    label="DragoNN, and others with two-dimensional convolutions",
    predicts="binding or accessibility of a region",
    takes="(N, 1, length, 4)",
    questions=(Question("the first task", {"layout": "N1L4", "column": "0"}),),
    model="model.h5, or model.json with its weights beside it",
    get="https://kipoi.org, or https://github.com/kundajelab/dragonn",
    note="files of Keras 1 must be saved again by Keras 2.2",
    tried="a network of that layout with random weights",
    recognises=_dragonn,
)
SALUKI = Family(
    name="saluki",
    label="Saluki, and others with channels beside the letters",
    predicts="half-life of an mRNA",
    takes="(N, 12288, 6): letters, first letters of codons, splice junctions",
    questions=(Question("half-life", {"channels": "?"}),),
    model="model.h5",
    get="https://zenodo.org/records/6326409",
    note="--channels FILE.npy gives the other channels of the sequence, (length, 2): they are "
    "kept as they are while letters are mutated",
    tried="a network of that size with a recurrent layer, random weights: maps of 30 sequences "
    "equal TensorFlow's gradient",
    citation="Agarwal & Kelley (2022), Genome Biology 23:245, doi:10.1186/s13059-022-02811-x",
    recognises=_saluki,
)
OPTIMUS = Family(
    name="optimus5p",
    label="Optimus 5'",
    predicts="mean ribosome load of a 5' UTR",
    takes="(N, 50, 4)",
    questions=(Question("mean ribosome load", {}),),
    model="main_MRL_model.hdf5",
    get="https://github.com/pjsample/human_5utr_modeling",
    tried="a network of the published layers with random weights: saliency and mutagenesis equal "
    "TensorFlow's and one-by-one mutation",
    note="RNA is written with T; --alphabet ACGU where the sequences have U",
    citation="Sample et al. (2019), Nature Biotechnology 37:803, doi:10.1038/s41587-019-0164-5",
    recognises=_optimus,
)
