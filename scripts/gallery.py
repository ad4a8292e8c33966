"""Write docs/gallery.md: every kind of figure, beside the code that draws it, and the pictures.

    python scripts/gallery.py [--check]

The code on the page is the code that is run here. `--check` runs all of it and writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from seam_core import demos, figures, store

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = DOCS / "images" / "gallery"
DPI = 55

BEGIN = """\
import numpy as np

from seam_core import demos, figures, store

eve = store.load(demos.demo_folder("eve_hk"))
intron = store.load(demos.demo_folder("intron_landscape"))
"""

# name -> heading, what it shows, code whose last line is the figure
FIGURES: dict[str, tuple[str, str, str]] = {
    "activities": (
        "Activities of a library",
        "What the model predicts for the variants; the line is the unmutated sequence.",
        "figures.activity_histogram(eve.table.activity, reference_row=0)",
    ),
    "mutations": (
        "Mutations of a library",
        "How many letters differ from the reference, and where.",
        "figures.mutation_histogram(eve.library)",
    ),
    "clusters": (
        "Mechanism space by cluster",
        "A point a sequence; points that lie together have maps that look alike.",
        "figures.embedding_scatter(eve.embedding, clustering=eve.clustering, reference_row=0)",
    ),
    "values": (
        "Mechanism space by activity",
        "Any column of the table colours the points.",
        """\
figures.embedding_scatter(
    eve.embedding, values=eve.table.activity, value_name="Activity", order="ascending"
)""",
    ),
    "dendrogram": (
        "Tree of the maps",
        "Ward's tree with the clusters of the cut.",
        "figures.dendrogram(eve.linkage, clustering=eve.clustering)",
    ),
    "activity_by_cluster": (
        "Activity by cluster",
        "Quartiles of each mechanism, in the order of their medians.",
        "figures.cluster_activity(eve.explanation)",
    ),
    "occupancy": (
        "Sequences by cluster",
        "How large each mechanism is.",
        "figures.cluster_occupancy(eve.explanation)",
    ),
    "msm": (
        "Mechanism Summary Matrix",
        "A row a mechanism, a column a position; dark: the letter is held fixed. Boxes are sites.",
        "figures.msm_heatmap(eve.explanation, sites=eve.sites)",
    ),
    "msm_reference": (
        "The matrix as mismatch to the reference",
        "Percent of a mechanism's sequences that differ from the reference.",
        'figures.msm_heatmap(eve.explanation, quantity="reference", sites=eve.sites)',
    ),
    "logos": (
        "Logos of mechanisms",
        "Mean attribution maps of some clusters, above one another.",
        """\
largest = eve.explanation.ids[np.argsort(eve.explanation.sizes)[-6:]]
figures.cluster_logos(eve.explanation, clusters=largest, sites=eve.sites.sites)""",
    ),
    "background": (
        "Average background",
        "What the maps of all mechanisms share at positions that are free to mutate.",
        "figures.background_logo(eve.explanation)",
    ),
    "variability": (
        "Variability",
        "The logos of all mechanisms, overlaid.",
        "figures.variability_logo(eve.explanation)",
    ),
    "covariance": (
        "Covariance of positions",
        "Positions that mechanisms keep or lose together; boxes are sites.",
        "figures.site_covariance(eve.sites)",
    ),
    "configurations": (
        "Which mechanism shows which site",
        "Activity of each site in each mechanism, 0 to 1.",
        "figures.configuration_matrix(eve.sites, binary=False)",
    ),
    "configuration_activities": (
        "Activity of each combination of sites",
        "With intervals; combinations that no sequence shows are left out.",
        "figures.configuration_activities(eve.sites)",
    ),
    "epistasis": (
        "Pairwise interactions",
        "What two sites add together beyond the sum of each.",
        "figures.epistasis(eve.sites)",
    ),
    "terms": (
        "Effects and interactions of all orders",
        "With intervals; a star where the term is called.",
        "figures.interaction_terms(eve.sites)",
    ),
    "drivers": (
        "Driver mutations",
        "What each substitution does to its site: breaks, strengthens or creates it.",
        "figures.driver_mutations(eve.sites, alphabet=eve.library.alphabet)",
    ),
    "landscape": (
        "A measured landscape",
        "All 65,536 variants of eight letters, no network.",
        """\
figures.embedding_scatter(
    intron.embedding, values=intron.table.activity, value_name="Activity", order="ascending"
)""",
    ),
    "landscape_tree": (
        "The tree of a measured landscape",
        "The same maps as a tree.",
        "figures.dendrogram(intron.linkage, clustering=intron.clustering)",
    ),
}


INTRODUCTION = """\
# Gallery

Figures of the two demonstrations, each beside the code that drew it. Every function takes `size`
in inches and returns a matplotlib `Figure`: `figures.save_figure(figure, "a.pdf")` writes it. The
window exports the same ones (File > Export, *Copy as Python*). Positions count from 0.
"""


def page() -> str:
    """The page's text."""
    lines = [INTRODUCTION]
    lines += ["```python", BEGIN.rstrip(), "```", ""]
    for name, (heading, says, code) in FIGURES.items():
        lines += [f"## {heading}", "", says, "", "```python", code, "```", ""]
        lines += [f"![{heading}](images/gallery/{name}.png)", ""]
    lines += ["<!-- made by scripts/gallery.py -->", ""]
    return "\n".join(lines)


def drawn(write: bool) -> None:
    """Run the code of every figure; write the pictures where asked."""
    names = {"demos": demos, "figures": figures, "store": store, "np": np}
    exec(BEGIN, names)
    for name, (_, _, code) in FIGURES.items():
        *before, last = split(code)
        exec("\n".join(before), names)
        figure = eval(last, names)
        if write:
            figures.save_figure(figure, PICTURES / f"{name}.png", dpi=DPI)


def split(code: str) -> list[str]:
    """Statements of a piece of code, each as text."""
    import ast

    lines = code.split("\n")
    return ["\n".join(lines[s.lineno - 1 : s.end_lineno]) for s in ast.parse(code).body]


if __name__ == "__main__":
    checks = "--check" in sys.argv
    PICTURES.mkdir(parents=True, exist_ok=True)
    drawn(write=not checks)
    if not checks:
        (DOCS / "gallery.md").write_text(page(), encoding="utf-8")
