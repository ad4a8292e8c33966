"""scripts/release.py, in a repository of its own: what it refuses, writes and tags."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import LIMIT_S

ROOT = Path(__file__).parents[2]
FILES = (
    "pyproject.toml",
    "seam_core/__init__.py",
    "packaging/conda/meta.yaml",
    "CITATION.cff",
    "CHANGELOG.md",
)
ME = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


class Repository:
    """A repository with the files that a release touches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (*FILES, "scripts/release.py"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        changes = folder / "CHANGELOG.md"
        head = r"(?m)^## \[([\d.]+)\] - .*$"
        new = r"## [\1] - unreleased\n\n- New: what a test of releases brings.\n"
        text = re.sub(head, new, changes.read_text(encoding="utf-8"), count=1)
        changes.write_text(text, encoding="utf-8")
        self.git("init", "--quiet")
        for key in ("name", "email"):
            self.git("config", f"user.{key}", "a@example.org")
        self.commit()

    def git(self, *arguments: str) -> str:
        asked = ["git", *ME, *arguments]
        done = subprocess.run(asked, cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "all")

    def release(self, *arguments: str, test: str = "exit 0") -> tuple[int, str]:
        asked = [sys.executable, "scripts/release.py", *arguments, "--test", test]
        done = subprocess.run(
            asked, cwd=self.folder, capture_output=True, text=True, timeout=LIMIT_S
        )
        return done.returncode, done.stderr

    def change(self, name: str, before: str, after: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    @property
    def tags(self) -> list[str]:
        return self.git("tag", "--list").split()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_prepared_release_names_its_version_everywhere_and_is_tagged(repository):
    assert repository.release("9.8.7", "--prepare") == (0, "")
    assert repository.tags == ["v9.8.7"]
    assert repository.git("status", "--porcelain") == ""
    for name in FILES:
        assert "9.8.7" in (repository.folder / name).read_text(encoding="utf-8"), name
    assert repository.git("rev-parse", "v9.8.7^{commit}") == repository.git("rev-parse", "HEAD")
    said = repository.git("show", "--stat", "--format=%s", "HEAD")
    assert said.startswith("Version 9.8.7")


def test_without_preparation_files_of_another_version_are_refused(repository):
    status, said = repository.release("9.8.7")
    assert status == 2
    assert "pyproject.toml: expected 'version = \"9.8.7\"'" in said
    assert repository.tags == []


def test_changes_that_are_not_committed_are_refused(repository):
    (repository.folder / "new.txt").write_text("", encoding="utf-8")
    status, said = repository.release("9.8.7", "--prepare")
    assert (status, repository.tags) == (2, [])
    assert "new.txt" in said


@pytest.mark.parametrize("version", ["0.0.1", "9.8.7", "9.8", "v9.9.9"])
def test_a_version_that_is_no_later_one_is_refused(repository, version):
    assert repository.release("9.8.7", "--prepare")[0] == 0
    head = repository.git("rev-parse", "HEAD")
    status, said = repository.release(version, "--prepare")
    assert status == 2
    assert f"VERSION={version}" in said
    assert repository.git("rev-parse", "HEAD") == head
    assert repository.tags == ["v9.8.7"]


def test_a_wheel_that_fails_gives_no_tag(repository):
    status, said = repository.release("9.8.7", "--prepare", test="exit 3")
    assert (status, repository.tags) == (2, [])
    assert "exit 3" in said


def test_a_file_that_names_no_version_leaves_all_files_alone(repository):
    repository.change("CHANGELOG.md", "- unreleased", "- some day")
    repository.commit()
    before = repository.git("rev-parse", "HEAD")
    status, said = repository.release("9.8.7", "--prepare")
    assert status == 2
    assert "CHANGELOG.md" in said
    assert repository.git("status", "--porcelain") == ""
    assert repository.git("rev-parse", "HEAD") == before
