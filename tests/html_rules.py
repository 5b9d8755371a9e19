"""What every page must be: well nested, one h1, a title, unique ids, labelled inputs, forms that say where to.

The client of conftest.py asks this of every HTML answer any test receives, so a page cannot be fetched
without being looked at (notifications-admin's habit).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# The end tag of these may be left out (HTML, optional tags).
OPTIONAL_END = {
    "li",
    "p",
    "dt",
    "dd",
    "option",
    "tr",
    "td",
    "th",
    "thead",
    "tbody",
    "tfoot",
    "html",
    "body",
    "head",
}
NEED_LABEL = {"input", "select", "textarea"}
NO_LABEL = {"hidden", "submit", "button", "reset", "image"}
TAPPABLE = {"a", "button", "input", "select", "textarea", "label", "summary"}
ENDS_P = {
    "address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul",
}  # fmt: skip
POINTERS = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "headers")
Attributes = dict[str, str | None]


@dataclass
class Element:
    """One open element, with the line it began on."""

    tag: str
    attributes: Attributes
    line: int


@dataclass
class Page(HTMLParser):
    """Reads a page and notes what is wrong with it."""

    faults: list[str] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    labelled: set[str] = field(default_factory=set)
    inputs: list[Element] = field(default_factory=list)
    pointers: list[tuple[str, str, int]] = field(default_factory=list)
    headings: int = 0
    title: str = ""
    lang: str = ""
    stack: list[Element] = field(default_factory=list)
    words: list[tuple[Element, list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def say(self, line: int, text: str) -> None:
        """Note a fault."""
        self.faults.append(f"line {line}: {text}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element as it opens."""
        given = Counter(name for name, _ in attrs)
        element = Element(tag, dict(attrs), self.getpos()[0])
        for name, number in given.items():
            if number > 1:
                self.say(element.line, f"<{tag}> has {name} twice")
            if name.startswith("on") or name == "style":
                self.say(element.line, f"<{tag}> has an inline {name}; the CSP drops it")
        self._nest(element)
        self._note(element)
        if tag not in VOID:
            self.stack.append(element)
            if tag in {"button", "a", "label", "legend"}:
                self.words.append((element, []))

    def _nest(self, element: Element) -> None:
        around = [open_.tag for open_ in self.stack]
        if element.tag in ENDS_P and around and around[-1] == "p":
            if element.tag == "p":
                self.stack.pop()
            else:
                self.say(element.line, f"<{element.tag}> ends the <p> around it")
        if element.tag in TAPPABLE - {"label"} and {"a", "button"} & set(around):
            self.say(element.line, f"<{element.tag}> stands inside another link or button")

    def _note(self, element: Element) -> None:
        tag, attributes, line = element.tag, element.attributes, element.line
        if identity := attributes.get("id"):
            self.ids[identity] += 1
        for name in POINTERS:
            self.pointers += [(name, target, line) for target in (attributes.get(name) or "").split()]
        if tag == "h1":
            self.headings += 1
        elif tag == "html":
            self.lang = attributes.get("lang") or ""
        elif tag == "img":
            if "alt" not in attributes:
                self.say(line, "an img needs alt (empty where it only adorns)")
            for _, heard in self.words:
                heard.append(attributes.get("alt") or "")
        elif tag in {"form", "label"} | NEED_LABEL:
            self._note_form(element)

    def _note_form(self, element: Element) -> None:
        attributes, around = element.attributes, {open_.tag for open_ in self.stack}
        if element.tag == "form":
            if not (attributes.get("action") and attributes.get("method")):
                self.say(
                    element.line, "a form needs method and action, or it does nothing without JavaScript"
                )
            if "form" in around:
                self.say(element.line, "a form inside a form")
        elif element.tag == "label":
            self.labelled.add(attributes.get("for") or "")
        elif attributes.get("type") not in NO_LABEL and "label" not in around:
            self.inputs.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<path/>` in a drawing opens and closes at once."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element; what stands open inside it must be allowed to."""
        if tag not in {element.tag for element in self.stack}:
            self.say(self.getpos()[0], f"</{tag}> closes nothing")
            return
        while self.stack:
            last = self.stack.pop()
            if last.tag == tag:
                self._close(last)
                return
            if last.tag not in OPTIONAL_END:
                self.say(last.line, f"<{last.tag}> is not closed before </{tag}>")

    def _close(self, element: Element) -> None:
        if self.words and self.words[-1][0] is element:
            _, heard = self.words.pop()
            name = "".join(heard).strip() or element.attributes.get("aria-label") or ""
            if not name and element.attributes.get("aria-hidden") != "true" and element.tag != "label":
                self.say(element.line, f"<{element.tag}> has no words a person could hear")

    def handle_data(self, data: str) -> None:
        """Hear the words of titles, buttons and links."""
        if (
            self.stack
            and self.stack[-1].tag == "title"
            and not any(open_.tag == "svg" for open_ in self.stack)
        ):
            self.title += data
        for _, heard in self.words:
            heard.append(data)

    def finish(self, *, is_whole: bool) -> list[str]:
        """Everything that is wrong, once the whole text was read."""
        self.close()
        for element in self.stack:
            if element.tag not in OPTIONAL_END:
                self.say(element.line, f"<{element.tag}> is never closed")
        for identity, number in self.ids.items():
            if number > 1:
                self.say(0, f"id {identity!r} stands {number} times")
        for element in self.inputs:
            named = element.attributes.get("aria-label") or element.attributes.get("aria-labelledby")
            if not named and element.attributes.get("id") not in self.labelled:
                self.say(element.line, f"<{element.tag} name={element.attributes.get('name')}> has no label")
        if is_whole:
            self._whole()
        return self.faults

    def _whole(self) -> None:
        if self.headings != 1:
            self.say(0, f"a page has one h1, this one has {self.headings}")
        if not self.title.strip():
            self.say(0, "the page has no title")
        if not self.lang:
            self.say(0, "html has no lang")
        for name, target, line in self.pointers:
            if target not in self.ids:
                self.say(line, f"{name} points to #{target}, which is not on the page")


def faults(html: str) -> list[str]:
    """Everything wrong with an HTML answer; a fragment is asked less than a page."""
    page = Page()
    page.feed(html)
    return page.finish(is_whole="<html" in html[:500].lower())
