"""An oracle that fails in the middle of a run: one message, and no answer asked for twice."""

import numpy as np
import pandas as pd
import pytest
import torch

from seam_core import pipeline, store
from seam_core.attributer import Attributer
from seam_core.attributer.ism import mutant_predictor
from seam_core.frameworks.keras import KerasOracle
from seam_core.frameworks.torch.oracle import TorchOracle
from seam_core.oracles import FunctionOracle, check_oracle, predict_library
from seam_core.oracles.ensemble import Ensemble
from seam_core.parameters import (
    AttributerParameters,
    ClustererParameters,
    MutagenizerParameters,
    OracleParameters,
)
from seam_core.records import Library
from seam_core.sequences import one_hot
from seam_core.store import swap
from seam_core.validate import InputError, OracleError
from tests.core.networks import random_letters, twin_networks

asked = []
FAILING_CALL = [0]


def moody(one_hot):
    asked.append(len(one_hot))
    if 0 < FAILING_CALL[0] <= len(asked):
        raise ConnectionError("the server went away")
    return one_hot[:, :, 0].sum(axis=1) + one_hot[:, 3, 1] * one_hot[:, 5, 2]


def run(folder):
    config = pipeline.RunConfig(
        oracle=OracleParameters(model=f"{__name__}:moody"),
        sequence="ACGTACGTAC",
        mutagenizer=MutagenizerParameters(n_sequences=300, mutation_rate=0.2),
        attributer=AttributerParameters(method="ism", batch_size=8),
        clusterer=ClustererParameters(embedding="none", n_clusters=3),
    )
    asked.clear()
    session, stages = pipeline.unfinished(folder, config) or (None, pipeline.STAGE_NAMES)
    return pipeline.run(config, folder=folder, session=session, stages=stages)


@pytest.mark.parametrize("share", [0.3, 0.7], ids=["in the maps", "in the experiments"])
def test_a_failed_run_goes_on_where_it_was(tmp_path, share):
    FAILING_CALL[0] = 0
    whole = run(tmp_path / "whole")
    calls = len(asked)
    FAILING_CALL[0] = int(calls * share)
    with pytest.raises(OracleError, match=r"batch \d+ .*moody raised ConnectionError: the server"):
        run(tmp_path / "out")
    FAILING_CALL[0] = 0
    resumed = run(tmp_path / "out")
    assert len(asked) < calls
    np.testing.assert_array_equal(resumed.maps.maps, whole.maps.maps)
    np.testing.assert_array_equal(resumed.table.activity, whole.table.activity)
    pd.testing.assert_frame_equal(resumed.experiments.sites, whole.experiments.sites)
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["out", "whole"]


def test_what_the_oracle_said_is_told_where_nothing_can_be_saved(tmp_path, monkeypatch):
    FAILING_CALL[0] = 0
    run(tmp_path / "whole")
    FAILING_CALL[0] = int(len(asked) * 0.7)

    def full(session, folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "save", full)
    with pytest.raises(OracleError, match="the server went away"):
        run(tmp_path / "out")


def test_maps_are_kept_where_the_session_cannot_be_saved_and_the_user_is_told(
    tmp_path, monkeypatch
):
    FAILING_CALL[0] = 0
    whole = run(tmp_path / "whole")
    calls = len(asked)

    def full(folder):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(swap, "written_through", full)
        said = r"no space left on the disk; .*the 300 maps are kept in .*\.out\.unfinished"
        with pytest.raises(InputError, match=said):
            run(tmp_path / "out")
        assert not (tmp_path / "out").exists()
        with pytest.raises(InputError, match="nothing of this run is kept"):
            pipeline.run_stage("clusterer", whole, pipeline.config_of(whole), folder=tmp_path / "o")
    resumed = run(tmp_path / "out")
    assert len(asked) <= calls - 300 // 8  # no batch of the maps is asked again
    np.testing.assert_array_equal(resumed.maps.maps, whole.maps.maps)
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["out", "whole"]


