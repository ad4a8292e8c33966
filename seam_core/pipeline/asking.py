"""The last stage of a run: the model asked again about the sites, and the trust in all of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seam_core.attributer import oracle_of_sequences
from seam_core.experiments import Experimenter, assess
from seam_core.findings import Experiments, scanned_sites
from seam_core.identifier import Identifier
from seam_core.oracles import Oracle, predict_library, prepare
from seam_core.oracles.members import folds_of, members_of
from seam_core.parameters import AttributerParameters, ExperimenterParameters
from seam_core.pipeline.estimate import tell_experiments
from seam_core.progress import PartOfProgress, Progress
from seam_core.records import Library, Sites
from seam_core.session import Session


def spread_over_folds(
    oracle: Oracle | None, how: AttributerParameters, library: Library, progress: Progress
) -> np.ndarray | None:
    """(N,) float32: standard deviation of the predictions of an ensemble's folds; None of others.

    Parameters
    ----------
    oracle : with its component, where the number explained needs one
    how : the context that the library's sequences are asked in
    """
    folds = [each for _, each in folds_of(oracle)] if oracle is not None else []
    if not folds:
        return None
    answers = [
        predict_library(
            oracle_of_sequences(fold, how, library),
            library,
            progress=PartOfProgress(progress, number / len(folds), (number + 1) / len(folds)),
        )
        for number, fold in enumerate(folds)
    ]
    spread: np.ndarray = np.std(answers, axis=0)
    return spread


def with_experiments(
    session: Session,
    oracle: Oracle | None,
    parameters: ExperimenterParameters,
    progress: Progress,
    *,
    note: str = "",
) -> Session:
    """The session with its sites tested, and with the numbers that tell whether to trust them.

    Parameters
    ----------
    oracle : None where there is none at hand; `note` then says why
    """
    library, sites, explanation = session.library, session.sites, session.explanation
    assert library is not None
    assert sites is not None
    assert explanation is not None
    assert session.table is not None
    members: list[tuple[str, Oracle]] = []
    if oracle is not None:
        attributed_with = session.maps.parameters if session.maps is not None else None
        how = attributed_with or AttributerParameters()
        members = [
            (name, oracle_of_sequences(each, how, library)) for name, each in members_of(oracle)
        ]
        oracle = oracle_of_sequences(oracle, how, library)
        prepare(oracle, library)
    start = explanation.start
    window = range(start, start + explanation.entropy.shape[1])
    if oracle is not None and parameters.experiments:
        tell_experiments(oracle, library, len(sites.sites), window, parameters, progress)
    answer = Experimenter(oracle, parameters, note=note, members=members).run(
        library,
        sites.sites,
        activity=session.table.activity,
        window=window,
        progress=PartOfProgress(progress, 0.0, 0.9),
    )
    if answer.sites != sites.sites:
        described = Identifier(sites.parameters).describe(
            explanation,
            answer.sites,
            library=library,
            table=session.table,
            clustering=session.clustering,
            cut_height=sites.cut_height,
            maps=session.maps,
            progress=PartOfProgress(progress, 0.9, 0.95),
        )
        session = session.with_record("sites", _of_clusters(described, answer.experiments))
    assert session.sites is not None
    assert session.table is not None
    trust = assess(
        library,
        session.table,
        explanation,
        session.sites,
        answer.experiments,
        maps=session.maps,
        clustering=session.clustering,
        linkage=session.linkage,
    )
    return session.with_record("trust", trust).with_record("experiments", answer.experiments)


def _of_clusters(sites: Sites, experiments: Experiments) -> Sites:
    """The sites, without the stability of those that clusters did not propose."""
    if sites.stability is None:
        return sites
    scanned = scanned_sites(experiments)
    return replace(
        sites,
        stability=np.array(
            [
                np.nan if site.name in scanned else share
                for site, share in zip(sites.sites, sites.stability, strict=True)
            ]
        ),
    )
