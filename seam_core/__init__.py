"""SEAM: systematic explanation of attribution-based mechanisms. The engine, without a window."""

from __future__ import annotations

import importlib
from typing import Any

from seam_core.places import keep_kernels

__version__ = "0.2.0"

# public name -> the module that holds it; imported when first asked for, so that
# `import seam_core` stays light
_PUBLIC = {
    "Mutagenizer": "seam_core.mutagenizer",
    "Compiler": "seam_core.compiler",
    "Attributer": "seam_core.attributer",
    "Clusterer": "seam_core.clusterer",
    "MetaExplainer": "seam_core.meta_explainer",
    "Identifier": "seam_core.identifier",
}

__all__ = ["__version__", *_PUBLIC]

keep_kernels()


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
