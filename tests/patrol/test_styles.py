"""The build refuses style rules that old browsers drop; seen failing here on planted ones."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tests.patrol.source import ROOT, sources

BAD = {
    "layer": "@layer base { a { color: red } }",
    "container": "@container (min-width: 1px) { a { color: red } }",
    "nesting": "a { color: red; & b { color: blue } }",
    "has": "a:has(b) { color: red }",
}
GOOD = "@media (min-width: 1px) { a { color: red } }\n@supports (a: b) { a { b: c } }"


def faults(text: str) -> list[str]:
    """What static/build says about a style sheet."""
    program = (
        'import { stylesheetFaults } from "./static/build/css-faults.mjs";'
        f'console.log(JSON.stringify(stylesheetFaults({json.dumps(text)}, "planted.css")));'
    )
    node = shutil.which("node") or pytest.fail("Node.js is needed to build static/")
    told = subprocess.run(
        [node, "--input-type=module", "-e", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    answer: list[str] = json.loads(told.stdout)
    return answer


@pytest.mark.parametrize("name", BAD)
def test_a_planted_fault_is_found(name: str):
    assert faults(BAD[name])


def test_our_styles_are_clean():
    sheets = list(sources(r"static/.+\.css"))
    assert sheets
    assert faults(GOOD + "\n".join(sheet.text for sheet in sheets)) == []
