"""Make `demo_data/eve_hk`: what DeepSTARR's housekeeping head reads in the fly's eve locus.

    python scripts/make_eve_hk.py          # needs the DeepSTARR network, see benchmarks/data.py

After the run: sites named, mechanisms labelled with a note each, two kept selections, variants with
their verdicts, ways to other mechanisms and a designed panel. `--maps-of` takes library, maps and
embedding from a session of the same run, where only what follows them is to be made again. The
README beside the result says what it holds and where it comes from.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.data import deepstarr_model, eve_window  # noqa: E402
from seam_core import curation as curating  # noqa: E402
from seam_core import pipeline, store  # noqa: E402
from seam_core import selection as selecting  # noqa: E402
from seam_core.cli.terminal import TerminalProgress  # noqa: E402
from seam_core.design import Designer, with_panel  # noqa: E402
from seam_core.identifier import Identifier, rename_site  # noqa: E402
from seam_core.parameters import (  # noqa: E402
    AttributerParameters,
    ClustererParameters,
    DesignerParameters,
    MutagenizerParameters,
    OracleParameters,
    ReprogrammerParameters,
)
from seam_core.projection import Projector, oracle_of  # noqa: E402
from seam_core.records import Site  # noqa: E402
from seam_core.reprogramming import Reprogrammer, with_ways  # noqa: E402
from seam_core.selection import Clusters, Query  # noqa: E402
from seam_core.session import Session  # noqa: E402
from seam_core.stages import RUN_ORDER, from_stage_on  # noqa: E402
from seam_core.variants import Ground, Interpreter, place_rows, typed, variants_frame  # noqa: E402
from seam_core.variants.reading import Counts  # noqa: E402
from seam_core.variants.whole import Interpreted, kept  # noqa: E402

# dm3 (release 5) coordinates, 1-based and inclusive
LOCUS = "chr2R:5876534-5876782"
HOUSEKEEPING = "1"
# ATCGAT, the core of the DNA replication-related element
ELEMENTS = {"DRE1": range(85, 91), "DRE2": range(105, 111)}
N_TRIED = 120


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


def explained(config: pipeline.RunConfig, folder: Path, maps_of: Path | None) -> Session:
    """The run until sites are named and tested."""
    session, stages = None, RUN_ORDER
    if maps_of is not None:
        session = store.load(maps_of)
        stages = from_stage_on("meta_explainer")
    before = [stage for stage in stages if stage != "experimenter"]
    progress = TerminalProgress()
    session = pipeline.run(config, session=session, stages=before, folder=folder, progress=progress)
    session = with_named_sites(session)
    tested = ("experimenter",)
    return pipeline.run(config, session=session, stages=tested, folder=folder, progress=progress)


def with_named_sites(session: Session) -> Session:
    """The sites that are known elements under their names."""
    assert session.sites is not None
    assert session.explanation is not None
    sites = session.sites.sites
    for name, positions in ELEMENTS.items():
        best = max(sites, key=lambda site: len(set(site.positions) & set(positions)))
        if len(set(best.positions) & set(positions)) >= len(positions) - 1:
            sites = rename_site(sites, best.name, name)
    described = Identifier(session.sites.parameters).describe(
        session.explanation,
        sites,
        library=session.library,
        table=session.table,
        clustering=session.clustering,
        cut_height=session.sites.cut_height,
        maps=session.maps,
    )
    return session.with_record("sites", described)


def with_hand_work(session: Session) -> Session:
    """Every mechanism labelled with a note, and two selections kept."""
    sites, explanation, table = session.sites, session.explanation, session.table
    assert sites is not None
    assert explanation is not None
    assert table is not None
    assert session.clustering is not None
    curation = curating.start(session.clustering, explanation)
    confirmed = [site.name for site in sites.sites if site.name in confirmed_sites(session)]
    columns = [i for i, site in enumerate(sites.sites) if site.name in confirmed]
    counts: dict[str, int] = {}
    for row, cluster in enumerate(sites.cluster_ids):
        shown = [sites.sites[i].name for i in columns if sites.active[row, i]]
        text = " ".join(shown) or "none of the sites"
        counts[text] = counts.get(text, 0) + 1
        members = curation.members(int(cluster))
        median = float(np.median(table.activity[members]))
        label = text if counts[text] == 1 else f"{text} ({counts[text]})"
        curation, _ = curating.label(curation, int(cluster), label)
        note = f"{len(members):,} sequences, median activity {median:.2f}; keeps {text}."
        curation, _ = curating.note(curation, int(cluster), note)
    landscape = selecting.landscape_of(
        session.library, table, session.embedding, session.clustering, session.linkage
    )
    own = Clusters((int(session.clustering.labels[0]),))
    weak = Query(f"Activity < {float(np.quantile(table.activity, 0.05)):.2f}")
    selections = [
        replace(selecting.select(landscape, own), name="as the reference"),
        replace(selecting.select(landscape, weak), name="least active"),
    ]
    state = {
        **session.state,
        "curation": curating.to_dict(curation),
        "kept": [selecting.to_dict(each) for each in selections],
    }
    return replace(session, state=state)


def confirmed_sites(session: Session) -> set[str]:
    """Names of the sites that the model confirmed."""
    assert session.experiments is not None
    judged = session.experiments.sites
    return set(judged["site"][judged["verdict"] == "confirmed"])


def with_answers(session: Session) -> Session:
    """Variants with verdicts, ways to other mechanisms and a panel, kept with the session."""
    assert session.library is not None
    assert session.clustering is not None
    projector = Projector(session, oracle_of(session))
    ground = Ground(session.library.reference, session.library.alphabet, session.locus)
    interpreter = Interpreter(projector, ground)
    interpreted = Interpreted(interpreter, Counts())
    rows = [typed(text) for text in handful(interpreter, ground)]
    interpreted.counts.rows = len(rows)
    answers = interpreter.answer(list(place_rows(rows, ground)))
    labels = curating.from_dict(session.state["curation"], len(session.library)).names
    frame = variants_frame(interpreter, answers, dict(labels))
    interpreted.take(answers, frame)
    session = kept(session, interpreted, frame)
    wanted = ReprogrammerParameters(n_nearest=4, single_substitutions=False)
    ways = Reprogrammer(projector, wanted).run()
    session = with_ways(session, ways)
    own = int(session.clustering.labels[0])
    panel = DesignerParameters(
        mechanism=own,
        n_designs=8,
        n_controlled=2,
        least_confidence=0.3,
        search_effort_per_design=20,
        avoid="EcoRI;BsaI",
    )
    return with_panel(session, Designer(projector, panel).run())


def handful(interpreter: Interpreter, ground: Ground) -> list[str]:
    """One in the middle of each confirmed site, then the strongest of each other verdict."""
    assert ground.locus is not None
    known = confirmed_sites(interpreter.projector.session)
    sites = [site for site in interpreter.sites if site.name in known]
    chosen = [_typed(ground, middle(site), 1) for site in sites]
    rng = np.random.default_rng(0)
    tried = [
        _typed(ground, int(position), int(shift))
        for position, shift in zip(
            rng.choice(len(ground.reference), N_TRIED, replace=False),
            rng.integers(1, 4, N_TRIED),
            strict=True,
        )
    ]
    answers = interpreter.answer(list(place_rows([typed(text) for text in tried], ground)))
    ranked = sorted(zip(tried, answers, strict=True), key=lambda pair: -abs(pair[1].effect))
    seen: set[str] = set()
    for text, answer in ranked:
        if answer.verdict not in seen and text not in chosen:
            seen.add(answer.verdict)
            chosen.append(text)
    return chosen[:12]


def middle(site: Site) -> int:
    """The position in the middle of a site."""
    return site.positions[len(site.positions) // 2]


def _typed(ground: Ground, position: int, shift: int) -> str:
    """A substitution as a user types it, on the chromosome."""
    assert ground.locus is not None
    letter = ground.letters[position]
    other = ground.alphabet[(ground.alphabet.index(letter) + shift) % len(ground.alphabet)]
    return f"{ground.locus.chromosome}:{ground.locus.start + position + 1}:{letter}:{other}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "demo_data" / "eve_hk")
    parser.add_argument("--n", type=int, default=10_000, help="sequences in the library")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--maps-of", type=Path, help="take library, maps and tree from here")
    options = parser.parse_args()
    config = configuration(options.n, options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        session = explained(config, Path(scratch) / "run", options.maps_of)
        session = with_hand_work(replace(session, oracle=config.oracle))
        session = with_answers(session)
        # by its name in the list of published models, so that anyone can run stages again
        oracle = config.oracle.replace(model="deepstarr")
        store.save(replace(session, oracle=oracle), options.out, compact=True)
    for site in session.sites.sites:
        print(f"site {site.name}: {site.start} to {site.stop - 1}")
    for row in session.experiments.variants.to_dict("records"):
        print(f"variant {row['name']}: {row['effect']:+.3f} {row['verdict']}")
    print(session.experiments.panel["kind"].value_counts().to_dict())


if __name__ == "__main__":
    main()
