"""BPNet and its kin: a profile of logits and a number of counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seam_core.families.family import Family, Question
from seam_core.families.signature import Signature

PROFILE = {"reduction": "bpnet_profile"}
KEPT = "the counts head is a number; the profile head is logits over positions"


def _bpnet_lite(signature: Signature) -> bool:
    named = signature.has_class("bpnetlite.bpnet.BPNet") and not _chrombpnet_lite(signature)
    shape = signature.weight("iconv.weight")
    by_weights = shape is not None and signature.weight("rconvs.0.weight") is not None
    return named or (by_weights and not _chrombpnet_lite(signature))


def _chrombpnet_lite(signature: Signature) -> bool:
    named = signature.has_class("bpnetlite.chrombpnet.ChromBPNet")
    return named or signature.weight("accessibility.iconv.weight") is not None


def _chrombpnet(signature: Signature) -> bool:
    return signature.has_layer("wo_bias_bpnet_") and "Lambda" not in signature.classes


def _chrombpnet_full(signature: Signature) -> bool:
    return signature.has_layer("wo_bias_bpnet_") and "Lambda" in signature.classes


def _bpnet_keras(signature: Signature) -> bool:
    """The layers of ChromBPNet's bias model and of chrombpnet's own BPNet."""
    return signature.has_layer("bpnet_1st_conv") and not signature.has_layer("dense_out")


def _counts(state: Mapping[str, tuple[int, ...]], prefix: str = "") -> dict[str, Any]:
    """The arguments of bpnet-lite's class that fit weights of these shapes."""
    shapes = {n[len(prefix) :]: s for n, s in state.items() if n.startswith(prefix)}
    filters = shapes["iconv.weight"][0]
    tracks, channels = shapes["fconv.weight"][:2]
    layers = sum(n.startswith("rconvs.") and n.endswith(".weight") for n in shapes)
    return {
        "n_filters": filters,
        "n_layers": layers,
        "n_outputs": tracks,
        "n_control_tracks": channels - filters,
        "profile_output_bias": "fconv.bias" in shapes,
        "count_output_bias": "linear.bias" in shapes,
        "verbose": False,
    }


def build_bpnet(path: Path, state: Mapping[str, tuple[int, ...]]) -> Any:
    """bpnet-lite's BPNet of the size of its weights."""
    from bpnetlite.bpnet import BPNet

    start = next(name for name in state if name.endswith("iconv.weight"))
    return BPNet(**_counts(state, start[: -len("iconv.weight")]))


def build_chrombpnet(path: Path, state: Mapping[str, tuple[int, ...]]) -> Any:
    """bpnet-lite's ChromBPNet of the size of its weights."""
    from bpnetlite.bpnet import BPNet
    from bpnetlite.chrombpnet import ChromBPNet

    start = next(name for name in state if name.endswith("accessibility.iconv.weight"))
    outer = start[: -len("accessibility.iconv.weight")]
    parts = {n: BPNet(**_counts(state, f"{outer}{n}.")) for n in ("bias", "accessibility")}
    return ChromBPNet(**parts)


