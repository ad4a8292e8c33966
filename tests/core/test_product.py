"""The product's name, its data and the commands that install what it lacks."""

import sys
from importlib import metadata
from pathlib import Path

import pytest

from seam_core import models, product, recipes
from seam_core.validate import InputError


def test_install_command_names_the_packages_for_this_interpreter():
    command = product.install_command("batch")
    assert command.startswith(f'"{sys.executable}" -m pip install "distributed>=')
    with pytest.raises(KeyError):
        product.install_command("no such extra")


def test_wheel_and_checkout_name_the_same_packages(tmp_path, monkeypatch):
    """Without the checkout, the requirements are read off the installed distribution."""
    here = product.requirements_of("cluster")
    lines = [f'{line} ; extra == "cluster"' for line in here] + ["numpy>=1.26"]
    monkeypatch.setattr(product, "CHECKOUT", tmp_path)
    monkeypatch.setattr(metadata, "requires", lambda name: lines)
    assert product.requirements_of("cluster") == here


def test_data_lie_in_the_checkout_or_inside_the_package(tmp_path, monkeypatch):
    assert (product.data_folder("resources") / "models" / "toy.keras").is_file()
    monkeypatch.setattr(product, "CHECKOUT", tmp_path)
    assert product.data_folder("resources").parts[-3:] == ("seam_core", "data", "resources")


@pytest.mark.parametrize("name", list(models.SHIPPED))
def test_shipped_models_are_found_from_any_folder(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Path(models.locate(name)).is_file()


def test_every_shipped_recipe_has_an_example_that_ships_or_is_published(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for recipe in recipes.shipped():
        config = recipes.with_example(recipe, recipe.config)
        assert config.oracle.model in {**models.SHIPPED, **models.MODELS}, recipe.name
        if "sequence" in recipe.needs:
            assert Path(config.sequence).read_text().startswith(">"), recipe.name


def test_an_example_that_names_no_parameter_is_refused():
    values = {"recipe": {"title": "mine"}, "example": {"modle": "toy"}}
    with pytest.raises(InputError, match="modle"):
        recipes.parse(values, "mine")
