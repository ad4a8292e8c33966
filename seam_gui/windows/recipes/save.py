"""Writes how a session was made as a recipe."""

from __future__ import annotations

from pathlib import Path

from seam_core.pipeline import RunConfig
from seam_core.session import Session


def write_recipe(session: Session, config: RunConfig, title: str, path: Path) -> Path:
    """The parameters that made a session; those in the forms where nothing was made yet.

    Returns the file written, whose name ends in .toml.
    """
    from seam_core import recipes

    path = path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml")
    if session.is_empty:
        recipe = recipes.from_config(config, title)
    else:
        recipe = recipes.from_session(session, title)
    recipes.save(recipe, path)
    return path
