"""Recipes: whole analyses as TOML files, with the question that each answers."""

from seam_core.recipes.recipe import (
    Recipe,
    Variant,
    as_toml,
    check_batch,
    fitted,
    from_config,
    from_session,
    load,
    names,
    of_session,
    parse,
    path_of,
    save,
    shipped,
    to_dict,
    with_variants,
)
from seam_core.recipes.run import run, runs_folder, runs_of, started

__all__ = [
    "Recipe",
    "Variant",
    "as_toml",
    "check_batch",
    "fitted",
    "from_config",
    "from_session",
    "load",
    "names",
    "of_session",
    "parse",
    "path_of",
    "run",
    "runs_folder",
    "runs_of",
    "save",
    "shipped",
    "started",
    "to_dict",
    "with_variants",
]
