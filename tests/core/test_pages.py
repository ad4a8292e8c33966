"""Pages of the documentation that scripts write are what the code says."""

from __future__ import annotations

import ast
import builtins
import json
import re
import runpy
import shlex
from argparse import _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest

from seam_core import recipes
from seam_core.cli.main import build_parser
from seam_core.figures.overview import PICTURES
from seam_core.intervals import CONVENTION, span_text
from seam_core.parameters import describe
from seam_core.stages import PARTS
from seam_core.variants.alleles import REASONS

SCRIPTS = Path(__file__).parents[2] / "scripts"


def test_the_page_of_parameters_is_what_the_declarations_say() -> None:
    written = runpy.run_path(str(SCRIPTS / "parameters_page.py"))
    assert written["PAGE"].read_text(encoding="utf-8") == written["page"]()


def test_no_parameter_is_missing_on_the_page() -> None:
    page = (SCRIPTS.parent / "docs" / "parameters.md").read_text(encoding="utf-8")
    for part, cls in PARTS.items():
        section = page[page.index(f"`[{part}]`") :].split("\n## ", 1)[0]
        assert {each.name for each in describe(cls) if f"| `{each.name}` |" not in section} == set()


def test_the_gallery_shows_the_code_that_draws_it() -> None:
    written = runpy.run_path(str(SCRIPTS / "gallery.py"))
    assert (written["DOCS"] / "gallery.md").read_text(encoding="utf-8") == written["page"]()
    pictures = {path.stem for path in written["PICTURES"].glob("*.png")}
    assert pictures == set(written["FIGURES"])


