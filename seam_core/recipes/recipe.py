"""What a recipe is, and recipes as TOML files: shipped ones by name, others by path.

    [recipe]                     title, question, look_at, authors, needs, combine
    [mutagenizer] ... [oracle]   parameters, as in a configuration file
    [[variant]]                  name, and the parameters that differ; one run each
    [example]                    inputs to try it on: sequence, and parameters of the oracle

`combine` says what becomes of the variants: "task" joins them to one session whose table has a
column Task; "compare" keeps one session each, and compares them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from seam_core.exports.files import write_text
from seam_core.pipeline import RunConfig, config_of, read_reference
from seam_core.product import data_folder
from seam_core.readers.settings import read_toml
from seam_core.session import Session
from seam_core.stages import PARTS
from seam_core.validate import InputError, SeamError

FOLDER = Path(__file__).resolve().parent
COMBINE = ("", "task", "compare")
NEEDS = ("model", "sequence")
# libraries of variants of a sequence
MUTANTS = ("local", "two_hot", "generator")


@dataclass(frozen=True)
class Variant:
    """One of several runs of a recipe: a name, and part -> parameter -> value that differ."""

    name: str
    changes: dict[str, dict[str, Any]]

    def __post_init__(self) -> None:
        kept = {part: _as_kept(part, changes) for part, changes in self.changes.items()}
        object.__setattr__(self, "changes", kept)

    def applied(self, config: RunConfig) -> RunConfig:
        """`config` with the variant's parameters."""
        changed = {
            part: getattr(config, part).replace(**values) for part, values in self.changes.items()
        }
        return replace(config, name=f"{config.name} {self.name}".strip(), **changed)


@dataclass(frozen=True)
class Recipe:
    """One analysis.

    number : its place among the authors' nine; 0 for others
    question : what it answers
    look_at : what to look at in the result
    authors : the authors' settings, in words
    needs : what the user brings: "model", "sequence"
    combine : "" (one run), "task" or "compare"
    example : inputs to try it on, which ship or can be downloaded: `sequence` (a file of
        `resources`, or letters), `model`, and other parameters of the oracle
    """

    name: str
    title: str
    config: RunConfig
    number: int = 0
    question: str = ""
    look_at: str = ""
    authors: str = ""
    needs: tuple[str, ...] = ("model", "sequence")
    combine: str = ""
    variants: tuple[Variant, ...] = field(default=())
    example: dict[str, Any] = field(default_factory=dict)


def shipped() -> list[Recipe]:
    """The shipped recipes, in the authors' order."""
    recipes = [load(path.stem) for path in FOLDER.glob("*.toml")]
    return sorted(recipes, key=lambda recipe: recipe.number)


def names() -> list[str]:
    """Names of the shipped recipes, in the authors' order."""
    return [recipe.name for recipe in shipped()]


def load(name: str | Path) -> Recipe:
    """A shipped recipe by its name, or one of the user's by its path.

    Raises `InputError` for an unknown recipe, an unknown key or a value out of bounds.
    """
    path = path_of(name)
    return parse(read_toml(path), path.stem, str(path))


def path_of(name: str | Path) -> Path:
    """The file of a shipped recipe by its name; a path as it is. Raises `InputError`."""
    path = Path(name)
    if path.suffix != ".toml":
        path = FOLDER / f"{name}.toml"
        if not path.is_file():
            known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.toml")))
            raise InputError("recipe", name, f"a .toml file, or one of {known}")
    return path


def parse(values: dict[str, Any], name: str, source: str = "") -> Recipe:
    """A recipe from the plain values of its file; see `load` for what it raises."""
    values = dict(values)
    about = values.pop("recipe", None)
    about = dict(about) if isinstance(about, dict) else about
    if not isinstance(about, dict) or not isinstance(about.get("title"), str):
        raise InputError("recipe.title", "nothing", "a table [recipe] with a title", source)
    known = ("number", "title", "question", "look_at", "authors", "needs", "combine")
    for key in about:
        if key not in known:
            raise InputError(f"recipe.{key}", "an unknown key", ", ".join(known), source)
    _check_about(about, source)
    variants = tuple(
        _variant(item, number, source) for number, item in enumerate(values.pop("variant", []))
    )
    about["needs"] = tuple(about.get("needs", NEEDS))
    example = values.pop("example", {})
    config = RunConfig.from_dict(values, source)
    recipe = Recipe(name=name, config=config, variants=variants, example=example, **about)
    with_example(recipe, config, source)
    if bool(variants) != bool(recipe.combine):
        expected = "variants together with combine = task or compare"
        raise InputError("recipe.combine", repr(recipe.combine), expected, source)
    for variant in variants:
        _check_variant(variant, config, source)
    return recipe


