"""One-time links for receivers without an account (decisions.md 24): the link by one way, its code by another.

Only digests are kept: of the link's token, and under a key of its code. What a link opens is decided at every use.
"""

from app.transfer.links.service import end, issue, knock, leave
from app.transfer.links.terms import Holder, Issued, LinkShown, LinkTooLate

__all__ = ["Holder", "Issued", "LinkShown", "LinkTooLate", "end", "issue", "knock", "leave"]
