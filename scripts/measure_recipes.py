"""Run recipes as a user would, and put what came out into their pages in docs/recipes.

    python scripts/measure_recipes.py local_sites landscape_tree  # none named: all nine
    python scripts/measure_recipes.py --keep DIR NAME  # runs kept there are not repeated

Needs the DeepSTARR network and the landscape, see benchmarks/data.py. What stands between the two
marks of a page is replaced: time and memory, sites, pictures, and what they mean, of which each
sentence is a check of `scripts/claims`. One that does not hold of the run ends it, and the page
stays as it was.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.data import DATA  # noqa: E402
from scripts.claims import CLAIMS, spans  # noqa: E402
from seam_core import recipes, store  # noqa: E402
from seam_core.figures import overview  # noqa: E402
from seam_core.intervals import CONVENTION  # noqa: E402
from seam_core.progress import duration  # noqa: E402
from seam_core.session import Session  # noqa: E402

PAGES = ROOT / "docs" / "recipes"
START, END = "<!-- measured: start -->", "<!-- measured: end -->"
DEEPSTARR = ["--model", str(DATA / "deepstarr" / "deepstarr.model.json")]
EVE = ["--sequence", str(DATA / "deepstarr" / "eve_windows_249.fa")]
TABLE = str(DATA / "intron" / "intron.30C.pq")
LANDSCAPE = ["--model", TABLE, "--measured-column", "y", "--sequence", "AGGTACAT"]
NETWORK = ROOT / "resources" / "models" / "bpnet"
PROFILE = ["--model", f"{NETWORK}.keras", "--sequence", f"{NETWORK}.fa"]

INPUTS = {
    "local_sites": [*DEEPSTARR, *EVE, "--head", "1"],
    "local_background": [*DEEPSTARR, *EVE, "--head", "1"],
    "local_space": [*DEEPSTARR, *EVE, "--head", "1"],
    "landscape_tree": LANDSCAPE,
    "landscape_space": LANDSCAPE,
    "global_site": DEEPSTARR,
    "global_programs": DEEPSTARR,
    "global_contexts": [*DEEPSTARR, *EVE],
    "profile_methods": PROFILE,
}
# smaller than the recipe has it, so that a page can be made again in minutes
SMALLER = {
    "local_sites": 10_000,
    "local_background": 5_000,
    "global_contexts": 1_500,
    "profile_methods": 1_000,
}
PICTURES = {
    "local_sites": ("site_covariance", "epistasis"),
    "local_background": ("background", "reference_comparison"),
    "local_space": ("embedding_clusters", "embedding_activity"),
    "landscape_tree": ("msm", "dendrogram"),
    "landscape_space": ("embedding_activity", "embedding_clusters"),
    "global_site": ("embedding_clusters", "cluster_activity"),
    "global_programs": ("embedding_task", "cluster_activity"),
    "global_contexts": ("embedding_task", "cluster_logos"),
    "profile_methods": ("site_covariance", "cluster_logos"),
}


def options_of(name: str) -> list[str]:
    """Inputs and size of a recipe's run."""
    smaller = SMALLER.get(name)
    return [*INPUTS[name], *([f"--n-sequences={smaller}"] if smaller else [])]


def run(name: str, out: Path) -> None:
    """The command, and what it took in `cost.json` beside its result; finished before: nothing."""
    cost = out.with_suffix(".cost.json")
    if cost.is_file():
        return
    command = [sys.executable, "-m", "seam_core", "run", "--recipe", name, *options_of(name)]
    process = subprocess.Popen([*command, "--out", str(out)], cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{name}: status {os.waitstatus_to_exitcode(status)}")
    memory_gb = usage.ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)
    cost.write_text(json.dumps({"cpu_s": usage.ru_utime + usage.ru_stime, "gb": memory_gb}))


def sessions_in(name: str, out: Path) -> dict[str, Session]:
    """Name of each run -> its session; "" where the recipe makes one."""
    recipe = recipes.load(name)
    names = [each.name for each in recipe.variants] if recipe.combine == "compare" else [""]
    return {each: store.load(out / each) for each in names}


def measured(name: str, out: Path) -> str:
    """The text of a page's measured part; saves its pictures. Raises `ClaimFailed`."""
    sessions = sessions_in(name, out)
    shown = "intgrad" if "intgrad" in sessions else ""
    session = sessions[shown]
    cost = json.loads(out.with_suffix(".cost.json").read_text())
    n = f"{len(session.library):,} sequences"
    size = f"{n} (`--n-sequences {SMALLER[name]}`)" if name in SMALLER else n
    lines = [
        f"**Time and memory.** {duration(cost['cpu_s'])} of one processor core, "
        f"{cost['gb']:.1f} GB at most; {size}."
    ]
    meaning = CLAIMS[name](sessions)
    if recipes.load(name).config.mutagenizer.library == "local":
        lines.append(filled(f"**Sites found** ({CONVENTION}): {spans(session)}."))
    if shown:
        lines.append(
            f"Pictures of one of the methods, `{shown}`; the others are in folders beside it."
        )
    for picture in PICTURES[name]:
        if picture not in overview.available(session):
            continue
        file = PAGES / "images" / f"{name}_{picture}.png"
        file.parent.mkdir(exist_ok=True)
        overview.draw(session, picture).savefig(file, dpi=70, bbox_inches="tight")
        lines.append(f"![{picture.replace('_', ' ')}](images/{file.name})")
    return "\n\n".join([*lines, "## What it means", "\n".join(map(bullet, meaning))])


def bullet(sentence: str) -> str:
    """A line of the list; a table stays one."""
    if "\n" in sentence:
        return sentence
    return filled(sentence, initial_indent="- ", subsequent_indent="  ")


def filled(text: str, **indents: str) -> str:
    """The text in lines as long as those of the pages."""
    return textwrap.fill(text, 125, break_long_words=False, break_on_hyphens=False, **indents)


def put(page: Path, text: str) -> None:
    """Replace what stands between the marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="recipes; all where none is named")
    parser.add_argument("--keep", metavar="DIR", help="keep the runs there, and use what is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(options.keep or folder)
        for name in options.names or recipes.names():
            run(name, kept / name)
            put(PAGES / f"{name}.md", measured(name, kept / name))
            print(f"{name}: every claim holds")


if __name__ == "__main__":
    main()