def with_example(recipe: Recipe, config: RunConfig, source: str = "") -> RunConfig:
    """`config` with the inputs of the recipe's example.

    Raises `InputError` where the recipe has none that can be read.
    """
    if not isinstance(recipe.example, dict):
        raise InputError("example", repr(recipe.example), "a table", source)
    oracle = dict(recipe.example)
    sequence = str(oracle.pop("sequence", ""))
    file = data_folder("resources") / sequence
    inputs = RunConfig.from_dict({"oracle": {**config.oracle.to_dict(), **oracle}}, source)
    return replace(config, oracle=inputs.oracle, sequence=str(file) if file.is_file() else sequence)


def _check_about(about: dict[str, Any], source: str) -> None:
    for key, value in about.items():
        if key == "number" and not isinstance(value, int):
            raise InputError("recipe.number", repr(value), "a whole number", source)
        if key == "needs" and not (isinstance(value, list) and set(value) <= set(NEEDS)):
            raise InputError("recipe.needs", repr(value), "a list of " + ", ".join(NEEDS), source)
        if key not in ("number", "needs") and not isinstance(value, str):
            raise InputError(f"recipe.{key}", repr(value), "a text", source)
    if about.get("combine", "") not in COMBINE:
        raise InputError("recipe.combine", repr(about["combine"]), "task or compare", source)


def _variant(item: Any, number: int, source: str) -> Variant:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise InputError(f"variant {number}", repr(item), "a table with a name", source)
    if not item["name"].strip() or set(item["name"]) & set("/\\:") or item["name"][0] == ".":
        # sessions that are compared are folders of these names
        raise InputError(f"variant {number}.name", repr(item["name"]), "a folder's name", source)
    changes = {key: value for key, value in item.items() if key != "name"}
    for key in changes:
        if key not in PARTS:
            expected = "one of " + ", ".join(PARTS)
            raise InputError(f"variant {item['name']}.{key}", "an unknown key", expected, source)
    return Variant(item["name"], changes)


def _as_kept(part: str, changes: Any) -> Any:
    """Changes of a stage's parameters as these keep them: a column 0 is the text "0".

    What does not fit is left as it is, and said where it is used.
    """
    try:
        parameters = PARTS[part]().replace(**changes)
        return {name: getattr(parameters, name) for name in changes}
    except (SeamError, TypeError, AttributeError):
        return changes


def _check_variant(variant: Variant, config: RunConfig, source: str) -> None:
    for part, values in variant.changes.items():
        merged = {**getattr(config, part).to_dict(), **values}
        RunConfig.from_dict({part: merged}, source)


def with_variants(recipe: Recipe, items: list[dict[str, Any]], source: str = "") -> Recipe:
    """The recipe with other runs: as [[variant]] tables of a file say them.

    Raises `InputError` for a recipe of one run, fewer than two runs, and what `load` refuses.
    """
    if not recipe.variants:
        raise InputError("recipe", f"{recipe.name}, of one run", "a recipe of several", source)
    if len(items) < 2:
        raise InputError("runs", f"{len(items)}", "two or more", source)
    variants = tuple(_variant(item, number, source) for number, item in enumerate(items))
    names = [variant.name for variant in variants]
    for name in names:
        if names.count(name) > 1:
            raise InputError("runs", f"two of the name {name}", "one of a name", source)
    for variant in variants:
        _check_variant(variant, recipe.config, source)
    return replace(recipe, variants=variants)


def fitted(recipe: Recipe, config: RunConfig) -> Recipe:
    """The recipe for the model of `config`: heads that are columns of its only output become so.

    Runs that differ in the number of the head are those of a model with a head a task; another has
    one head with a column a task.
    """
    heads = [variant.changes.get("oracle", {}) for variant in recipe.variants]
    only_head = all(set(change) == {"head"} and change["head"].isdecimal() for change in heads)
    if not heads or not only_head or not config.oracle.model:
        return recipe
    columns = _columns_of_only_head(config)
    if columns <= max(int(change["head"]) for change in heads):
        return recipe
    variants = tuple(
        replace(variant, changes={"oracle": {"head": "0", "column": change["head"]}})
        for variant, change in zip(recipe.variants, heads, strict=True)
    )
    return replace(recipe, variants=variants)


