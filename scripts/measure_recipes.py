"""Run recipes as a user would, and put what came out into their pages in docs/recipes.

    python scripts/measure_recipes.py local_sites landscape_tree     # none named: all nine

Needs the DeepSTARR network and the landscape, see benchmarks/data.py. Run it on a quiet machine:
time and memory go into the pages. What stands between the two marks of a page is replaced.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.data import DATA  # noqa: E402
from seam_core import figures, recipes, store  # noqa: E402
from seam_core.cli.terminal import duration  # noqa: E402
from seam_core.figures import overview  # noqa: E402
from seam_core.session import Session  # noqa: E402

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
TASK = "task"
PICTURES = {
    "local_sites": ("site_covariance", "epistasis"),
    "local_background": ("background", "cluster_logos"),
    "local_space": ("embedding_clusters", "embedding_activity"),
    "landscape_tree": ("msm", "dendrogram"),
    "landscape_space": ("embedding_activity", "embedding_clusters"),
    "global_site": ("embedding_clusters", "cluster_activity"),
    "global_programs": ("task", "cluster_activity"),
    "global_contexts": ("task", "cluster_logos"),
    "profile_methods": ("site_covariance", "cluster_logos"),
}


def run(name: str, out: Path) -> tuple[float, float]:
    """Seconds from start to end of the command, and its peak memory in GB."""
    command = [sys.executable, "-m", "seam_core", "run", "--recipe", name, *INPUTS[name]]
    began = time.perf_counter()
    process = subprocess.Popen([*command, "--out", str(out)], cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"{name}: status {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)


def by_task(session: Session) -> Figure:
    """The embedding of a joined session, coloured by its column Task."""
    tasks = session.table.frame["Task"].astype("category").cat
    names = [str(name) for name in tasks.categories]
    return figures.sessions_scatter(session.embedding, tasks.codes.to_numpy(), names)


def measured(name: str, out: Path, seconds: float, memory_gb: float) -> str:
    """The text of a page's measured part; saves its pictures."""
    folder = out / "intgrad" if name == "profile_methods" else out
    session = store.load(folder)
    timings = store.summary(session)["timings_s"].items()
    stages = ", ".join(f"{stage} {duration(s)}" for stage, s in timings)
    lines = [
        f"**Time and memory.** {duration(seconds)}, {memory_gb:.1f} GB at most, on "
        f"{os.cpu_count()} cores without a GPU ({stages})."
    ]
    if session.sites is not None and session.sites.sites:
        spans = [f"{site.name} {site.start}-{site.stop - 1}" for site in session.sites.sites]
        lines.append("**Sites found** (positions from 0): " + ", ".join(spans) + ".")
    for picture in PICTURES[name]:
        if picture != TASK and picture not in overview.available(session):
            continue
        file = PAGES / "images" / f"{name}_{picture}.png"
        file.parent.mkdir(exist_ok=True)
        drawn = by_task(session) if picture == TASK else overview.draw(session, picture)
        drawn.savefig(file, dpi=70, bbox_inches="tight")
        lines.append(f"![{picture.replace('_', ' ')}](images/{file.name})")
    return "\n\n".join(lines)


def put(page: Path, text: str) -> None:
    """Replace what stands between the marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="recipes; all where none is named")
    for name in parser.parse_args().names or recipes.names():
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            seconds, memory_gb = run(name, out)
            put(PAGES / f"{name}.md", measured(name, out, seconds, memory_gb))
        print(json.dumps({"recipe": name, "s": round(seconds, 1), "gb": round(memory_gb, 2)}))


if __name__ == "__main__":
    main()
