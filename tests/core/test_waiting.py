"""No test waits for a length of time, and none waits longer than it may take."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.waiting import LIMIT_S

TESTS = Path(__file__).resolve().parents[1]
# what waits for a time and not for an event; `wait` of a test's own bot as well
SLEEPS = {("time", "sleep"), ("qtbot", "wait"), ("QTest", "qWait"), ("QTest", "qSleep")}


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def sleeps(node):
    function = node.func
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    return (name, function.attr) in SLEEPS


def own_limits(node):
    return [
        k.value for k in node.keywords if k.arg == "timeout" and isinstance(k.value, ast.Constant)
    ]


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: path.stem)
def test_tests_wait_for_events_with_the_limit_of_the_project(path):
    found = [node.lineno for node in calls(path) if sleeps(node) or own_limits(node)]
    assert not found, f"{path.name}, lines {found}"


def test_the_limit_ends_a_wait_before_the_test_is_ended(pytestconfig):
    assert pytestconfig.getvalue("timeout") > LIMIT_S