def test_every_tutorial_was_run_and_is_on_the_site() -> None:
    site = (SCRIPTS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    notebooks = sorted((SCRIPTS.parent / "docs" / "tutorials").glob("*.ipynb"))
    assert len(notebooks) == 6
    for path in notebooks:
        assert f"- tutorials/{path.name}" in site
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        counts = [cell["execution_count"] for cell in code]
        assert counts == list(range(1, len(code) + 1)), path.name
        kinds = {output["output_type"] for cell in code for output in cell["outputs"]}
        assert "error" not in kinds, path.name


def test_what_tutorials_and_pages_import_is_there() -> None:
    missing = []
    for path, text in _python_of_the_site():
        for node in ast.walk(ast.parse(re.sub("(?m)^[%!].*$", "", text))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("seam_core"):
                try:
                    exec(ast.unparse(node), {})
                except ImportError as error:
                    missing.append(f"{path.name}: {error}")
    assert missing == []


def test_python_of_a_page_uses_what_the_page_made_and_imports_what_it_uses() -> None:
    pages: dict[Path, str] = {}
    for path, text in _python_of_the_site():
        pages[path] = pages.get(path, "") + re.sub("(?m)^[%!].*$", "", text) + "\n"
    wrong = []
    for path, text in pages.items():
        nodes = list(ast.walk(ast.parse(text)))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        aliases = [
            (each.asname or each.name).split(".")[0]
            for node in nodes
            if isinstance(node, ast.Import | ast.ImportFrom)
            for each in node.names
        ]
        used = {name.id for name in names if isinstance(name.ctx, ast.Load)}
        made = {name.id for name in names if isinstance(name.ctx, ast.Store)} | {*aliases}
        made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        made |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        wrong += [f"{path.name}: {name}" for name in used - made - {*dir(builtins)}]
        wrong += [f"{path.name}: {name}, imported in vain" for name in {*aliases} - used]
    assert wrong == [], wrong


def test_every_command_of_the_site_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    """Whole commands and pieces of them (`seam run --head 1`): each option and choice is there."""
    parser = build_parser()
    unknown = []
    commands = list(_commands_of_the_site())
    assert len(commands) > 100
    for page, command in commands:
        words = shlex.split(command)
        try:
            _, left = parser.parse_known_args(words)
        except SystemExit:
            said = capsys.readouterr().err
            left = [] if re.search("required|expected one argument|^$", said) else [said]
        if any(word.startswith("-") for word in left) or any("invalid" in word for word in left):
            unknown.append((page, command, left))
    assert unknown == []


def test_every_command_and_every_option_of_a_file_to_read_is_on_its_page() -> None:
    sessions, formats = (
        (SCRIPTS.parent / "docs" / name).read_text(encoding="utf-8")
        for name in ("sessions.md", "formats.md")
    )
    (commands,) = (a for a in build_parser()._actions if isinstance(a, _SubParsersAction))
    assert [name for name in commands.choices if f"`seam {name}" not in sessions] == []
    written_or_of_batches = {"--out", "--to", "--stage", "--tls-ca", "--tls-cert", "--tls-key"}
    read = {
        option
        for command in commands.choices.values()
        for action in command._actions
        for option in action.option_strings[:1]
        if re.search("FILE|FASTA|TABLE|NPY", str(action.metavar or ""))
    }
    asked = sorted(read - written_or_of_batches)
    assert [each for each in asked if not re.search(rf"{each}\b", formats)] == []


def _commands_of_the_site() -> Iterator[tuple[str, str]]:
    """Page and words behind `seam` of each command in its blocks, text and tutorials."""
    root = SCRIPTS.parent
    texts = {path: path.read_text(encoding="utf-8") for path in (root / "docs").rglob("*.md")}
    texts[root / "README.md"] = (root / "README.md").read_text(encoding="utf-8")
    for path in (root / "docs").glob("tutorials/*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts[path] = "\n".join("".join(cell["source"]) for cell in cells)
    for path, text in texts.items():
        joined = text.replace("\\\n", " ")
        of_blocks = re.findall(r"(?m)^\s*!?(?:\.venv/bin/)?seam ([^\n]*)", joined)
        of_text = re.findall(r"`(?:\.venv/bin/)?seam ([^`]*)`", joined)
        for command in [*of_blocks, *of_text]:
            # without what a page says of it: comments, what may be left out, alternatives
            plain = re.sub(r"\s#.*|[\[\]]|\.\.\.", " ", command).rstrip(":")
            yield path.name, re.sub(r"(\w+)(\|\w+)+", r"\1", plain)


def _python_of_the_site() -> Iterator[tuple[Path, str]]:
    """File and text of each cell of the tutorials and each piece of Python on the pages."""
    docs = SCRIPTS.parent / "docs"
    for path in docs.glob("tutorials/*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield path, "".join(cell["source"])
    for path in docs.rglob("*.md"):
        for text in re.findall("(?ms)^```python\n(.*?)^```", path.read_text(encoding="utf-8")):
            yield path, text


def test_the_page_of_variants_names_every_reason_for_no_answer() -> None:
    page = (SCRIPTS.parent / "docs" / "variants.md").read_text(encoding="utf-8")
    assert [reason for reason in REASONS if reason not in " ".join(page.split())] == []


def test_every_page_of_a_recipe_writes_its_sites_in_the_one_convention() -> None:
    pages = (SCRIPTS.parent / "docs" / "recipes").glob("*.md")
    texts = [page.read_text(encoding="utf-8") for page in pages]
    said = [text.split("**Sites found**")[1] for text in texts if "**Sites found**" in text]
    assert len(said) >= 4
    assert [text for text in said if not text.startswith(f" ({CONVENTION}): ")] == []


def test_what_four_of_the_five_tools_have_is_bold() -> None:
    page = (SCRIPTS.parent / "docs" / "side_by_side.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if re.search(r"[●◐–] \|", line)]
    rows = [line.strip("|").split("|") for line in lines]
    assert len(rows) > 40
    for name, *cells in rows:
        n = sum(cell.strip() in ("●", "◐") for cell in cells[:5])
        assert name.strip().startswith("**") == (n >= 4), name


@pytest.mark.parametrize("name", recipes.names())
def test_what_a_page_of_a_recipe_says_before_its_run_is_what_the_recipe_has(name: str) -> None:
    """Question, settings of the authors, sizes, letters and pictures."""
    recipe, page = recipes.load(name), SCRIPTS.parent / "docs" / "recipes" / f"{name}.md"
    text = page.read_text(encoding="utf-8")
    said = " ".join(text.split("## What came out")[0].split())
    assert text.startswith(f"# {recipe.number}. {recipe.title}\n")
    assert f"**Question.** {recipe.question}" in said
    authors = recipe.authors[0].upper() + recipe.authors[1:]
    assert f"**The authors' settings.** {authors}." in said
    runs = [variant.applied(recipe.config) for variant in recipe.variants] or [recipe.config]
    wanted = [run.mutagenizer for run in runs]
    sequence = recipe.example["sequence"] if name.startswith("landscape") else ""
    numbers = {wanted[0].n_sequences, sum(w.n_sequences for w in wanted), 4 ** len(sequence)}
    known = {f"{number:,}" for number in numbers} | {*re.findall(r"[\d,]+\d", recipe.authors)}
    assert set(re.findall(r"\b\d{1,3}(?:,\d{3})+", said)) <= known
    assert set(re.findall("`([ACGT]{5,})`", said)) <= {w.pattern for w in wanted} | {sequence}
    for flank in re.findall(r"(\d+) letters on either side", said):
        assert {run.attributer.map_flank for run in runs} == {int(flank)}
    assert ("one letter in ten" not in said) or wanted[0].mutation_rate == 0.1
    assert set(re.findall(r"`(\w+)\.png`", said)) <= set(PICTURES)
    for planted in re.findall(r"(\d+-\d+)(?:,| and|\s\()", said.partition("three known motifs")[2]):
        truth = json.loads((SCRIPTS.parent / "resources/models/bpnet.json").read_text("utf-8"))
        assert planted in {span_text(each["start"], each["stop"]) for each in truth["sites"]}
