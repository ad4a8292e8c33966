"""Batches of the window tests: settings, sequences, and waiting for the tool window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seam_core import recipes, trust
from seam_core.parameters import OracleParameters
from tests.core.batches import ORACLE


def settings(folder):
    (folder / "batch_oracle.py").write_text(ORACLE)
    trust.approve(trust.subject_of_code(str(folder / "batch_oracle.py")))
    base = recipes.load("local_sites").config
    return replace(
        base,
        oracle=OracleParameters(model=f"{folder / 'batch_oracle.py'}:reads_ap1"),
        mutagenizer=base.mutagenizer.replace(n_sequences=150),
        attributer=base.attributer.replace(method="ism"),
        clusterer=base.clusterer.replace(
            clustering="kmeans", cluster_on="maps", embedding="pca", n_clusters=4
        ),
        identifier=base.identifier.replace(n_sites=1, n_bootstrap=10),
    )


def letters(seed):
    rng = np.random.default_rng(seed)
    random = "".join(np.array(list("ACGT"))[rng.integers(0, 4, 23)])
    return random[:8] + "TGACTCA" + random[8:]


def settle(window, qtbot):
    tool = window.find("loci_window")
    qtbot.waitUntil(lambda: tool.batch is not None and not tool.jobs.busy)
    window.settle()
    qtbot.waitUntil(lambda: not tool.jobs.busy)
    return tool


def cells(table, row):
    model = table.frame
    return {column.name: model.data(model.index(row, i)) for i, column in enumerate(model.columns)}
