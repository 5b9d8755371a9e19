"""Many clues at once: an agency's table, looked at line by line, taken in by a job, the same line never twice."""

from app.transfer.forwarding.service import add, drop, remap, start

__all__ = ["add", "drop", "remap", "start"]
