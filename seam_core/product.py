"""What the product is called, where its data lie, and how what it lacks is installed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

NAME = "seamscope"  # of the distribution, the settings and the cache
TITLE = "SEAMscope"
FIRST_DEMO = "eve_hk"  # that is opened where none is named
_PACKAGE = Path(__file__).resolve().parent
CHECKOUT = _PACKAGE.parent


def data_folder(name: str) -> Path:
    """The folder "demo_data" or "resources": of the checkout, else inside the installed package."""
    folder = CHECKOUT / name
    return folder if (CHECKOUT / "pyproject.toml").is_file() else _PACKAGE / "data" / name


def install_command(extra: str) -> str:
    """The command that installs the packages of an extra for this interpreter.

    It names the packages themselves, so that it works from a checkout and from a wheel alike.
    """
    return pip_command(requirements_of(extra))


def pip_command(requirements: Sequence[str]) -> str:
    """The command that installs packages for this interpreter."""
    wanted = " ".join(f'"{requirement}"' for requirement in requirements)
    return f'"{sys.executable}" -m pip install {wanted}'


def requirements_of(extra: str) -> list[str]:
    """Requirements of an extra as the package declares them, e.g. `["pysam>=0.22"]`.

    Raises `KeyError` for an extra that is not declared.
    """
    declared = _declared()
    if extra not in declared:
        raise KeyError(extra)
    return declared[extra]


def _declared() -> dict[str, list[str]]:
    """Extra -> its requirements: of the checkout, else of the installed distribution."""
    file = CHECKOUT / "pyproject.toml"
    if file.is_file():
        from seam_core.toml import parse_toml

        return dict(
            parse_toml(file.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
        )
    by_extra: dict[str, list[str]] = {}
    for line in metadata.requires(NAME) or []:
        requirement, _, marker = line.partition(";")
        extra = marker.partition("extra ==")[2].strip(" '\"")
        if extra:
            by_extra.setdefault(extra, []).append(requirement.strip())
    return by_extra
