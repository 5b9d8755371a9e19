"""Everything a room may refuse, each with a stable code; no HTTP number lives here.

`platform/web/refusals.py` turns a kind into an answer once. `docs/problems.md` lists the codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from app.platform.i18n import N_


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a form, as a person reads it; the form is shown again with it."""

    field: str
    text: str


class Problem(Exception):
    """A refusal that a person will read: a code for machines, a text key for people, details."""

    code: ClassVar[str] = "problem"
    text: ClassVar[str] = N_("这一步没有完成，请稍后再试。")
    # Whatever of the request is still on its way is worth nothing: the line ends with the answer, and nobody pays for it.
    ends_line: ClassVar[bool] = False

    def __init__(self, text: str | None = None, /, **details: Any) -> None:
        """Keep the text (a message id) and the details that belong to this one refusal."""
        super().__init__(text or self.text)
        self.message: str = text or self.text
        self.details: dict[str, Any] = details


class Missing(Problem):
    """Nothing is there for this person; the same answer whether it exists or not."""

    code = "missing"
    text = N_("没有找到您要看的内容，可能地址有误，或者您不能查看。")


class Refused(Problem):
    """The person is known, and may not do this."""

    code = "refused"
    text = N_("您现在的身份不能做这一步。")


class NotSignedIn(Refused):
    """The page belongs to people with an account; nobody is signed in."""

    code = "not_signed_in"
    text = N_("请先登录。")


class ProofNeeded(Refused):
    """A step of weight: whoever sits at this session is asked for a password or a code again."""

    code = "proof_needed"
    text = N_("为防止别人用您的账号操作，请再确认一次是您本人。")


class ForgedOrigin(Refused):
    """A signed-in form arrived from another site (Sec-Fetch-Site, else Origin)."""

    code = "forged_origin"
    text = N_("这个请求不是从本网站发出的，没有执行。请回到本网站的页面重新操作。")


class Conflict(Problem):
    """Somebody else was faster: the page is stale."""

    code = "conflict"
    text = N_("您打开页面之后，别人已经处理过。请看最新情况再决定。")


class Gone(Problem):
    """What was here has had its time."""

    code = "gone"
    text = N_("这个内容已经过了保留期，请重新开始。")


class OtherVersion(Problem):
    """The other side speaks a version of the protocol this house does not."""

    code = "other_version"
    text = N_("双方使用的传输协议版本不一致。")


class WrongMediaType(Problem):
    """The body is of another kind than this door takes."""

    code = "wrong_media_type"
    text = N_("这里不接受这种格式的内容。")


class ChecksumDiffers(Problem):
    """What arrived is not what was sent: the checksum of the piece does not hold."""

    code = "checksum_differs"
    text = N_("这一段在传输中出了错，请再传一次。")


class Invalid(Problem):
    """What was sent cannot be kept as it is; details name the fields."""

    code = "invalid"
    text = N_("有些内容需要改一改，请看标出的地方。")


class TooLarge(Invalid):
    """The body is larger than the house takes in."""

    code = "too_large"
    text = N_("内容太大，没有收下。请减少文字或附件后再试。")


class TooMany(Problem):
    """Too many tries in a short time."""

    code = "too_many"
    text = N_("操作太频繁，请稍等几分钟再试。")


class Unavailable(Problem):
    """The house cannot take this in right now, and says when to come back."""

    code = "unavailable"
    text = N_("系统正忙，请几分钟后再试。您填写的内容还在这台设备上。")
