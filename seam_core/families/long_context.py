"""Networks that read a hundred thousand letters and more, and their ports."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seam_core.families.family import Family, Question
from seam_core.families.signature import Signature

CONTEXT = (
    "a short sequence is explained in its context: --context genome.fa (with --locus), or N for "
    "padding; only these letters are mutated and kept. --bins also takes a BED file of a "
    "gene's exons or a TSS, in the genome"
)
ENFORMER_SIZE = {"input_length": "196608", "bin_width": "128"}
BORZOI_SIZE = {"input_length": "524288", "bin_width": "32"}

# The kernels of the first convolution in Calico's own files, which are weights alone.
BASENJI2_FIRST = (15, 4, 288)
BORZOI_FIRST = (15, 4, 512)


def _begins_with(signature: Signature, kernel: tuple[int, ...]) -> bool:
    """Has it such a kernel, as TensorFlow orders its axes?"""
    return kernel in signature.weights.values()


def _enformer(signature: Signature) -> bool:
    named = signature.has_class("enformer_pytorch.")
    return named or signature.weight("_heads.human.0.weight") is not None


def _borzoi(signature: Signature) -> bool:
    named = signature.has_class("borzoi_pytorch.") or _begins_with(signature, BORZOI_FIRST)
    return named or signature.weight("conv_dna.conv_layer.weight") is not None


def _alphagenome(signature: Signature) -> bool:
    named = signature.has_class("alphagenome_pytorch.")
    return named or signature.weight("transformer_unet.dna_embed.conv.weight") is not None


def _basenji2(signature: Signature) -> bool:
    named = signature.has_class("basenji2_pytorch.") or _begins_with(signature, BASENJI2_FIRST)
    return named or signature.weight("head.final.block.1.weight") is not None


def _crested_long(signature: Signature) -> bool:
    head = any(name == "head" or name.startswith("head_") for name in signature.outputs)
    return head and signature.has_layer("stem_conv") and signature.has_layer("tower_conv_")


def build_enformer(path: Path, state: Mapping[str, tuple[int, ...]]) -> Any:
    """enformer-pytorch's network of a folder with config.json, else of the published size."""
    from enformer_pytorch import Enformer

    if (path.parent / "config.json").exists():
        config = Enformer.config_class.from_pretrained(str(path.parent))
        return Enformer(config)
    return Enformer.from_hparams()


def build_borzoi(path: Path, state: Mapping[str, tuple[int, ...]]) -> Any:
    """borzoi-pytorch's network of the folder, which has a config.json."""
    from borzoi_pytorch import Borzoi

    return Borzoi(Borzoi.config_class.from_pretrained(str(path.parent)))


def build_basenji2(path: Path, state: Mapping[str, tuple[int, ...]]) -> Any:
    """basenji2-pytorch's network of the published size, with as many tracks as its weights."""
    from basenji2_pytorch import Basenji2, basenji2_params

    settings = copy.deepcopy(basenji2_params["model"])
    head = next(shape for name, shape in state.items() if name.endswith("final.block.1.weight"))
    settings["head_human"]["units"] = head[0]
    model = Basenji2(settings)
    # It takes letters first and gives tracks last; what takes letters first gives tracks first.
    model.register_forward_hook(lambda module, given, output: output.movedim(1, 2))
    return model


def build_alphagenome(path: Path, state: Mapping[str, tuple[int, ...]]) -> Any:
    """alphagenome-pytorch's network of the size of its weights, with its published heads."""
    from alphagenome_pytorch import AlphaGenome

    unet, layers = "transformer_unet.", "transformer_unet.transformer.layers."
    downs = sorted(n for n in state if n.startswith(f"{unet}downs.") and "conv.net.2.weight" in n)
    first = state[f"{unet}dna_embed.conv.weight"]
    blocks = {name[len(layers) :].split(".")[0] for name in state if name.startswith(layers)}
    model = AlphaGenome(
        dims=(first[0], *(state[name][0] for name in downs)),
        basepairs=first[1],
        dna_embed_width=first[2],
        num_organisms=state["organism_embed.embed.weight"][0],
        transformer_kwargs={"depth": len(blocks)},
    )
    for organism in dict.fromkeys(n.split(".")[1] for n in state if n.startswith("heads.")):
        _add_heads(model, organism, state)
    for module in model.modules():  # of its normalisation, which learns from what it is asked
        if hasattr(module, "update_running_var"):
            module.update_running_var = False
    return model


def _add_heads(model: Any, organism: str, state: Mapping[str, tuple[int, ...]]) -> None:
    """The heads that the weights have: those of `add_heads`, else the published ones."""
    start = f"heads.{organism}."
    tracks = state.get(f"{start}1bp_tracks.scale")
    if tracks is None:
        model.add_reference_heads(organism)
        return
    model.add_heads(
        organism,
        num_tracks_1bp=tracks[0],
        num_tracks_128bp=state[f"{start}128bp_tracks.scale"][0],
        num_tracks_contacts=state[f"{start}contact_head.proj.weight"][0],
        num_splicing_contexts=state[f"{start}splice_juncs.scale"][0],
        hidden_dim_splice_juncs=state[f"{start}splice_juncs.scale"][1],
    )
    # It is asked about pairs of sites, which no sequence says: a head that answers nothing.
    model.head_forward_arg_names[organism]["splice_juncs"] = ()
    model.heads[organism]["splice_juncs"].forward = lambda: None


