"""Registries: names without imports, and plug-ins that cannot be taken."""

import sys
from dataclasses import dataclass

import pytest

from seam_core import registry
from seam_core.registry import Method, PluginError, Registry
from seam_core.validate import InputError


@dataclass(frozen=True, kw_only=True)
class Dish(Method):
    pass


OURS = Dish(name="ours", label="Our own")


@pytest.fixture
def dishes(monkeypatch):
    made = Registry("dish", "seam.dishes", f"{__name__}:Dish", {"ours": f"{__name__}:OURS"})
    monkeypatch.setattr(registry, "REGISTRIES", [made])
    registry._entry_points.cache_clear()
    yield made
    registry._entry_points.cache_clear()


def install(folder, package, points, code=""):
    """A package as pip leaves one: its module and what it says of itself."""
    module = package.replace("-", "_")
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{module}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    lines = "".join(f"{name} = {value}\n" for name, value in points.items())
    (info / "entry_points.txt").write_text(f"[seam.dishes]\n{lines}")


DECLARES = f"from {__name__} import Dish\nSOUP = Dish(name='soup', label='Soup')\n"


def test_a_plug_in_is_imported_when_it_is_asked_for(tmp_path, monkeypatch, dishes):
    install(tmp_path, "seam-soup", {"soup": "seam_soup:SOUP"}, DECLARES)
    monkeypatch.syspath_prepend(tmp_path)
    assert dishes.names() == ("ours", "soup")
    assert "seam_soup" not in sys.modules
    assert dishes.get("soup").label == "Soup"
    assert dishes.label("soup") == "Soup"
    assert dishes.package_of("soup") == "seam-soup 1.2"
    assert [dish.name for dish in dishes] == ["ours", "soup"]
    assert dishes.problems == []


def test_an_unknown_name_is_told_with_those_that_there_are(dishes):
    with pytest.raises(InputError, match="got 'stew'; expected one of ours"):
        dishes.get("stew")
    assert dishes.find("stew") is None
    assert dishes.label("stew") == "Stew"


@pytest.mark.parametrize(
    ("value", "code", "why"),
    [
        ("seam_bad:SOUP", "import no_such_module_here", "ModuleNotFoundError"),
        ("seam_bad:SOUP", "raise SystemExit(3)", "SystemExit"),
        ("seam_bad:SOUP", "", "AttributeError"),
        ("seam_bad:SOUP", "SOUP = 3", "TypeError: a int, not a Dish"),
        ("seam_bad:SOUP", DECLARES.replace("'soup'", "'stew'"), "the record's name is 'stew'"),
    ],
)
def test_a_broken_plug_in_is_one_message_with_its_package(
    value, code, why, tmp_path, monkeypatch, dishes
):
    monkeypatch.delitem(sys.modules, "seam_bad", raising=False)
    install(tmp_path, "seam-bad", {"soup": value}, code)
    monkeypatch.syspath_prepend(tmp_path)
    assert [dish.name for dish in dishes] == ["ours"]
    (message,) = dishes.problems
    assert "seam-bad 1.2" in message
    assert why in message
    assert "soup" not in dishes
    list(dishes)
    assert dishes.problems == [message]
    with pytest.raises((InputError, PluginError)):
        dishes.get("soup")


def test_names_that_are_taken_stay_with_the_first(tmp_path, monkeypatch, dishes):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, package in ((first, "seam-first"), (second, "seam-second")):
        folder.mkdir()
        module = package.replace("-", "_")
        points = {"soup": f"{module}:SOUP", "ours": f"{module}:SOUP"}
        install(folder, package, points, DECLARES)
        monkeypatch.syspath_prepend(folder)
    assert dishes.names() == ("ours", "soup")
    assert dishes.get("ours") is OURS
    assert len(dishes.problems) == 3
    assert any("seamscope has one of that name" in message for message in dishes.problems)
    assert any("seam-first" in message and "seam-second" in message for message in dishes.problems)
