"""Make `demo_data/eve_hk`: what DeepSTARR's housekeeping head reads in the fly's eve locus.

    python scripts/make_eve_hk.py          # needs the DeepSTARR network, see benchmarks/data.py

The README beside the result says what it holds and where it comes from.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.data import deepstarr_model, eve_window  # noqa: E402
from seam_core import pipeline, store  # noqa: E402
from seam_core.cli.terminal import TerminalProgress  # noqa: E402
from seam_core.parameters import (  # noqa: E402
    AttributerParameters,
    ClustererParameters,
    MutagenizerParameters,
    OracleParameters,
)

# dm3 (release 5) coordinates, 1-based and inclusive
LOCUS = "chr2R:5876534-5876782"
HOUSEKEEPING = "1"


def configuration(n: int, seed: int) -> pipeline.RunConfig:
    """The run: local library at 10 %, integrated gradients, Ward, UMAP."""
    return pipeline.RunConfig(
        name="eve_hk",
        locus=LOCUS,
        oracle=OracleParameters(model=str(deepstarr_model()), head=HOUSEKEEPING),
        sequence=eve_window(),
        mutagenizer=MutagenizerParameters(n_sequences=n, mutation_rate=0.10),
        attributer=AttributerParameters(method="intgrad", intgrad_rule="calibrated"),
        clusterer=ClustererParameters(n_clusters=30, embedding="umap"),
    ).with_seed(seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "demo_data" / "eve_hk")
    parser.add_argument("--n", type=int, default=10_000, help="sequences in the library")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        session = pipeline.run(
            configuration(options.n, options.seed),
            folder=Path(scratch) / "run",
            progress=TerminalProgress(),
        )
        # by its name in the list of published models, so that anyone can run stages again
        oracle = session.oracle.replace(model="deepstarr")
        store.save(replace(session, oracle=oracle), options.out, compact=True)
    for site in session.sites.sites:
        print(f"site {site.name}: {site.start} to {site.stop - 1}")


if __name__ == "__main__":
    main()
