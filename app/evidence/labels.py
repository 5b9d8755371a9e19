"""The words people read for a file: what it is, how it came, how true it is, what was made of it."""

from __future__ import annotations

from typing import Final

from app.platform.i18n import N_
from app.platform.i18n import gettext as _

CATEGORIES: Final[dict[str, str]] = {
    "image": N_("电子数据（照片）"),
    "video": N_("视听资料（视频）"),
    "audio": N_("视听资料（录音）"),
    "application": N_("电子数据（文件）"),
}
FIDELITIES: Final[dict[str, str]] = {
    "original": N_("原图，一个字节没有改"),
    "masked_on_phone": N_("反映人在手机上遮过"),
    "phone_preview": N_("手机生成的小图"),
}
# The reporter's own word: each sentence says whose it is, and what follows from it.
MASKINGS: Final[dict[str, str]] = {
    "masked": N_(
        "反映人发来以前，已在手机上遮住 %(n)s 处（反映人自己遮的，我们没有核对）。没遮的原图没有离开手机；"
        "遮的时候，照片自带的拍摄时间、位置和设备信息也一起去掉了。"
    ),
    "masked_uncounted": N_(
        "反映人说，发来以前已在手机上遮住一些内容，没有说几处。没遮的原图没有发来；照片自带的拍摄时间、位置和设备信息可能也没有了。"
    ),
    "clear": N_("反映人说，这里面没有别人的个人信息。转出以前请再看一遍。"),
    "as_is": N_("反映人说，没法在手机上遮，照原样发来。里面可能有个人信息，转出以前请先遮盖。"),
}
PATHS: Final[dict[str, str]] = {
    "camera": N_("现场拍摄"),
    "picker": N_("从相册选"),
    "scan": N_("工作人员扫描或拍照"),
    "partner": N_("协作单位提交"),
    "import": N_("批量导入"),
}
COPIES: Final[dict[str, str]] = {
    "thumb": N_("缩略图"),
    "screen": N_("屏幕图"),
    "print": N_("打印图"),
    "redacted": N_("遮盖后的图"),
}


def masking_said(masking: str | None, parts: int | None) -> str:
    """Return what the reporter said of personal data in a file, as one text; empty where nothing was said."""
    if masking is None:
        return ""
    key = "masked_uncounted" if masking == "masked" and parts is None else masking
    return _(MASKINGS[key], n=parts) if key in MASKINGS else ""
