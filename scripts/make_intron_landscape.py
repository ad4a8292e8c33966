"""Make `demo_data/intron_landscape`: a measured landscape explained without any network.

    python scripts/make_intron_landscape.py

The table is the one that is shipped (`--model intron`). `--maps-of` takes library, maps and tree
from a session of the same run, where only what follows them is to be made again. The README beside
the result says what it holds and where it comes from.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from seam_core import curation as curating  # noqa: E402
from seam_core import pipeline, store  # noqa: E402
from seam_core import selection as selecting  # noqa: E402
from seam_core.cli.terminal import TerminalProgress  # noqa: E402
from seam_core.parameters import (  # noqa: E402
    AttributerParameters,
    ClustererParameters,
    MutagenizerParameters,
    OracleParameters,
)
from seam_core.selection import Query  # noqa: E402
from seam_core.session import Session  # noqa: E402
from seam_core.stages import RUN_ORDER, from_stage_on  # noqa: E402

WILD_TYPE = "AGGTACAT"
TABLE = "intron"


def configuration(clustering: str, seed: int) -> pipeline.RunConfig:
    """The run: all sequences of 8 letters, in-silico mutagenesis read off the table."""
    return pipeline.RunConfig(
        name="intron landscape, 30 C",
        oracle=OracleParameters(model=TABLE, measured_column="y"),
        sequence=WILD_TYPE,
        mutagenizer=MutagenizerParameters(library="combinatorial", max_order=-1),
        attributer=AttributerParameters(method="ism"),
        clusterer=ClustererParameters(clustering=clustering, n_clusters=100, embedding="umap"),
    ).with_seed(seed)


def with_hand_work(session: Session) -> Session:
    """Every mechanism labelled by the letters that most of it has, and two selections kept."""
    clustering, library, table = session.clustering, session.library, session.table
    assert clustering is not None
    assert library is not None
    assert table is not None
    curation = curating.start(clustering, session.explanation)
    for cluster in map(int, clustering.ids):
        members = curation.members(cluster)
        text = consensus(library.sequences[members], library.alphabet)
        fitness = float(np.median(table.activity[members]))
        curation, _ = curating.label(curation, cluster, f"{text} #{cluster}")
        note = f"{len(members):,} sequences, median fitness {fitness:.2f}, mostly {text}."
        curation, _ = curating.note(curation, cluster, note)
    landscape = selecting.landscape_of(
        library, table, session.embedding, clustering, session.linkage
    )
    low, high = np.quantile(table.activity, [0.02, 0.98])
    wanted = {"fittest": f"Activity > {high:.2f}", "least fit": f"Activity < {low:.2f}"}
    selections = [
        replace(selecting.select(landscape, Query(text)), name=name)
        for name, text in wanted.items()
    ]
    state = {
        **session.state,
        "curation": curating.to_dict(curation),
        "kept": [selecting.to_dict(each) for each in selections],
    }
    return replace(session, state=state)


def consensus(sequences: np.ndarray, alphabet: str) -> str:
    """The letters that more than half of the sequences have; a dot elsewhere."""
    shares = np.stack([(sequences == letter).mean(axis=0) for letter in range(len(alphabet))])
    best = shares.argmax(axis=0)
    return "".join(
        alphabet[letter] if shares[letter, at] > 0.5 else "." for at, letter in enumerate(best)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "demo_data" / "intron_landscape")
    parser.add_argument("--clustering", default="ward")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--maps-of", type=Path, help="take library, maps and tree from here")
    options = parser.parse_args()
    earlier, stages = None, RUN_ORDER
    if options.maps_of is not None:
        earlier, stages = store.load(options.maps_of), from_stage_on("meta_explainer")
    with tempfile.TemporaryDirectory() as scratch:
        session = pipeline.run(
            configuration(options.clustering, options.seed),
            session=earlier,
            stages=stages,
            folder=Path(scratch) / "run",
            progress=TerminalProgress(),
        )
        oracle = OracleParameters(model=TABLE, measured_column="y")
        session = with_hand_work(replace(session, oracle=oracle))
        store.save(session, options.out, compact=True)
    for site in session.sites.sites:
        print(f"site {site.name}: {site.start} to {site.stop - 1}")


if __name__ == "__main__":
    main()