def _columns_of_only_head(config: RunConfig) -> int:
    """Columns of the model's head; 0 where it has several heads, or this one is a profile."""
    from seam_core import models
    from seam_core.frameworks import load_oracle
    from seam_core.oracles.capabilities import heads_of

    first = models.located(config.oracle).replace(head="0", column="0")
    try:
        oracle = load_oracle(first, device=config.attributer.device)
    except InputError:
        return 0  # said better by the run itself
    heads = heads_of(oracle)
    if not heads:
        letters = read_reference(config).letters
        length = config.mutagenizer.sequence_length or (None if letters is None else len(letters))
        length = oracle.length or length
        if length is None:
            return 0
        # some know their heads once they have answered
        oracle.predict(np.eye(oracle.n_letters, dtype=np.float32)[np.zeros((1, length), int)])
        heads = heads_of(oracle)
    shapes = [shape for _, shape in heads]
    return int(shapes[0][0]) if len(shapes) == 1 and len(shapes[0]) == 1 else 0


def from_session(session: Session, title: str, *, question: str = "") -> Recipe:
    """A recipe of how a session was made, for other models and sequences.

    The model and the sequence are the user's to bring; head, layout and alphabet are kept. A
    session that several runs were joined to gives a recipe of these runs.
    """
    recipe = from_config(config_of(session), title, question=question)
    made_by = of_session(session)
    if made_by is None or made_by.combine != "task":
        return recipe
    tasks = set() if session.table is None else set(session.table.frame.get("Task", ()))
    if tasks != {variant.name for variant in made_by.variants}:
        return recipe
    return replace(recipe, combine="task", variants=made_by.variants, needs=made_by.needs)


def from_config(config: RunConfig, title: str, *, question: str = "") -> Recipe:
    """A recipe of the settings of a run, without its model and sequence."""
    oracle = config.oracle.replace(model="", weights="", other_inputs="", input="", channels="")
    name = "".join(letter if letter.isalnum() else "_" for letter in title.lower())
    reads = config.sequence or config.mutagenizer.library in MUTANTS
    needs = ("model", "sequence") if reads else ("model",)
    config = replace(config, name="", sequence="", record="", locus="", oracle=oracle)
    return Recipe(name=name, title=title, question=question, config=config, needs=needs)


def of_session(session: Session) -> Recipe | None:
    """The recipe that a session says it was made by (with default parameters), if any."""
    values = session.state.get("recipe")
    try:
        return parse(values, "recipe") if isinstance(values, dict) else None
    except InputError:
        return None


def with_recipe(session: Session, recipe: Recipe) -> Session:
    """The session, saying in its state which recipe made it."""
    return replace(session, state={**session.state, "recipe": described(recipe)})


def check_batch(recipe: Recipe) -> None:
    """Raise `InputError` for a recipe that cannot be run at one locus after the other."""
    if "sequence" not in recipe.needs:
        raise InputError(
            "recipe",
            f"{recipe.name}, which reads no sequence",
            "a recipe that explains a sequence; this one gives the same at every locus",
        )


def described(recipe: Recipe) -> dict[str, Any]:
    """What a recipe is about, and its runs; no parameters that all runs share."""
    about: dict[str, Any] = {"title": recipe.title}
    for key in ("number", "question", "look_at", "authors", "combine"):
        if getattr(recipe, key):
            about[key] = getattr(recipe, key)
    about["needs"] = list(recipe.needs)
    values: dict[str, Any] = {"recipe": about}
    if recipe.variants:
        values["variant"] = [
            {"name": variant.name, **variant.changes} for variant in recipe.variants
        ]
    return values


def to_dict(recipe: Recipe) -> dict[str, Any]:
    """The plain values of a recipe's file, with every parameter; `parse` reads them."""
    about = described(recipe)
    values = {"recipe": about.pop("recipe")}
    for part in PARTS:
        own = getattr(recipe.config, part).to_dict()
        values[part] = {name: value for name, value in own.items() if value is not None}
    if recipe.example:
        values["example"] = dict(recipe.example)
    return values | about


def as_toml(recipe: Recipe) -> str:
    """The text of a recipe's file, with every parameter: later defaults do not change it."""
    import tomli_w

    return tomli_w.dumps(to_dict(recipe))


def save(recipe: Recipe, path: Path | str) -> None:
    """Write a recipe's file, whole or not at all."""
    path = Path(path)
    if path.suffix != ".toml":
        raise InputError("recipe", str(path), "a file name that ends in .toml")
    write_text(path, as_toml(recipe), what="recipe")
