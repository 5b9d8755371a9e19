"""Which failed tests are asked again (.ci/test, decision 62)."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
_HERE = "tests.patrol.test_unsteady"


@pytest.fixture(scope="module")
def suite() -> ModuleType:
    loader = SourceFileLoader("ci_test", str(ROOT / ".ci" / "test"))
    spec = spec_from_loader("ci_test", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def _report(folder: Path, *cases: str) -> Path:
    report = folder / "report.xml"
    report.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>", encoding="utf-8")
    return report


def _case(name: str, inside: str = "<failure/>", file: str = _HERE) -> str:
    return f'<testcase classname="{file}" name="{name}">{inside}</testcase>'


def test_a_few_are_named_as_pytest_takes_them(
    suite: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(ROOT)
    report = _report(
        tmp_path, _case("test_x[a b]"), _case("test_y", "<error/>", f"{_HERE}.TestIt"), _case("test_z", "")
    )
    file = "tests/patrol/test_unsteady.py"
    assert suite.failures(report) == [f"{file}::test_x[a b]", f"{file}::TestIt::test_y"]


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param([_case(f"test_{n}") for n in range(3)], id="three"),
        pytest.param([_case("test_x"), _case("", file="tests.nowhere.test_it")], id="one without a file"),
        pytest.param([_case("test_x", "")], id="none"),
    ],
)
def test_many_or_nameless_are_failures_as_they_stand(
    suite: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cases: list[str]
):
    monkeypatch.chdir(ROOT)
    assert suite.failures(_report(tmp_path, *cases)) == []


def test_passing_once_is_not_enough(suite: ModuleType, monkeypatch: pytest.MonkeyPatch):
    answers = iter([0, 1])
    monkeypatch.setattr(suite, "asked", lambda *_: next(answers))
    assert not suite.passes_alone("sqlite", ["tests/x.py::test_y"])
