"""`seam compare`: which clusters of two sessions are which."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from seam_core import store
from seam_core.exports.files import made_folder
from seam_core.session import Session

if TYPE_CHECKING:
    from seam_core.comparison import Correspondence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("left", metavar="SESSION")
    parser.add_argument("right", metavar="SESSION")
    parser.add_argument("--out", metavar="FILE.csv", help="write all matched pairs")
    parser.add_argument(
        "--pictures",
        metavar="DIR",
        help="save the shared embedding, the correspondence and the logos of the best pairs as PNG",
    )


def compare(options: argparse.Namespace) -> None:
    """Print the pairs of clusters; write and draw them where that is asked for."""
    from seam_core.comparison import correspond
    from seam_core.exports.tables import write_table

    left, right = store.load(options.left), store.load(options.right)
    match = correspond(left, right)
    if match.shared is not None:
        print(f"agreement of the two clusterings (adjusted Rand index): {match.adjusted_rand:.3f}")
        shown = match.pairs
    else:
        shown = match.pairs.drop(columns=["shared", "jaccard"])
    print(shown.to_string(index=False, float_format=lambda value: f"{value:.3f}"))
    if options.out:
        write_table(shown, options.out)
        print(f"pairs: {options.out}")
    if options.pictures:
        folder = Path(options.pictures)
        _draw_comparison(left, right, match, folder)
        print(f"pictures: {folder}")


def _draw_comparison(left: Session, right: Session, match: Correspondence, folder: Path) -> None:
    from seam_core import figures
    from seam_core.comparison import shared_embedding

    assert left.explanation is not None
    assert right.explanation is not None
    names = (left.name, right.name)
    shared = shared_embedding([left, right], most=10_000)
    rows, columns = match.arranged()
    pairs = [(int(a), int(b)) for a, b in match.pairs[["left", "right"]].to_numpy()]
    likeness = match.shared is None
    drawn = {
        "shared_embedding": figures.sessions_scatter(shared.embedding, shared.session, names),
        "correspondence": figures.correspondence_heatmap(
            match.score[rows][:, columns],
            match.left_ids[rows],
            match.right_ids[columns],
            matched=pairs,
            names=names,
            quantity="Likeness of mean maps" if likeness else "Jaccard index",
            limits=(-1.0, 1.0) if likeness else (0.0, 1.0),
        ),
    }
    if pairs:
        drawn["matched_logos"] = figures.matched_logos(
            left.explanation, right.explanation, pairs[:12], names=names
        )
    made_folder(folder, what="--pictures")
    for name, figure in drawn.items():
        figures.save_figure(figure, folder / f"{name}.png")
