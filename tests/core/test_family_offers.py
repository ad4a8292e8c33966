"""What is offered to a form from the messages about a model."""

from __future__ import annotations

import keras
import pytest

from seam_core.families import Question, ways_out
from seam_core.frameworks.keras import KerasOracle
from seam_core.oracles import check_oracle
from seam_core.oracles.adapters import load_adapter
from seam_core.parameters import OracleParameters
from seam_core.validate import InputError

LENGTH = 30


@pytest.fixture(scope="module")
def twin():
    """Two inputs of sequences; a profile and two numbers."""
    layers = keras.layers
    inputs = [keras.Input((LENGTH, 4), name=name) for name in ("fwd", "rev")]
    hidden = layers.Conv1D(3, 5, activation="relu")(layers.Add()(inputs))
    pooled = layers.GlobalAveragePooling1D()(hidden)
    outputs = {"profile": layers.Conv1D(2, 1)(hidden), "rna": layers.Dense(1)(pooled)}
    return keras.Model(inputs, {**outputs, "atac": layers.Dense(1)(pooled)})


def opened(model, parameters):
    return KerasOracle(model, head=parameters.head, adapter=load_adapter(parameters))


def taken(offered, what):
    return next(each for each in offered if each.what == what)


def test_a_model_of_two_inputs_and_three_heads_opens_by_what_is_offered(twin):
    parameters = OracleParameters()
    with pytest.raises(InputError) as refused:
        opened(twin, parameters)
    offered = ways_out([str(refused.value)])
    assert [each.what for each in offered] == [
        "input rev: its reverse complement",
        "input rev: the sequence again",
        "input rev: zeros",
        "the sequence to input rev",
    ]
    parameters = taken(offered, "input rev: its reverse complement").applied(parameters)
    assert parameters.input == "rev=reverse_complement"
    with pytest.raises(InputError) as refused:  # the first head is a profile
        opened(twin, parameters)
    offered = ways_out([str(refused.value)])
    assert {"reduction sum", "head rna", "head atac"} == {each.what for each in offered}
    parameters = taken(offered, "head rna").applied(parameters)
    check = check_oracle(opened(twin, parameters))
    assert check.ok
    offered = ways_out(check.answers(), [name for name, _ in check.heads])
    assert {"head atac", "head profile", "head rna"} <= {each.what for each in offered}


def test_heads_are_offered_where_the_one_asked_for_is_not_there(twin):
    parameters = OracleParameters(head="protein", input="rev=zeros")
    with pytest.raises(InputError) as refused:
        opened(twin, parameters)
    offered = [each.settings["head"] for each in ways_out([str(refused.value)])]
    assert sorted(offered) == ["atac", "profile", "rna"]


def test_rules_of_other_inputs_stay():
    parameters = OracleParameters(input="count=2.5; rev=zeros")
    question = Question("", {"input": "rev=reverse_complement"})
    assert question.applied(parameters).input == "count=2.5; rev=reverse_complement"
    assert question.applied(OracleParameters(input="rev")).input == "rev=reverse_complement"


@pytest.mark.parametrize(
    ("message", "settings"),
    [
        ("for this input: --layout flat (side by side)", [{"layout": "flat"}]),
        ("saturated: --reduction logit explains", [{"reduction": "logit"}]),
        ("--import MODULE or --import file.py; perhaps --import crested", [{"imports": "crested"}]),
        ("--channels FILE.npy of them, --weights FILE, --length, --method ism", []),
    ],
)
def test_only_settings_with_a_value_that_there_is(message, settings):
    assert [dict(each.settings) for each in ways_out([message])] == settings


def test_a_model_of_very_many_heads_is_not_listed():
    assert ways_out([], [f"head_{number}" for number in range(100)]) == []
    assert ways_out([], ["output"]) == []
