"""The declarations that the command line, the forms and the manifest are made from."""

import dataclasses
import json

import pytest

from seam_core.mutagenizer import mutagenizer as mutagenizer_stage
from seam_core.parameters import (
    ClustererParameters,
    MutagenizerParameters,
    OracleParameters,
    describe,
)
from seam_core.parameters.base import Parameters, parameter
from seam_core.parameters.naming import with_labels, with_names
from seam_core.stages import PARTS
from seam_core.validate import InputError

ALL = PARTS


@pytest.mark.parametrize("stage", ALL)
def test_every_parameter_is_declared_in_full(stage):
    names = {declared.name for declared in describe(ALL[stage])}
    for declared in describe(ALL[stage]):
        assert declared.help, declared.name
        assert declared.type in (int, float, str, bool), declared.name
        if declared.type is int and not declared.choices:
            assert declared.low is not None, f"{declared.name} has no lower bound"
        if declared.when is not None:
            other, values = declared.when
            assert other in names, declared.name
            assert values, declared.name
            (condition,) = [d for d in describe(ALL[stage]) if d.name == other]
            if condition.choices:
                assert set(values) <= set(condition.choices), declared.name


def test_names_are_unique_across_stages():
    names = [d.name for cls in ALL.values() for d in describe(cls)]
    assert {name for name in names if names.count(name) > 1} <= {"seed"}


@pytest.mark.parametrize("stage", ALL)
def test_defaults_survive_json(stage):
    defaults = ALL[stage]()
    text = json.dumps(defaults.to_dict())
    assert ALL[stage].from_dict(json.loads(text)) == defaults


def test_every_choice_of_library_is_made():
    (library,) = [d for d in describe(MutagenizerParameters) if d.name == "library"]
    made = {name for name in vars(mutagenizer_stage.Mutagenizer) if name.startswith("_")}
    assert {f"_{choice}" for choice in library.choices} <= made


@dataclasses.dataclass(frozen=True)
class Example(Parameters):
    number: int = parameter(3, "A number", low=1, high=5)
    share: float = parameter(0.5, "A share", low=0.0, high=1.0)
    name: str = parameter("a", "A name", choices=("a", "b"))
    maybe: int | None = parameter(None, "Perhaps", low=0)
    flag: bool = parameter(False, "A flag")


def test_values_are_taken_as_their_declared_type():
    made = Example(number=2.0, share=1)
    assert made.number == 2
    assert isinstance(made.number, int)
    assert isinstance(made.share, float)
    assert Example(maybe=0).maybe == 0
    assert Example().replace(number=5).number == 5
    assert Example() == Example()
    assert [d.optional for d in describe(Example)] == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"number": 0}, "number: got 0; expected a value from 1 to 5"),
        ({"number": 6}, "number: got 6"),
        ({"number": "3"}, "number: got '3'; expected int"),
        ({"number": 2.5}, "number: got 2.5; expected int"),
        ({"number": True}, "number: got True; expected int"),
        ({"number": None}, "number: got None; expected int"),
        ({"maybe": 2**31}, "maybe: got 2147483648; expected a number from -2,147,483,647 to"),
        ({"share": 10**400}, "share: got 1000000000"),
        ({"share": 1.01}, "share: got 1.01"),
        ({"share": float("nan")}, "share: got nan"),
        ({"name": "c"}, "name: got 'c'; expected one of a, b"),
        ({"name": 1}, "name: got 1; expected str"),
        ({"maybe": -1}, "maybe: got -1; expected at least 0"),
        ({"flag": 1}, "flag: got 1; expected bool"),
    ],
)
def test_wrong_values_are_one_message(values, message):
    with pytest.raises(InputError) as error:
        Example(**values)
    assert message in str(error.value)


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"run.toml: Example.numbr: .*one of number, share"):
        Example.from_dict({"numbr": 3}, source="run.toml")


def test_parameters_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ClustererParameters().n_clusters = 3


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("n_clusters: got 0; expected 1 or more", "--n-clusters: got 0; expected 1 or more"),
        ("a smaller batch_size needs less.", "a smaller --batch-size needs less."),
        ("/data/n_clusters/x.npy: got nothing", "/data/n_clusters/x.npy: got nothing"),
        ("run.toml: clusterer.n_clusters: got 0", "run.toml: clusterer.n_clusters: got 0"),
        ("a n_clusters.npy", "a n_clusters.npy"),
        ("reverse_complement: got 3", "reverse_complement: got 3"),
    ],
)
def test_messages_name_what_the_user_sees(message, told):
    options = {"n_clusters": "--n-clusters", "batch_size": "--batch-size"}
    assert with_names(message, lambda name: options.get(name, name)) == told


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "the class too: --model a.py:My --weights w.pt",
            "the class too: MODEL a.py:My WEIGHTS w.pt",
        ),
        ("it reads 500: --input-length 500, or more", "it reads 500: INPUT_LENGTH 500, or more"),
        ("--import file.py", "IMPORTS file.py"),
        ("(--column Activity=NAME)", "(MEASURED_COLUMN NAME)"),
        ("--column 'Sequence=my own'", "SEQUENCE_COLUMN my own"),
        ("--column Area=3", "COLUMN Area=3"),
        ("--seconds gives more", "--seconds gives more"),
        ("/data/--model/x--bins", "/data/--model/x--bins"),
    ],
)
def test_messages_name_fields_to_who_has_no_command(message, told):
    names = {item.name for item in describe(OracleParameters)}
    assert with_labels(message, lambda name: name.upper() if name in names else "") == told


def test_the_command_names_its_options(tmp_path, capsys):
    from seam_core.cli.main import main

    assert main(["run", "--sequence", "ACGT", "--n-sequences", "-1", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "--n-sequences" in said
    assert "n_sequences" not in said
