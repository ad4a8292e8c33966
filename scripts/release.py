"""Make a release: `make release VERSION=0.2.0`. Nothing is uploaded.

Checks that nothing is uncommitted, that the version is later than the last one, and that all files
of `PLACES` name it; then builds and tests wheel and bundle, each in a clean environment, and makes
the tag. With --prepare it first writes version and date into these files and commits them.
"""

from __future__ import annotations

import argparse
import datetime
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = r"\d+\.\d+\.\d+"
# file -> (what is found, what it becomes); {version} and {date} are filled in
PLACES = {
    "pyproject.toml": ((rf'(?m)^version = "{VERSION}"$', 'version = "{version}"'),),
    "seam_core/__init__.py": ((rf'(?m)^__version__ = "{VERSION}"$', '__version__ = "{version}"'),),
    "packaging/conda/meta.yaml": (
        (rf'"SEAMSCOPE_VERSION", "{VERSION}"', '"SEAMSCOPE_VERSION", "{version}"'),
    ),
    "CITATION.cff": (
        (rf"(?m)^version: {VERSION}$", "version: {version}"),
        (r"(?m)^date-released: \d{4}-\d\d-\d\d$", "date-released: {date}"),
    ),
    "CHANGELOG.md": ((rf"(?m)^## \[{VERSION}\] - unreleased$", "## [{version}] - {date}"),),
}


class Refused(Exception):
    """Why there is no release."""


def git(*arguments: str) -> str:
    """What git says; `Refused` with its message where it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def check_version(version: str) -> None:
    """A version that is none, is there already, or is before the last one is refused."""
    if not re.fullmatch(VERSION, version):
        raise Refused(f"VERSION={version}: three numbers are expected, as 0.2.0")
    number = tuple(map(int, version.split(".")))
    for tag in git("tag", "--list", "v*").split():
        if re.fullmatch(f"v{VERSION}", tag) and tuple(map(int, tag[1:].split("."))) >= number:
            raise Refused(f"VERSION={version}: there is {tag} already")


def check_clean() -> None:
    """Changes that are not committed are no part of a release."""
    changed = git("status", "--porcelain")
    if changed:
        raise Refused(f"not committed:\n{changed}")


def check_files(version: str) -> None:
    """The files name the version, and the changelog has a date and lines for it."""
    for name, places in PLACES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        for _, wanted in places:
            expected = re.escape(wanted.format(version=version, date="DATE"))
            if not re.search(expected.replace("DATE", r"\d{4}-\d\d-\d\d"), text):
                shown = wanted.format(version=version, date="YYYY-MM-DD")
                raise Refused(f"{name}: expected {shown!r}; --prepare (PREPARE=1) writes it")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = changes.split(f"## [{version}]")[1].split("\n## ")[0]
    if "\n- " not in section:
        raise Refused(f"CHANGELOG.md: nothing is said of {version}")


def prepare(version: str, date: str) -> None:
    """Write version and date into the files and commit them; all or none."""
    written = {}
    for name, places in PLACES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        for pattern, wanted in places:
            text, n = re.subn(pattern, wanted.format(version=version, date=date), text, count=1)
            if n == 0:
                raise Refused(f"{name}: no line like {pattern}")
        written[ROOT / name] = text
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    git("commit", "--all", "--message", f"Version {version}")


def release(version: str, *, test: str, wanted: bool) -> None:
    """The release, or `Refused`. `test` is the command that builds and tries them."""
    check_clean()
    check_version(version)
    if wanted:
        prepare(version, datetime.date.today().isoformat())
    check_files(version)
    if subprocess.run(test, shell=True, cwd=ROOT).returncode:
        raise Refused(f"failed: {test}")
    check_clean()
    git("tag", "--annotate", f"v{version}", "--message", f"Version {version}")


def main() -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("version")
    parser.add_argument("--prepare", action="store_true", help="write version and date first")
    parser.add_argument(
        "--test", default="make wheel bundle", help="what must succeed (%(default)s)"
    )
    options = parser.parse_args()
    try:
        release(options.version, test=options.test, wanted=options.prepare)
    except Refused as refused:
        print(f"release: {refused}", file=sys.stderr)
        return 2
    print(f"release: v{options.version} is tagged here; nothing was uploaded")
    return 0


if __name__ == "__main__":
    sys.exit(main())
