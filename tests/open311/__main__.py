"""`python -m tests.open311`: the house as it starts, and two clients nobody here wrote; installed on demand into .open311.

Last run 2026-11-26: all of it went through. What georeport can do with no server is left out: an empty XML list (it looks
for a first request in it).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from tests.browser.conftest import running

PLACE: Final = Path(".open311")
CLIENTS: Final = (
    "georeport==0.3.1", "three==0.8.0", "requests==2.34.2", "xmltodict==0.14.2", "relaxml==0.1.3", "simplejson==4.3.0",
)  # fmt: skip


def main() -> int:
    """Install what is missing, start the house, let them talk."""
    python = PLACE / "bin" / "python"
    if not (PLACE / "ready").is_file():
        subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *CLIENTS], check=True)
        (PLACE / "ready").touch()
    picture = BytesIO()
    Image.new("RGB", (320, 240), "#486").save(picture, "JPEG")
    talk = Path(__file__).with_name("talk.py")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as site:
        command = [str(python), str(talk), f"{site.origin}/open311/v2"]
        return subprocess.run(command, input=picture.getvalue(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
