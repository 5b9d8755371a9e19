"""The box a code is typed into."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.intake import codes
from app.platform.i18n import gettext
from app.platform.web.landing import LandedForm

_TYPED_MOST = 80


@dataclass(frozen=True, slots=True)
class CodeForm:
    """What was typed, and what is wrong with it."""

    typed: str = ""
    error: str = ""

    def unknown(self) -> CodeForm:
        """Say that nothing belongs to this code, unless a slip was found already."""
        return self if self.error else replace(self, error=gettext("没有找到这个查询码，请再核对一遍。"))


def read_code(form: LandedForm) -> CodeForm:
    """Look at a code before anything is looked up: a slip of the pen is told as such."""
    typed = form.get("code")[:_TYPED_MOST]
    if not typed.strip():
        return CodeForm(typed, gettext("请输入查询码，在回执上，一共 18 位。"))
    if not codes.is_code(codes.normalised(typed)):
        return CodeForm(typed, gettext("查询码好像抄错或者漏了，请一位一位核对。"))
    return CodeForm(typed)