def test_a_model_that_fails_at_once_leaves_nothing(tmp_path):
    FAILING_CALL[0] = 1
    with pytest.raises(OracleError):
        run(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


class FirstLetter:
    """Counts the first letter; its gradient is known."""

    length, n_letters = 10, 4

    def predict(self, one_hot):
        return one_hot[:, :, 0].sum(axis=1)

    def gradient(self, inputs):
        gradients = np.zeros_like(inputs)
        gradients[:, :, 0] = 1
        return self.predict(inputs), gradients


def random_answers(one_hot):
    return moody(one_hot) + np.random.default_rng(len(asked)).normal(0, 0.1, len(one_hot))


def of_the_batch(one_hot):
    answers = moody(one_hot) + one_hot[:, :, 1] @ np.arange(one_hot.shape[1])
    return (answers - answers.mean()) / (answers.std() + 0.1)


@pytest.mark.parametrize(
    ("model", "message"), [(random_answers, "is random"), (of_the_batch, "other sequences")]
)
def test_answers_that_change_are_refused_by_check_and_by_every_way_to_ask(model, message):
    FAILING_CALL[0] = 0
    library = Library(random_letters(20, 12), "ACGT")
    assert message in check_oracle(FunctionOracle(model), library).problems[0]
    for ask in (
        lambda oracle: predict_library(oracle, library),
        lambda oracle: Attributer(oracle, AttributerParameters(method="ism")).run(library),
        lambda oracle: predict_library(Ensemble([FunctionOracle(moody), oracle]), library),
    ):
        with pytest.raises(OracleError, match=f"prediction: .*{message}.*training mode"):
            ask(FunctionOracle(model))


def test_answers_near_zero_are_measured_beside_those_of_others():
    def rounded(one_hot):
        return one_hot[:, 0, 0] + 1e-7 * len(one_hot)

    letters = random_letters(20, 12)
    letters[:, 0] = 0
    letters[[0, -1], 0] = 1
    answers = predict_library(FunctionOracle(rounded), Library(letters, "ACGT"))
    np.testing.assert_allclose(answers[[0, 1, -1]], [0, 1, 0], atol=1e-5)


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_failing_model_is_told_alike_whether_it_was_asked_before_or_not(asked_before):
    def short(one_hot):
        return one_hot[:, 15, 0]

    oracle = FunctionOracle(short)
    if asked_before:
        predict_library(oracle, Library(random_letters(4, 20), "ACGT"))
    with pytest.raises(OracleError, match=r"^(?!sequences 0 and).*IndexError"):
        predict_library(oracle, Library(random_letters(4, 12), "ACGT"))


def test_a_model_is_asked_twice_only_once():
    FAILING_CALL[0] = 0
    oracle, library = FunctionOracle(moody), Library(random_letters(20, 12), "ACGT")
    predict_library(oracle, library)
    asked.clear()
    predict_library(oracle, library)
    assert sum(asked) == 20


def test_genotypes_go_as_far_as_the_clusters(tmp_path):
    config = pipeline.RunConfig(
        oracle=OracleParameters(model="given below"),
        sequence="ACGTACGTAC",
        mutagenizer=MutagenizerParameters(library="two_hot", n_sequences=40),
        clusterer=ClustererParameters(embedding="none", n_clusters=3),
    )
    with pytest.raises(InputError, match="two_hot, with the stage meta_explainer"):
        pipeline.run(config, folder=tmp_path / "out", oracle=FirstLetter())
    assert list(tmp_path.iterdir()) == []
    first_three = ("mutagenizer", "attributer", "compiler")
    session = pipeline.run(config, folder=None, stages=first_three, oracle=FirstLetter())
    assert session.library.alphabet == "ACGTRYSWKM"
    encoded = session.library.encode(0, 40)
    np.testing.assert_array_equal(session.table.activity, encoded[:, :, 0].sum(axis=1))
    assert session.maps.maps.shape == (40, 10, 4)


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_too_little_memory_is_said_with_what_to_do(framework, monkeypatch):
    model, module = twin_networks()
    if framework == "keras":
        import tensorflow as tf

        oracle = KerasOracle(model)

        def fail(inputs):
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating")

        monkeypatch.setattr(oracle, "traced_gradient", fail)
    else:
        import torch

        oracle = TorchOracle(module)

        def fail(*inputs, **options):
            raise torch.OutOfMemoryError("CUDA out of memory")

        monkeypatch.setattr(torch.autograd, "grad", fail)
    with pytest.raises(OracleError, match="not enough memory for 3 sequences at once; a smaller"):
        oracle.gradient(one_hot(random_letters(3)))


class FailsLater(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.layers = torch.nn.ModuleList([torch.nn.Conv1d(4, 16, 5, padding=2)])
        self.layers += [torch.nn.Conv1d(16, 16, 3, padding=1) for _ in range(4)]
        self.fails = False

    def forward(self, x):
        x = x.transpose(1, 2)
        for layer in self.layers:
            x = torch.relu(layer(x))
        if self.fails:
            raise ValueError("the cache is full")
        return x.mean((1, 2))


@pytest.mark.parametrize("while_it", ["starts", "mutates"])
def test_what_a_model_says_while_mutants_share_work_is_what_is_told(while_it):
    length = 400
    oracle = TorchOracle(FailsLater().eval(), length=length)
    predictor = mutant_predictor(oracle, length, np.eye(4, dtype=np.float32))
    assert predictor.is_shortcut
    letters, here = random_letters(1, length), np.arange(100, 140)
    oracle.module.fails = while_it == "starts"

    def asked():
        predictor.start(letters, np.ones(1, dtype=bool))
        oracle.module.fails = True
        predictor.mutants(0 * here, here, (letters[0, here] + 1) % 4, lambda share: None)

    with pytest.raises(OracleError, match="raised ValueError: the cache is full"):
        asked()
