"""How a model may be asked otherwise, read from what was said of it: for forms to offer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from seam_core.families.family import Family, Question
from seam_core.oracles.inputs import REVERSE_COMPLEMENT, SEQUENCE, ZEROS
from seam_core.parameters import OracleParameters, describe

# How the rows of a check begin that say how a family is asked.
ASK_FOR = "ask for"
# Settings that say how a model is read, and which of its numbers is explained.
HOW_ASKED = frozenset(("layout", "input", "input_length", "bin_width"))
WHAT_FOR = frozenset(("head", "column", "reduction", "bins"))
# Heads that are offered one by one; of more, a number or a name is typed.
MOST_HEADS = 40
_OPTION = re.compile(r"--([a-z][a-z-]*) ([\w.]+)")
_INPUT = re.compile(r"--input ([^\s=]+)=RULE")
_SEQUENCE_INPUT = re.compile(r"--sequence-input (\S+)")
_OTHER_HEADS = re.compile(r"another --head: ([^;]+)")
_NAMED_HEADS = re.compile(r"head: .*expected one of: ([^;]+)")
_RULES = {
    REVERSE_COMPLEMENT: "its reverse complement",
    SEQUENCE: "the sequence again",
    ZEROS: "zeros",
}


def ways_out(messages: Iterable[str], heads: Sequence[str] = ()) -> list[Question]:
    """What messages advise and a form can set, as questions, each once.

    Parameters
    ----------
    messages : problems and rows of a check, which name options as the command has them:
        `--layout channels_first`, `--input rev=RULE`, `another --head: rna, dnase`; what a family
        is asked for is left out, whose questions are offered themselves
    heads : of a model that answered; several are offered each
    """
    texts = [text for text in messages if not text.startswith(ASK_FOR)]
    offered = [
        *(each for text in texts for each in _inputs(text)),
        *(each for text in texts for each in _settings(text)),
        *(_head(name) for text in texts for name in _heads_named(text)),
        *(_head(name) for name in heads if 1 < len(heads) <= MOST_HEADS),
    ]
    return list({each.what: each for each in offered}.values())


def proposed(family: Family | None, wrong: Iterable[str], said: Collection[str]) -> Question | None:
    """How a model that fails may be asked: as its family is first, or in the one layout there is.

    It names no file and runs no code. None: there is nothing to propose.

    Parameters
    ----------
    wrong : the messages
    said : parameters of the oracle that the user set, and that stay
    """
    if family is not None:
        questions = family.questions[:1]
    else:
        questions = tuple(each for each in ways_out(wrong) if "layout" in each.settings)
    settings = questions[0].settings if len(questions) == 1 else {}
    chosen = WHAT_FOR.intersection(said)
    another = any(settings.get(name) != "?" for name in chosen)  # number than the family's first
    names = HOW_ASKED if another else HOW_ASKED | WHAT_FOR
    lacking = {
        name: value
        for name, value in settings.items()
        if name in names - set(said) and value != "?"
    }
    return Question("what is proposed", lacking) if lacking else None


def differing(parameters: OracleParameters) -> set[str]:
    """Names of the parameters that are not as they usually are: somebody set them."""
    usual = vars(OracleParameters())
    return {name for name, value in vars(parameters).items() if value != usual[name]}


def _inputs(text: str) -> Iterator[Question]:
    """A rule of each kind for the inputs that a message asks about."""
    for name in _INPUT.findall(text):
        for rule, given in _RULES.items():
            yield Question(f"input {name}: {given}", {"input": f"{name}={rule}"})
    for name in _SEQUENCE_INPUT.findall(text):
        yield Question(f"the sequence to input {name}", {"sequence_input": name})


def _settings(text: str) -> Iterator[Question]:
    """Settings with a value that there is, and modules that a file may be made of."""
    declared = {each.name.replace("_", "-"): each for each in describe(OracleParameters)}
    for option, value in _OPTION.findall(text):
        if option == "import":
            if value.islower() and not value.endswith(".py"):  # MODULE stands for any
                yield Question(f"import {value}", {"imports": value})
        elif option in declared and value in (declared[option].choices or ()):
            yield Question(f"{option} {value}", {declared[option].name: value})


def _heads_named(text: str) -> list[str]:
    """Heads that a message lists, by name or as `0 (rna)`."""
    listed = _OTHER_HEADS.search(text)
    if listed:
        return [name.strip() for name in listed[1].split(", ")]
    listed = _NAMED_HEADS.search(text)
    return re.findall(r"\d+ \(([^)]+)\)", listed[1]) if listed else []


def _head(name: str) -> Question:
    return Question(f"head {name}", {"head": name})
