"""What this user said may run code: model files by their content, code by its name.

Some model files are programs: opening them runs what whoever made them wrote. Such a file is
opened after an explicit yes, which holds for this content of the file only. Code that a session,
a recipe or a configuration names is run when this user named it before, or says yes now.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import sys
from pathlib import Path

from seam_core.parameters import MutagenizerParameters, OracleParameters
from seam_core.product import NAME
from seam_core.validate import InputError

FILE = "trusted.json"
# module:name or path/to/file.py:name; a drive letter before a path is not one
OBJECT = re.compile(r"^(?P<module>.{2,}|\w):(?P<name>[A-Za-z_][\w.]*)$")
_now: set[str] = set()


class TrustError(InputError):
    """An explicit yes is needed first.

    subject : what `approve` is to be told for a yes
    why : what would run, in words for a question
    """

    def __init__(self, field: str, subject: str, why: str, expected: str, source: str) -> None:
        self.subject = subject
        self.why = why
        super().__init__(field, why, expected, source)

    def question(self) -> dict[str, str]:
        """What it was made of, to make it again in another process."""
        return {
            "field": self.field,
            "subject": self.subject,
            "why": self.why,
            "expected": self.expected,
            "source": self.source,
        }


def require_for_file(path: Path, why: str) -> None:
    """Raise `TrustError` unless the user agreed to open this very file.

    why : what is in it that runs, such as "a pickled module"
    """
    subject = subject_of_file(path)
    if not is_approved(subject):
        raise TrustError(
            "model",
            subject,
            f"{why}, which runs code of whoever made the file when it is opened",
            "--trust-model, if you trust where it comes from; or a file that holds numbers only",
            str(path),
        )


def require_for_code(name: str, field: str = "model") -> None:
    """Raise `TrustError` unless this user named the code `file.py:name` or `module:name` before."""
    subject = subject_of_code(name)
    if not is_approved(subject):
        raise TrustError(
            field,
            subject,
            f"the code {name}, which you have not agreed to yet; it would run with your rights",
            f"--trust-model, if you know it, or the option --{field} {name}",
            "",
        )


def require_all(oracle: OracleParameters, mutagenizer: MutagenizerParameters) -> None:
    """Raise `TrustError` for the first code that parameters name and the user did not."""
    for option, _, code in code_in(oracle, mutagenizer):
        require_for_code(code, option)


def code_in(
    oracle: OracleParameters, mutagenizer: MutagenizerParameters
) -> list[tuple[str, str, str]]:
    """(option, parameter, code) of all code of Python's that parameters name."""
    named = [
        ("model", "model", part)
        for part in split_models(oracle.model)
        if OBJECT.match(part) and not Path(part).exists()
    ]
    named += [("import", "imports", part) for part in split_models(oracle.imports)]
    if mutagenizer.generator:
        named.append(("generator", "generator", mutagenizer.generator.split("(")[0]))
    return named


def subjects_of(oracle: OracleParameters) -> list[str]:
    """What a yes to the model is a yes to: its files, by their content."""
    paths = [*split_models(oracle.model), oracle.weights]
    files = [Path(match) for path in paths if path for match in sorted(glob.glob(path))]
    return [subject_of_file(path) for path in files]


def split_models(text: str) -> list[str]:
    """The parts of "a; b"."""
    return [part.strip() for part in text.split(";") if part.strip()]


def subject_of_file(path: Path) -> str:
    """A model file or folder by what is in it."""
    digest = hashlib.sha256()
    inside = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in filter(Path.is_file, inside):
        digest.update(str(file.relative_to(path)).encode())
        with open(file, "rb") as opened:
            while block := opened.read(1 << 20):
                digest.update(block)
    return f"file {digest.hexdigest()}"


def subject_of_code(name: str, base: Path | None = None) -> str:
    """Code by its file, or by its name where it is an installed module."""
    module = name.rsplit(":", 1)[0] if ":" in name[2:] else name
    if module.endswith(".py"):
        return f"code {(Path(base or '.') / module).resolve()}"
    return f"code {name}"


def is_approved(subject: str) -> bool:
    """Did the user say yes to it, now or before?"""
    return subject in _now or subject in _remembered()


def approved() -> tuple[str, ...]:
    """All that the user said yes to, for a process that works on their behalf elsewhere."""
    return tuple(sorted(_now | _remembered()))


def approve(subject: str, *, remember: bool = True) -> None:
    """The user's yes; remembered for later processes, as far as it can be written down."""
    _now.add(subject)
    if not remember:
        return
    path = _folder() / FILE
    known = _remembered() | {subject}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{FILE}.{os.getpid()}.part")
        part.write_text(json.dumps(sorted(known), indent=1), encoding="utf-8")
        os.replace(part, path)
    except OSError:
        return  # it holds for this process


def _remembered() -> set[str]:
    try:
        subjects = json.loads((_folder() / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return (
        {each for each in subjects if isinstance(each, str)}
        if isinstance(subjects, list)
        else set()
    )


def _folder() -> Path:
    """Where what the user agreed to is kept."""
    named = os.environ.get("SEAM_STATE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / NAME
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / NAME
