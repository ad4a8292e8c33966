"""A family of models as one record."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seam_core.families.signature import Signature
from seam_core.oracles.inputs import with_rules
from seam_core.parameters import OracleParameters
from seam_core.registry import FAMILIES


def recognises_nothing(signature: Signature) -> bool:
    """Of a family whose models cannot be told from their files."""
    return False


@dataclass(frozen=True)
class Question:
    """One number that a family's models are asked for.

    what : in words
    settings : parameters of the oracle that ask for it; "?" stands for what the user chooses
    """

    what: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def options(self) -> str:
        """As options of the command."""
        parts = []
        for name, value in self.settings.items():
            shown = f"'{value}'" if any(sign in value for sign in " ;*?") else value
            option = "import" if name == "imports" else name.replace("_", "-")
            parts.append(f"--{option} {shown}")
        return " ".join(parts)

    def applied(self, parameters: OracleParameters) -> OracleParameters:
        """The parameters that ask it; what the user is to choose stays as it was.

        Rules of other inputs stay too.
        """
        settled: dict[str, Any] = {
            name: int(value) if isinstance(getattr(parameters, name), int) else value
            for name, value in self.settings.items()
            if value != "?"
        }
        if "input" in settled:
            settled["input"] = with_rules(parameters.input, settled["input"])
        return parameters.replace(**settled)


@dataclass(frozen=True, kw_only=True)
class Family:
    """What is said of a family of models; other packages declare theirs as `seam.families`.

    name : for `seam models NAME`
    label : in tables and forms
    predicts : what, in words
    takes : the model's input
    questions : what it can be asked, the usual one first
    model : an example of what is given as the model, with the options that open it
    length : letters of its usual input, which a check asks about where the file does not say; 0:
        there is none
    method : of attribution, where the usual one cannot be used
    get : where its files come from
    packages : that must be installed beside, as pip knows them
    note : what else a user must know: context, strands, scale
    tried : what came out here, and on which file
    citation : the paper to cite
    recognises : is a model of this family? It only looks at names and shapes
    build : (path, names and shapes of its weights) -> the module that weights alone belong to;
        None where a class must be named. It imports the family's package
    """

    name: str
    label: str
    predicts: str
    takes: str
    questions: tuple[Question, ...]
    model: str
    get: str
    length: int = 0
    method: str = ""
    packages: tuple[str, ...] = ()
    note: str = ""
    tried: str = ""
    citation: str = ""
    recognises: Callable[[Signature], bool] = recognises_nothing
    build: Callable[[Path, Mapping[str, tuple[int, ...]]], Any] | None = None

    def proposals(self) -> list[str]:
        """The questions with their options, a line each."""
        return [f"{each.what}: {each.options() or 'no option'}" for each in self.questions]

    def command(self) -> str:
        """The first question as one command; `?` stands for what the user chooses."""
        model = re.split(r" \(|, |: | or ", self.model)[0]
        options = self.questions[0].options()
        if self.method:
            options += f" --method {self.method}"
        asked = f"seam run --model {model} {options} --sequence sequence.fa --out out"
        return " ".join(asked.split())

    def lines(self) -> list[str]:
        """All that is said of it, a line each."""
        lines = [f"{self.label}: {self.predicts}", f"takes: {self.takes}"]
        lines += [f"ask for {line}" for line in self.proposals()]
        lines += [f"open with: {self.model}", f"run: {self.command()}", f"files: {self.get}"]
        if self.packages:
            lines.append("needs: " + ", ".join(self.packages))
        for what in ("note", "tried", "citation"):
            if getattr(self, what):
                lines.append(f"{what}: {getattr(self, what)}")
        return lines


def recognised(signature: Signature) -> Family | None:
    """The first family of the registry that a model is of; None where it is of none."""
    return next((family for family in FAMILIES if family.recognises(signature)), None)
