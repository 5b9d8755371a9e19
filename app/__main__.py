"""`python -m app`."""

from __future__ import annotations

import gc
import sys

# What is loaded at a start stays for as long as the process lives: looking through it for garbage again and again
# would cost a tenth of the start, and its pages would be copied in every child.
gc.disable()
from app.cli import main  # noqa: E402

gc.freeze()
gc.enable()
sys.exit(main(sys.argv[1:]))
