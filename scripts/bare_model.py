"""Save a trained network for others to load: small, and readable by older versions of Keras."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

# Settings that Keras 3.15 writes and 3.12 (the last for Python 3.10) refuses; all have no value.
_NEWER = ("quantization_config", "input_axes", "output_axes")


def save_bare(model: Any, path: Path) -> None:
    """Save without the optimizer's state, which is twice the size of the weights."""
    import keras

    bare = keras.models.clone_model(model)
    bare.set_weights(model.get_weights())
    bare.save(path)
    make_readable(path)


def make_readable(path: Path) -> None:
    """Leave out of a .keras file what an older Keras does not know."""
    rewritten = path.with_suffix(".part")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(rewritten, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == "config.json":
                data = json.dumps(_without_newer(json.loads(data))).encode()
            new.writestr(item, data)
    shutil.move(rewritten, path)


def _without_newer(value: Any) -> Any:
    if isinstance(value, dict):
        known = {k: v for k, v in value.items() if v is not None or k not in _NEWER}
        return {key: _without_newer(item) for key, item in known.items()}
    if isinstance(value, list):
        return [_without_newer(item) for item in value]
    return value
