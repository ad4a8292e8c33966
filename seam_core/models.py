"""Published models that can be downloaded by name, each file checked against a published sum."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seam_core.product import NAME, data_folder
from seam_core.progress import SILENT, Progress
from seam_core.validate import InputError, SeamError

if TYPE_CHECKING:
    from seam_core.parameters import OracleParameters


class DownloadError(SeamError, OSError):
    """A model could not be fetched; the message says what to do."""


@dataclass(frozen=True)
class ModelFile:
    """One file of a model: where it is, and its MD5 sum as published there."""

    name: str
    url: str
    md5: str


@dataclass(frozen=True)
class PublishedModel:
    """A model that `fetch` knows; the first of its files is the one to load."""

    name: str
    title: str
    length: int
    heads: tuple[str, ...]
    files: tuple[ModelFile, ...]
    licence: str
    citation: str


_ZENODO = "https://zenodo.org/record/5502060/files"

MODELS: dict[str, PublishedModel] = {
    "deepstarr": PublishedModel(
        name="deepstarr",
        title="DeepSTARR: enhancer activity in Drosophila S2 cells",
        length=249,
        heads=("0: developmental (Dense_Dev)", "1: housekeeping (Dense_Hk)"),
        # sums as published with Zenodo record 5502060
        files=(
            ModelFile(
                "deepstarr.model.json",
                f"{_ZENODO}/DeepSTARR.model.json?download=1",
                "9b796f79441e53dc75dd79b911fff872",
            ),
            ModelFile(
                "deepstarr.model.h5",
                f"{_ZENODO}/DeepSTARR.model.h5?download=1",
                "7e53a9351b2520a4713a5ffdb5f1566c",
            ),
        ),
        licence="MIT",
        citation="de Almeida et al. (2022), Nature Genetics 54:613, doi:10.1038/s41588-022-01048-5",
    ),
    "basset": PublishedModel(
        name="basset",
        title="Basset: accessibility in 164 cell types, as Kipoi has it",
        length=600,
        heads=("column 0 to 163: cell types; --layout N4L1",),
        # the sum that Kipoi's description of the model names (model Basset, args.weights)
        files=(
            ModelFile(
                "pretrained_model_reloaded_th.pth",
                "https://zenodo.org/record/1466068/files/pretrained_model_reloaded_th.pth?download=1",
                "4878981d84499eb575abd0f3b45570d3",
            ),
        ),
        licence="as the Zenodo record says",
        citation="Kelley, Snoek & Rinn (2016), Genome Research 26:990, doi:10.1101/gr.200535.115",
    ),
    "basenji2": PublishedModel(
        name="basenji2",
        title="Basenji2 in PyTorch: 5,313 human tracks (needs basenji2-pytorch)",
        length=131_072,
        heads=("column 0 to 5312: tracks; --layout channels_first --reduction sum",),
        # the sum that basenji2-pytorch checks what it downloads by (basenji2_weights)
        files=(
            ModelFile(
                "basenji2.pth",
                "https://zenodo.org/records/14969593/files/basenji2.pth?download=1",
                "1f46acc933e05515faf4d7eec0e27d42",
            ),
        ),
        licence="as the Zenodo record says",
        citation="Kelley (2020), PLoS Computational Biology 16:e1008050, "
        "doi:10.1371/journal.pcbi.1008050",
    ),
}


# name -> file of `resources`, and what it is
SHIPPED: dict[str, tuple[str, str]] = {
    "toy": ("models/toy.keras", "a small network of three planted sites (scripts/train_toy.py)"),
    "bpnet": ("models/bpnet.keras", "a small profile network (scripts/train_bpnet.py)"),
    "intron": ("landscapes/intron_30C.parquet", "the measured landscape of an intron, a table"),
}


def cache_folder() -> Path:
    """Where downloaded models are kept: SEAM_MODELS, else the user's cache folder."""
    import pooch

    return Path(os.environ.get("SEAM_MODELS") or pooch.os_cache(NAME))


def fetched(name: str) -> Path | None:
    """The file to load of a model that was downloaded before; None where it was not."""
    folder = cache_folder() / name
    paths = [folder / file.name for file in MODELS[name].files]
    return paths[0] if all(path.is_file() for path in paths) else None


def fetch(name: str, *, progress: Progress = SILENT) -> Path:
    """Download a model, unless it is here; return the file to load.

    A file is only kept when its MD5 sum is the published one.

    Raises
    ------
    InputError
        No model of the name.
    DownloadError
        No network, an error of the server, or another sum.
    """
    if name not in MODELS:
        raise InputError("model", name, "one of " + ", ".join(MODELS))
    model = MODELS[name]
    folder = cache_folder() / name
    paths = []
    for done, file in enumerate(model.files):
        progress.update(done, len(model.files), f"Downloading {file.name}")
        paths.append(_retrieve(file, folder))
    progress.update(1, 1, "Downloaded")
    return paths[0]


def _retrieve(file: ModelFile, folder: Path) -> Path:
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel("WARNING")
    try:
        path = pooch.retrieve(
            file.url, known_hash=f"md5:{file.md5}", fname=file.name, path=folder, progressbar=False
        )
    except RequestException as error:
        raise DownloadError(
            f"{file.name}: {file.url} cannot be reached ({type(error).__name__}). Is there a "
            f"network? You can also put the file, fetched elsewhere, into {folder}"
        ) from error
    except ValueError as error:
        raise DownloadError(
            f"{file.name}: what {file.url} sent has another MD5 sum than the published "
            f"{file.md5}; it was not kept"
        ) from error
    except OSError as error:
        raise DownloadError(f"{file.name}: cannot be kept in {folder}: {error}") from error
    return Path(path)


def locate(model: str) -> str:
    """The file of a shipped or a published model by its name; others unchanged.

    Raises `InputError` with the command that downloads a published one which is not here.
    """
    if Path(model).exists():
        return model
    if model in SHIPPED:
        return str(data_folder("resources") / SHIPPED[model][0])
    if model not in MODELS:
        return model
    path = fetched(model)
    if path is None:
        expected = f"a downloaded model; fetch it with: seam models fetch {model}"
        raise InputError("model", f"{model}, which is not downloaded", expected)
    return str(path)


def located(oracle: OracleParameters) -> OracleParameters:
    """The parameters with the file of a model that they name; raises as `locate`."""
    return oracle.replace(model=locate(oracle.model))
