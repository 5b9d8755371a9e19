"""The words people read for a file: what it is, how it came, how true it is, what was made of it."""

from __future__ import annotations

from typing import Final

from app.platform.i18n import N_

CATEGORIES: Final[dict[str, str]] = {
    "image": N_("电子数据（照片）"),
    "video": N_("视听资料（视频）"),
    "audio": N_("视听资料（录音）"),
    "application": N_("电子数据（文件）"),
}
FIDELITIES: Final[dict[str, str]] = {
    "original": N_("原图，一个字节没有改"),
    "masked_on_phone": N_("反映人在手机上打过码"),
    "phone_preview": N_("手机生成的小图"),
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
