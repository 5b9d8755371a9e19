"""Contact sheets: pictures of one kind side by side, each with the name of its page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_WIDE, _TALL, _GAP, _LABEL = 1560, 1100, 12, 20


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(14)


def sheets(pictures: Sequence[tuple[str, Path]], into: Path, kind: str, *, across: int) -> list[Path]:
    """Lay pictures out, `across` of them in a row and as many rows as fit; return the sheets."""
    width = (_WIDE - _GAP * (across + 1)) // across
    made: list[Path] = []
    row, top = 0, _GAP
    sheet = Image.new("RGB", (_WIDE, _TALL), "#c9ced6")
    tallest = 0

    def done() -> None:
        target = into / f"{kind}-{len(made) + 1:02}.png"
        sheet.crop((0, 0, _WIDE, min(_TALL, top + tallest + _LABEL + _GAP))).save(target)
        made.append(target)

    for name, path in pictures:
        with Image.open(path) as opened:
            shot = opened.convert("RGB")
        height = round(shot.height * width / shot.width)
        shot = shot.resize((width, height), Image.Resampling.LANCZOS).crop(
            (0, 0, width, min(height, _TALL - _LABEL - 2 * _GAP))
        )
        if row == across:
            row, top, tallest = 0, top + tallest + _LABEL + _GAP, 0
        if row == 0 and top + shot.height + _LABEL > _TALL and top > _GAP:
            done()
            sheet, top = Image.new("RGB", (_WIDE, _TALL), "#c9ced6"), _GAP
        left = _GAP + row * (width + _GAP)
        ImageDraw.Draw(sheet).text((left, top), name, "#000", _font())
        sheet.paste(shot, (left, top + _LABEL))
        tallest, row = max(tallest, shot.height), row + 1
    if pictures:
        done()
    return made