BPNET_LITE = Family(
    name="bpnet-lite",
    label="BPNet (bpnet-lite)",
    predicts="base-resolution profile and total counts of a ChIP-seq, CUT&RUN or ATAC-seq track",
    takes="(N, 4, 2114), any other length too; controls (N, tracks, 2114)",
    length=2_114,
    questions=(
        Question("total counts (log)", {"layout": "channels_first", "head": "1"}),
        Question("shape of the profile", {"layout": "channels_first", "head": "0", **PROFILE}),
        Question(
            "shape of the profiles of both strands, as bpnet-lite explains them",
            {
                "layout": "channels_first",
                "head": "0",
                "column": "all",
                "reduction": "bpnet_profile_joint",
            },
        ),
    ),
    model="bpnet.torch (weights alone, or the whole module with --trust-model)",
    get="bpnet-lite writes them: bpnet fit, or torch.save(model.state_dict(), 'bpnet.torch')",
    packages=("bpnet-lite",),
    note="a model with control tracks takes --input X_ctl=zeros:2x2114 (tracks x length)",
    tried="random weights of 64 filters and 8 layers, 2,114 letters: saliency equals autograd, "
    "DeepSHAP tangermeme's",
    citation="Avsec et al. (2021), Nature Genetics 53:354, doi:10.1038/s41588-021-00782-6",
    recognises=_bpnet_lite,
    build=build_bpnet,
)
CHROMBPNET_LITE = Family(
    name="chrombpnet-lite",
    label="ChromBPNet (bpnet-lite)",
    predicts="base-resolution accessibility, with the bias of the enzyme beside it",
    takes="(N, 4, 2114)",
    length=2_114,
    questions=(
        Question("total counts (log)", {"layout": "channels_first", "head": "1"}),
        Question("shape of the profile", {"layout": "channels_first", "head": "0", **PROFILE}),
    ),
    model="chrombpnet.torch (weights alone, or the whole module with --trust-model)",
    get="bpnet-lite writes them, or makes them of ChromBPNet's files (BPNet.from_chrombpnet)",
    packages=("bpnet-lite",),
    note="to explain chromatin and not the enzyme, give the weights of its part `accessibility`",
    tried="random weights of 8 filters and 2 layers",
    citation="Pampari et al. (2024), bioRxiv, doi:10.1101/2024.12.25.630221",
    recognises=_chrombpnet_lite,
    build=build_chrombpnet,
)
CHROMBPNET = Family(
    name="chrombpnet",
    label="ChromBPNet without bias",
    predicts="base-resolution accessibility, the enzyme's bias taken off",
    takes="(N, 2114, 4)",
    questions=(
        Question("total counts (log)", {"head": "1"}),
        Question("shape of the profile", {"head": "0", **PROFILE}),
    ),
    model="chrombpnet_nobias.h5",
    get="chrombpnet pipeline writes chrombpnet_nobias.h5; ENCODE has them for many experiments "
    "(https://www.encodeproject.org, output type 'bias factorized chromatin accessibility "
    "models')",
    packages=("tf-keras",),
    note=KEPT,
    tried="a network of ChromBPNet's layers with random weights",
    citation="Pampari et al. (2024), bioRxiv, doi:10.1101/2024.12.25.630221",
    recognises=_chrombpnet,
)
CHROMBPNET_FULL = Family(
    name="chrombpnet-full",
    label="ChromBPNet with its bias model",
    predicts="base-resolution accessibility, the enzyme's bias included",
    takes="(N, 2114, 4)",
    questions=(
        Question("total counts (log)", {"head": "logcount_predictions"}),
        Question("shape of the profile", {"head": "logits_profile_predictions", **PROFILE}),
    ),
    model="chrombpnet.h5",
    get="chrombpnet pipeline writes chrombpnet.h5 beside chrombpnet_nobias.h5",
    packages=("tf-keras",),
    note="explain chrombpnet_nobias.h5 where you have it: here the enzyme's preferences are "
    "explained too. The file's Lambda layer is ChromBPNet's log of a sum of exponentials: that "
    "formula is put in its place, and the code in the file is not run",
    tried="a network of ChromBPNet's layers (128 filters, 8 layers each) with random weights: a "
    "run to its end, whose maps equal TensorFlow's gradient; DeepSHAP of its counts is shap's",
    citation="Pampari et al. (2024), bioRxiv, doi:10.1101/2024.12.25.630221",
    recognises=_chrombpnet_full,
)
BPNET_KERAS = Family(
    name="bpnet-keras",
    label="BPNet with chrombpnet's layers",
    predicts="base-resolution profile and total counts; a bias model of ChromBPNet among others",
    takes="(N, 2114, 4)",
    questions=(
        Question("total counts (log)", {"head": "1"}),
        Question("shape of the profile", {"head": "0", **PROFILE}),
    ),
    model="bias.h5",
    get="chrombpnet bias pipeline writes bias.h5",
    packages=("tf-keras",),
    note=KEPT,
    tried="a network of these layers with random weights",
    citation="Avsec et al. (2021), Nature Genetics 53:354, doi:10.1038/s41588-021-00782-6",
    recognises=_bpnet_keras,
)