ENFORMER = Family(
    name="enformer",
    label="Enformer (enformer-pytorch)",
    predicts="5,313 human and 1,643 mouse tracks in 896 bins of 128 letters",
    takes="(N, 196608, 4)",
    questions=(
        Question(
            "the middle bins of a human track",
            {
                "head": "human",
                "column": "?",
                "reduction": "sum",
                "bins": "446:450",
                **ENFORMER_SIZE,
            },
        ),
        Question(
            "the middle bins of a mouse track",
            {
                "head": "mouse",
                "column": "?",
                "reduction": "sum",
                "bins": "446:450",
                **ENFORMER_SIZE,
            },
        ),
    ),
    model="model.safetensors or pytorch_model.bin, with its config.json in the same folder",
    get="huggingface-cli download EleutherAI/enformer-official-rough",
    packages=("enformer-pytorch",),
    note=CONTEXT,
    tried="random weights of a small network, at 196,608 letters in --context N; of one at 16,384 "
    "letters, in that context, a run to its end, whose maps equal autograd; mutagenesis equals "
    "one-by-one mutation",
    citation="Avsec et al. (2021), Nature Methods 18:1196, doi:10.1038/s41592-021-01252-x",
    recognises=_enformer,
    build=build_enformer,
)
BORZOI = Family(
    name="borzoi",
    label="Borzoi (borzoi-pytorch)",
    predicts="RNA-seq coverage and other tracks in bins of 32 letters",
    takes="(N, 4, 524288)",
    questions=(
        Question(
            "bins of a track",
            {
                "layout": "channels_first",
                "column": "?",
                "reduction": "sum",
                "bins": "?",
                **BORZOI_SIZE,
            },
        ),
    ),
    model="model.safetensors, with its config.json in the same folder",
    get="huggingface-cli download johahi/borzoi-replicate-0 (four replicates: an ensemble)",
    packages=("borzoi-pytorch",),
    tried="random weights of a small network, 16,384 letters in --context N: a run to its end, "
    "whose maps equal autograd; a mutation is its difference; of the published size, 524,288 "
    "letters in --context N: a run of one sequence by saliency to its end in 3 min 29 s on two "
    "cores, in 19.5 GB (21.7 GB told before)",
    note=CONTEXT,
    citation="Linder et al. (2025), Nature Genetics 57:949, doi:10.1038/s41588-024-02053-6",
    recognises=_borzoi,
    build=build_borzoi,
)
ALPHAGENOME = Family(
    name="alphagenome",
    label="AlphaGenome (alphagenome-pytorch)",
    predicts="tracks at 1 and 128 letters, splicing, contacts",
    takes="(N, L) whole numbers, and the organism",
    questions=(
        Question(
            "a track at 128 letters",
            {
                "layout": "tokens",
                "input": "organism_index=0",
                "head": "human/128bp_tracks",
                "column": "?",
                "reduction": "sum",
            },
        ),
    ),
    model="model.pt (its weights)",
    get="https://github.com/lucidrains/alphagenome (weights need an account at Hugging Face)",
    packages=("alphagenome-pytorch",),
    method="ism",
    tried="random weights of a small network, 2,048 letters: mutagenesis equals one-by-one "
    "mutation of the authors' network, whose normalisation is kept from learning",
    note=f"letters are looked up, so that there is no gradient: mutagenesis; {CONTEXT}",
    recognises=_alphagenome,
    build=build_alphagenome,
)
BASENJI2 = Family(
    name="basenji2",
    label="Basenji2 (basenji2-pytorch)",
    predicts="5,313 human tracks in 896 bins of 128 letters",
    takes="(N, 4, 131072)",
    questions=(
        Question(
            "bins of a track",
            {
                "layout": "channels_first",
                "column": "?",
                "reduction": "sum",
                "bins": "446:450",
                "input_length": "131072",
                "bin_width": "128",
            },
        ),
    ),
    model="basenji2.pth",
    get="seam models fetch basenji2, or https://zenodo.org/records/14969593",
    packages=("basenji2-pytorch",),
    tried="random weights of the published size (7 tracks), 131,072 letters, in --context N: a run "
    "to its end, whose maps equal autograd",
    note=f"{CONTEXT}. Calico's own Keras files are weights alone, of a network that a JSON of "
    "theirs describes: take the port",
    citation="Kelley (2020), PLoS Computational Biology 16:e1008050, "
    "doi:10.1371/journal.pcbi.1008050",
    recognises=_basenji2,
    build=build_basenji2,
)
CRESTED_LONG = Family(
    name="crested-long",
    label="Enformer and Borzoi in CREsted",
    predicts="tracks in bins",
    takes="(N, 196608, 4) or (N, 524288, 4)",
    questions=(
        Question(
            "bins of a track",
            {
                "imports": "crested.tl.zoo",
                "head": "0",
                "column": "?",
                "reduction": "sum",
                "bins": "?",
            },
        ),
    ),
    model="model.keras",
    get="crested.get_model('enformer_human') and the like",
    packages=("crested",),
    note=CONTEXT,
    tried="Borzoi of 8,192 letters, random weights: it opens, predicts and has a gradient",
    citation="Kempynck, De Winter et al. (2025), bioRxiv, doi:10.1101/2025.04.02.646812",
    recognises=_crested_long,
)
