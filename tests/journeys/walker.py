"""A browser without script: reads the forms of the page it is on and posts them as they stand, changed where told.

So a journey uses exactly the fields, hidden values and buttons that a page offers, and fails when one is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from tests.conftest import HouseClient


@dataclass
class Form:
    """One form of a page: where it goes, what it would send."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self._form)
        if self._form is None or "disabled" in given:
            return
        name, form = given.get("name", ""), self._form
        if tag == "option" and self._select:
            if "selected" in given or self._select not in form.values:
                form.values[self._select] = [given.get("value", "")]
        elif name and tag in {"input", "textarea", "select", "button"}:
            form.names.add(name)
            self._field(tag, name, given, form)

    def _field(self, tag: str, name: str, given: dict[str, str], form: Form) -> None:
        kind = given.get("type", "text")
        if tag == "textarea":
            self._area = name
            form.values.setdefault(name, []).append("")
        elif tag == "select":
            self._select = name
        elif tag == "input" and kind == "file":
            form.files.add(name)
        elif tag == "input" and kind in {"radio", "checkbox"}:
            if "checked" in given:
                form.values.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "input" and kind not in {"submit", "button", "image", "reset"}:
            form.values.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area and self._form:
            values = self._form.values[self._area]
            values[-1] += data if values[-1] else data.removeprefix("\n")
        elif data.strip():
            self.text.append(data.strip())


class Walker:
    """Goes from page to page as a person does."""

    def __init__(self, client: HouseClient) -> None:
        self.client = client
        self.path = "/"
        self.html = ""
        self.work: Callable[[], None] = lambda: None

    def go(self, path: str) -> Walker:
        """Open a page, following redirects."""
        return self._arrive(self.client.get(path), path)

    def _arrive(self, response: Any, path: str) -> Walker:
        for _ in range(5):
            if response.status_code not in {302, 303}:
                break
            path = response.headers["location"]
            response = self.client.get(path)
        assert response.status_code == 200, f"{path}: {response.status_code}\n{shown(response.text)}"
        self.path, self.html = path, response.text
        return self

    def form(self, ending: str, *, holding: str | None = None) -> Form:
        """The form of this page whose action ends so (and that has the named field)."""
        parser = _Forms()
        parser.feed(self.html)
        found = [
            form
            for form in parser.forms
            if form.action.split("?")[0].endswith(ending) and holding in {None, *form.names}
        ]
        offered = sorted({form.action for form in parser.forms})
        assert found, f"{self.path} offers no form to …{ending}; it offers {offered}"
        return found[0]

    def send(
        self,
        ending: str,
        *,
        files: list[tuple[str, tuple[str, bytes, str]]] | None = None,
        holding: str | None = None,
        **changes: str | list[str],
    ) -> Walker:
        """Fill in and post a form of this page, and arrive where it leads."""
        form = self.form(ending, holding=holding)
        unknown = set(changes) - form.names
        assert not unknown, f"the form {form.action} has no field {unknown}; it has {sorted(form.names)}"
        values = form.values | {
            name: [value] if isinstance(value, str) else value for name, value in changes.items()
        }
        data = {name: (found[0] if len(found) == 1 else found) for name, found in values.items() if found}
        if files:
            assert {name for name, _ in files} <= form.files
        response = self.client.post(
            form.action, data=data, files=files or ([("", ("", b"", ""))] if False else None)
        )
        return self._arrive(response, form.action)

    @property
    def text(self) -> str:
        """The words on the page."""
        return shown(self.html)


def shown(html: str) -> str:
    """The words of a page, one piece a line."""
    parser = _Forms()
    parser.feed(html)
    return "\n".join(parser.text)
