from __future__ import annotations

import re

import segno

from app.platform import drawing


def test_the_path_draws_exactly_the_dark_modules():
    content = "https://example.test/track#7K4MX2QH9RTD5WCA3P"
    drawn = drawing.qr(content)
    dark = {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1H\d+z", drawn.path)
        for step in range(int(length))
    }
    matrix = [list(row) for row in segno.make(content, error="m", micro=False).matrix_iter(border=4)]
    assert drawn.size == len(matrix)
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, value in enumerate(row) if value}
    assert len(dark) > 200
