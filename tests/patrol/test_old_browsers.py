"""The built files call nothing that Chromium 90 or Safari 15.0 lack; seen failing here on planted ones (static/build/old-browsers.mjs)."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Final

import pytest

from tests.patrol.source import ROOT

BAD_SCRIPTS: Final = (
    "last(list.at(-1))", "structuredClone(draft)", "panel.inert=true", "/(?<=a)b/.test(x)", "Object.hasOwn(a,b)",
    "crypto.randomUUID()", "list.findLast(x)", "AbortSignal.timeout(5)", "new CompressionStream('gzip')", "box.showModal()",
    "Promise.withResolvers()",
)  # fmt: skip
GOOD_SCRIPTS: Final = (
    "n.at-t.at", "a.checkVisibility?.()", "typeof structuredClone=='function'&&structuredClone(a)", "list.includes(1)",
    "if(e.moveBefore)try{e.moveBefore(t)}catch{}", "navigator.serviceWorker?.getRegistration()",
)  # fmt: skip
BAD_SHEETS: Final = (
    "a:has(b){color:red}",
    "a{overflow:clip}",
    "a{text-wrap:balance}",
    "a{color:red;translate:1px}",
)
GOOD_SHEETS: Final = (
    "a{color:red;inset:0}",
    "a:focus-visible{color:red}",
    "@media (min-width:1px){a::before{content:''}}",
)
PROGRAM: Final = """
import { read, scriptFaults, sheetFaults } from "./static/build/old-browsers.mjs";
const known = read("./static");
const [scripts, sheets] = JSON.parse(process.argv[1]);
console.log(JSON.stringify([...scripts.map((one) => scriptFaults(one, "x.js", known)), ...sheets.map((one) => sheetFaults(one, "x.css", known))]));
"""


@pytest.fixture(scope="module")
def told() -> dict[str, list[str]]:
    """What the check says of each sample; the table is read once."""
    scripts, sheets = [*BAD_SCRIPTS, *GOOD_SCRIPTS], [*BAD_SHEETS, *GOOD_SHEETS]
    node = shutil.which("node") or pytest.fail("Node.js is needed to build static/")
    ran = subprocess.run(
        [node, "--input-type=module", "-e", PROGRAM, json.dumps([scripts, sheets])],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: list[list[str]] = json.loads(ran.stdout)
    return dict(zip([*scripts, *sheets], found, strict=True))


def test_planted_faults_are_found(told: dict[str, list[str]]):
    assert [one for one in (*BAD_SCRIPTS, *BAD_SHEETS) if not told[one]] == []


def test_what_asks_first_or_is_old_stays_free(told: dict[str, list[str]]):
    assert {one: told[one] for one in (*GOOD_SCRIPTS, *GOOD_SHEETS) if told[one]} == {}
