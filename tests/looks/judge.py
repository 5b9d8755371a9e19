"""What a machine can say of a look: nothing sticks out, targets can be hit, type can be read, English is English, axe is content."""

from __future__ import annotations

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.html_rules import faults

# Names the widest elements, so that the fault is found and not only known.
OVERFLOW = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const held = (element) => { for (let at = element.parentElement; at; at = at.parentElement) {
    if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(at).overflowX)) return true; } return false; };
  return [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > room + 0.5 && !held(one))
    .map((one) => `${one.tagName.toLowerCase()}.${one.className} to ${Math.round(one.getBoundingClientRect().right)} of ${room}: ${one.textContent.trim().slice(0, 30)}`).slice(-4);
}"""
# A box to tick is hit by its label too. A link within a sentence is as high as its line (WCAG 2.5.8).
TARGETS = """(least) => {
  const boxes = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  return [...document.querySelectorAll(boxes)].map((box) => {
    const label = ["radio", "checkbox", "file"].includes(box.type) && box.closest("label");
    const { width, height } = (label || box).getBoundingClientRect();
    const isSeen = box.checkVisibility() && width > 1 && height > 1 && !box.closest(".only-read, .skip-link, [aria-hidden=true], svg");
    const isInline = box.tagName === "A" && getComputedStyle(box).display === "inline" && box.closest("p, li, dd, td, th");
    return isSeen && !isInline && (height < least - 0.5 || width < least - 0.5)
      ? `${Math.round(width)}x${Math.round(height)} ${box.tagName.toLowerCase()}.${box.className}: ${(box.textContent || box.value || box.name || "").trim().slice(0, 24)}` : null;
  }).filter(Boolean);
}"""
# Body text only: what is said beside it (counts, captions, hints) may be one step smaller.
SMALL_TYPE = """(least) => {
  const walker = document.createTreeWalker(document.querySelector("main") ?? document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), at = walker.currentNode.parentElement;
    if (!text || !at.checkVisibility() || at.closest("svg, .only-read")) continue;
    const size = parseFloat(getComputedStyle(at).fontSize);
    if (size < least) found.add(`${size}px ${at.tagName.toLowerCase()}.${at.className}: ${text.slice(0, 24)}`);
  }
  return [...found];
}"""
CUT = """() => [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility() && !one.closest(".only-read, .skip-link, select")
  && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && getComputedStyle(one).overflowX === "hidden" && getComputedStyle(one).textOverflow !== "ellipsis" && getComputedStyle(one).display !== "inline")
  .map((one) => `${one.tagName.toLowerCase()}.${one.className}: ${one.textContent.trim().slice(0, 40)}`)"""
TEXTS = """() => {
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const found = new Set();
  const keep = (text, at) => { if (/[\\u4e00-\\u9fff]/.test(text) && !at.closest("[lang^=zh]:not(html), [translate=no], script, style")) found.add(text.trim()); };
  while (walker.nextNode()) keep(walker.currentNode.textContent, walker.currentNode.parentElement);
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
    for (const name of ["aria-label", "title", "placeholder", "alt"]) keep(one.getAttribute(name) ?? "", one);
  return [...found];
}"""
# What axe is asked in which way of seeing: names and order are the same in all, colours and what is shown are not.
AXE_KINDS: dict[str, dict[str, Any]] = {
    "phone": {},
    "desktop": {},
    "dark": {"runOnly": ["color-contrast"]},
    "senior": {"runOnly": ["color-contrast", "scrollable-region-focusable", "target-size"]},
    "english": {"runOnly": ["color-contrast", "html-has-lang", "valid-lang"]},
}
# Everything folded is opened before axe looks, save what would then hang over the page: that is a state of its own.
UNFOLD = """() => { for (const one of document.querySelectorAll("main details:not([open])")) {
  one.open = true;
  if ([...one.children].some((part) => part.tagName !== "SUMMARY" && ["absolute", "fixed"].includes(getComputedStyle(part).position))) one.open = false;
} }"""
# Of what axe was unsure about, the reason that is left when it is in sight and no menu hangs over it; nothing when it passes.
AGAIN = """async ({ selector, options }) => {
  const one = document.querySelector(selector);
  const menus = [...document.querySelectorAll("details[open][data-behaviour~=menu]")].filter((menu) => !menu.contains(one));
  for (const menu of menus) menu.open = false;
  one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const found = await axe.run(one, { ...options, runOnly: ["color-contrast"] });
  for (const menu of menus) menu.open = true;
  const [node] = [...found.violations, ...found.incomplete].flatMap(({ nodes }) => nodes);
  return node ? node.any[0].data?.messageKey ?? "too faint" : "";
}"""
# A drawing's text, a list's box and a text beside a drawn knot have one ground, which axe does not look for behind what is
# drawn: the nearest that is opaque; for a number within a disc, the disc.
RATIO = """(selector) => {
  const one = document.querySelector(selector), { Color, getContrast } = axe.commons.color;
  const colour = (said) => { const read = new Color(); read.parseString(said); return read; };
  const ground = (at) => { const read = colour(getComputedStyle(at).backgroundColor); return read.alpha === 1 || !at.parentElement ? read : ground(at.parentElement); };
  const isDrawn = one instanceof SVGElement;
  const disc = isDrawn && [...(one.closest("a")?.querySelectorAll("circle") ?? [])].map((each) => colour(getComputedStyle(each).fill)).find(({ alpha }) => alpha === 1);
  return getContrast(disc || ground(isDrawn ? one.closest("svg").parentElement : one), colour(getComputedStyle(one)[isDrawn ? "fill" : "color"]));
}"""
_LEAST = 4.5
# Beside something drawn, half under a layer that is clear, or over others on a ground of its own.
_ON_ONE_GROUND = {"pseudoContent", "bgOverlap", "elmPartiallyObscuring"}
# Every unsure thing is named, not one a rule; and a text of one sign (何, 0, ·) is judged like any other.
_ASKED = {
    "resultTypes": ["violations", "incomplete"],
    "checks": {"color-contrast": {"options": {"ignoreLength": True}}},
}
_AXE = Axe()
_HAN = re.compile(r"[\u4e00-\u9fff]+")


def chinese_left(page: Page, known: str) -> list[str]:
    """Chinese on an English page that no record holds."""
    return [
        text[:60]
        for text in page.evaluate(TEXTS)
        if text not in known and any(run not in known for run in _HAN.findall(text))
    ]


def unheard(page: Page, kind: str = "phone") -> list[str]:
    """What axe finds, contrast it stays unsure of included, and what is wrong with the page as it stands after its scripts."""
    options = _ASKED | AXE_KINDS[kind]
    found = _AXE.run(page, options=options).response
    said = [f"{rule['id']}: {node['html'][:90]}" for rule in found["violations"] for node in rule["nodes"]]
    unsure = [
        node for rule in found["incomplete"] if rule["id"] == "color-contrast" for node in rule["nodes"]
    ]
    said += [
        f"color-contrast unsure, {why}: {node['html'][:90]}"
        for node in unsure
        if (why := _unsure(page, node, options))
    ]
    # A style that a script of ours has set is none that the policy drops; what the server sends has its own test.
    return said + [f"html: {fault}" for fault in faults(page.content()) if "inline style" not in fault]


def _unsure(page: Page, node: dict[str, Any], options: dict[str, Any]) -> str:
    """Why the contrast of a text is still not known to be enough when it is looked at again."""
    selector = node["target"][0]
    why: str = page.evaluate(AGAIN, {"selector": selector, "options": options})
    is_drawn = node["html"].startswith(("<text", "<select")) and why in {"imgNode", "bgImage", "bgGradient"}
    if is_drawn or why in _ON_ONE_GROUND:
        ratio = page.evaluate(RATIO, selector)
        return "" if ratio >= _LEAST else f"measured {ratio:.2f}"
    return why


def judged(page: Page, kind: str, known: str) -> dict[str, Any]:
    """What is wrong with how a page looks in one kind of seeing."""
    found: dict[str, Any] = {}
    if kind != "print":
        found["sticks out"] = page.evaluate(OVERFLOW)
        found["cut off"] = page.evaluate(CUT)
    if kind == "phone":
        found["small target"] = page.evaluate(TARGETS, 44)
        found["small type"] = page.evaluate(SMALL_TYPE, 13)
    if kind == "senior":
        found["small target"] = page.evaluate(TARGETS, 60)
        found["small type"] = page.evaluate(SMALL_TYPE, 16)
    if kind in AXE_KINDS:
        page.evaluate(UNFOLD)
        found["axe"] = unheard(page, kind)
    if kind == "english":
        found["not English"] = chinese_left(page, known)
    return {what: list(dict.fromkeys(said)) for what, said in found.items() if said}
