"""What the phone finds wanting before it seals is what the server would find wanting: same fields, same words, same order."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site, Watch
from tests.browser.outbox import open_form

COMPARE = """async ({ seed, times }) => {
  let state = seed;
  const chance = (below) => { state = (state * 1103515245 + 12345) % 2147483648; return Math.floor((state / 2147483648) * below); };
  const one = (from) => from[chance(from.length)];
  const form = document.getElementById("report-form");
  const loaded = () => performance.getEntriesByType("resource").map(({ name }) => name).find((name) => /sealing-[^/]*$/.test(name));
  while (!loaded()) await new Promise((go) => { setTimeout(go, 50); });
  const { check } = await import(loaded());
  const texts = {
    date: ["", "2020-01-01", "1949-05-05"], "datetime-local": ["", "2020-01-01T09:30", "1949-05-05T09:30"],
    any: ["", "", "3", "-5", "99999", "1.5", "１２", "1,200", "很多", "  "],
    place_words: ["", "", "桥头东侧"], place_pasted: ["", "", "45.8021, 126.5432", "桥头往东一点"],
    words: ["", "短", "短短的 几个字\\n还差", "水很黑，味道很大，已经好几天了"],
    contact_phone: ["", "", "13904511234", "139", "０４５１-87654321", "电话一三九"], contact_name: ["", "", "李"], contact_words: ["", "晚上"],
  };
  const odd = [];
  let found = 0;
  for (let time = 0; time < times; time += 1) {
    form.reset();
    await new Promise((go) => { setTimeout(go); });
    for (const box of form.elements) {
      if (!box.name || box.name === "homepage" || ["hidden", "file", "submit", "button"].includes(box.type)) continue;
      if (box.type === "radio" || box.type === "checkbox") { if (chance(3) === 0) box.checked = true; }
      else if (box.tagName === "SELECT") box.selectedIndex = chance(2) ? 0 : chance(box.options.length);
      else box.value = one(texts[box.name] ?? texts[box.type] ?? texts.any);
    }
    form.dispatchEvent(new Event("change", { bubbles: true }));
    const mine = check(form).map(([field, text]) => `${field}: ${text}`);
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const theirs = [...page.querySelectorAll(".error-summary a")].map((link) => `${link.getAttribute("href").slice(1)}: ${link.textContent}`);
    found += theirs.length;
    if (JSON.stringify(mine) !== JSON.stringify(theirs)) odd.push({ mine, theirs });
  }
  return { odd, found };
}"""


@pytest.mark.parametrize("category", ["aed_missing", "water_pollution", "mil_facility_env", "other"])
def test_the_phone_and_the_server_find_the_same_faults(site: Site, phone: Page, watch: Watch, category: str):
    watch.expect("422")
    open_form(phone, site, category)
    phone.locator("#words").focus()
    told = phone.evaluate(COMPARE, {"seed": 7, "times": 25})
    assert told["odd"] == []
    assert told["found"] > 25, "hardly anything was wrong: the comparison proves nothing"
