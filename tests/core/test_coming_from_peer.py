"""The page for users of seam-nn: each call and control of that package is on it, and ours exist."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "coming_from_seam_nn.md"
ROOMS = (
    "attributer",
    "clusterer",
    "compiler",
    "figures",
    "frameworks",
    "identifier",
    "meta_explainer",
    "sequences",
)
CONTROLS = {"QLabel", "QPushButton", "QCheckBox", "QAction", "addItem"}


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def peer(module: str) -> ast.Module:
    """A module of the installed peer, parsed and not run."""
    found = importlib.util.find_spec("seam")
    if found is None or not found.submodule_search_locations:
        pytest.skip("seam-nn is not installed")
    folder = Path(found.submodule_search_locations[0])
    return ast.parse((folder / f"{module}.py").read_text(encoding="utf-8"))


def methods(module: str) -> Iterator[str]:
    """Public methods of its classes, and the functions of `utils`."""
    for made in peer(module).body:
        inside = made.body if isinstance(made, ast.ClassDef) else [made]
        owner = made.name if isinstance(made, ast.ClassDef) else module
        for each in inside if owner in ("utils", getattr(made, "name", "")) else []:
            if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
                yield f"{owner}.{each.name}"


def controls() -> Iterator[str]:
    """What stands on the labels, buttons, choices and tabs of the peer's window."""
    for call in (node for node in ast.walk(peer("seam_gui")) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        texts = call.args[1:2] if name == "addTab" else call.args[:1] if name in CONTROLS else []
        for text in texts:
            if isinstance(text, ast.Constant) and re.search("[A-Za-z]{2}", str(text.value)):
                yield str(text.value).replace("&", "").strip().rstrip(":")


@pytest.mark.parametrize(
    "module", ["attributer", "compiler", "clusterer", "meta_explainer", "identifier", "utils"]
)
def test_each_call_of_the_peer_is_on_the_page(module: str, page: str) -> None:
    wanted = set(methods(module))
    assert wanted
    assert {name for name in wanted if f"`{name}`" not in page} == set()


def test_each_control_of_the_peers_window_is_on_the_page(page: str) -> None:
    wanted = set(controls())
    assert len(wanted) > 60
    shown = page[page.index("## The window") :]
    assert {text for text in wanted if f"*{text}*" not in shown} == set()


def test_what_the_page_says_of_ours_exists(page: str) -> None:
    named = set(re.findall(rf"`((?:{'|'.join(ROOMS)})\.[A-Za-z_.]+)", page))
    assert len(named) > 30
    for name in named:
        room, _, rest = name.partition(".")
        found = importlib.import_module(f"seam_core.{room}")
        for part in rest.split("."):
            found = getattr(found, part)


def test_parameters_that_the_page_names_exist(page: str) -> None:
    from seam_core.figures.msm import QUANTITIES
    from seam_core.parameters import describe
    from seam_core.stages import PARTS

    known = {each.name: each for cls in PARTS.values() for each in describe(cls)}
    given = re.findall(r'`([a-z_]+)="([\w-]+)"', page)
    beside = {"shape": ("triangular", "square"), "quantity": QUANTITIES}  # arguments of figures
    assert len(given) > 8
    for name, value in given:
        assert value in (beside.get(name) or known[name].choices), (name, value)
