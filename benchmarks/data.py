"""Real inputs of the benchmarks: the DeepSTARR network and its maps of the *eve* locus.

They are looked for under SEAM_DATA, by default the folder `shared/data` beside the checkout.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from seam_core.sequences import one_hot, strings_to_indices

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("SEAM_DATA", ROOT.parent / "shared" / "data"))
CACHE = ROOT / "build" / "bench"


def deepstarr_model() -> Path:
    """The .json of DeepSTARR, its weights beside it."""
    path = DATA / "deepstarr" / "deepstarr.model.json"
    if not path.exists():
        raise SystemExit(
            f"benchmarks: {path} is missing; set SEAM_DATA to the folder with the data"
        )
    return path


def eve_window() -> str:
    """The 249 letters of chr2R:5876534-5876782."""
    text = (DATA / "deepstarr" / "eve_windows_249.fa").read_text(encoding="ascii")
    records = {r.split()[0]: "".join(r.split("\n")[1:]) for r in text.split(">") if r.strip()}
    (name,) = (name for name in records if "5876534" in name)
    return records[name]


def deepstarr_library(n: int) -> np.ndarray:
    """(n, 249) int8: the *eve* window, then variants with Poisson(25) random substitutions.

    A smaller library is the beginning of a larger one.
    """
    reference = strings_to_indices([eve_window()])[0]
    rng = np.random.default_rng(2025)
    library = np.tile(reference, (n, 1))
    for row in library[1:]:
        count = min(rng.poisson(25), len(row))
        positions = rng.choice(len(row), count, replace=False)
        row[positions] = (row[positions] + rng.integers(1, 4, count)) % 4
    return library


def deepstarr_maps(n: int) -> np.ndarray:
    """(n, 249, 4) float32, memory-mapped: saliency of the housekeeping head over the library.

    Made once and kept under `build/bench`; a smaller set is the beginning of a larger one.
    """
    for path in sorted(CACHE.glob("deepstarr_maps_*.npy")):
        maps = np.load(path, mmap_mode="r")
        if len(maps) >= n:
            return maps[:n]
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"deepstarr_maps_{n:07d}.npy"
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    maps = np.lib.format.open_memmap(unfinished, "w+", np.float32, (n, 249, 4))
    gradient = _deepstarr_gradient()
    library = deepstarr_library(n)
    for start in range(0, n, 500):
        maps[start : start + 500] = gradient(one_hot(library[start : start + 500]))
    maps.flush()
    unfinished.replace(path)
    return np.load(path, mmap_mode="r")


def _deepstarr_gradient() -> Callable[[np.ndarray], np.ndarray]:
    """The gradient of DeepSTARR's housekeeping head, straight from Keras."""
    import keras
    import tensorflow as tf

    path = deepstarr_model()
    model = keras.models.model_from_json(
        path.read_text(encoding="utf-8"), custom_objects={"Model": keras.Model}
    )
    model.load_weights(path.with_suffix(".h5"))

    @tf.function(reduce_retracing=True)
    def gradient(inputs: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            activity = tf.reduce_sum(model(inputs, training=False)[1])
        return tape.gradient(activity, inputs)

    return lambda inputs: gradient(tf.constant(inputs)).numpy()
