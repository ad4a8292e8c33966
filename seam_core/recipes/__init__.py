"""Recipes: whole analyses as TOML files, with the question that each answers."""

from seam_core.recipes.recipe import (
    Recipe,
    Variant,
    as_toml,
    from_session,
    load,
    names,
    path_of,
    save,
)
from seam_core.recipes.run import run

__all__ = [
    "Recipe",
    "Variant",
    "as_toml",
    "from_session",
    "load",
    "names",
    "path_of",
    "run",
    "save",
]
