"""An oracle that fails in the middle of a run: one message, and no answer asked for twice."""

import numpy as np
import pytest

from seam_core import pipeline
from seam_core.parameters import AttributerParameters, ClustererParameters, MutagenizerParameters
from seam_core.validate import OracleError

asked = []
FAILING_CALL = [0]


def moody(one_hot):
    asked.append(len(one_hot))
    if len(asked) == FAILING_CALL[0]:
        raise ConnectionError("the server went away")
    return one_hot[:, :, 0].sum(axis=1) + one_hot[:, 3, 1] * one_hot[:, 5, 2]


def run(folder):
    config = pipeline.RunConfig(
        oracle=pipeline.RunConfig().oracle.replace(model=f"{__name__}:moody"),
        sequence="ACGTACGTAC",
        mutagenizer=MutagenizerParameters(n_sequences=300, mutation_rate=0.2),
        attributer=AttributerParameters(method="ism", batch_size=8),
        clusterer=ClustererParameters(embedding="none", n_clusters=3),
    )
    asked.clear()
    return pipeline.run(config, folder=folder)


def test_a_failed_run_goes_on_where_it_was(tmp_path):
    FAILING_CALL[0] = 0
    whole = run(tmp_path / "whole")
    calls = len(asked)
    FAILING_CALL[0] = calls * 2 // 3
    with pytest.raises(OracleError, match=r"batch \d+ .*moody raised ConnectionError: the server"):
        run(tmp_path / "out")
    FAILING_CALL[0] = 0
    resumed = run(tmp_path / "out")
    assert len(asked) < calls
    np.testing.assert_array_equal(resumed.maps.maps, whole.maps.maps)
    np.testing.assert_array_equal(resumed.table.activity, whole.table.activity)
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["out", "whole"]


def test_a_model_that_fails_at_once_leaves_nothing(tmp_path):
    FAILING_CALL[0] = 1
    with pytest.raises(OracleError):
        run(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
