"""The words the office reads for states and actions of a clue; the public reads reference data instead."""

from __future__ import annotations

from typing import Final

from app.clues.terms import ClueAction, ClueState, Standing
from app.platform.i18n import N_

STATES: Final[dict[ClueState, str]] = {
    ClueState.SUBMITTED: N_("未登记"),
    ClueState.REGISTERED: N_("已登记"),
    ClueState.NEED_MORE_INFO: N_("待补充"),
    ClueState.EVALUATING: N_("评估中"),
    ClueState.PRELIMINARY_INQUIRY: N_("初步调查"),
    ClueState.MERGED_DUPLICATE: N_("已合并"),
    ClueState.NOT_ACCEPTED: N_("不予受理"),
    ClueState.REDIRECTED: N_("已引导其他渠道"),
    ClueState.TRANSFER_OUT: N_("已移送"),
    ClueState.WATCHING: N_("存查"),
    ClueState.FILING_PROPOSED: N_("拟立案"),
    ClueState.FILED: N_("已立案"),
    ClueState.NOT_FILED: N_("不立案"),
    ClueState.CLOSED: N_("已办结"),
}
# A tone helps, the words carry it: act = ours to move, time = we wait for somebody, done = ended well.
TONES: Final[dict[ClueState, str]] = {
    ClueState.SUBMITTED: "act",
    ClueState.REGISTERED: "act",
    ClueState.NEED_MORE_INFO: "time",
    ClueState.EVALUATING: "act",
    ClueState.PRELIMINARY_INQUIRY: "act",
    ClueState.TRANSFER_OUT: "time",
    ClueState.FILING_PROPOSED: "time",
    ClueState.FILED: "done",
    ClueState.CLOSED: "done",
}
ACTIONS: Final[dict[ClueAction, str]] = {
    ClueAction.REGISTER: N_("登记"),
    ClueAction.REQUEST_INFO: N_("请反映人补充"),
    ClueAction.RESUME: N_("恢复办理"),
    ClueAction.START_EVALUATION: N_("开始评估"),
    ClueAction.START_INQUIRY: N_("开展初步调查"),
    ClueAction.END_INQUIRY: N_("结束初步调查"),
    ClueAction.MERGE: N_("合并到同一问题"),
    ClueAction.UNMERGE: N_("解除合并"),
    ClueAction.SCREEN_OUT: N_("不予受理"),
    ClueAction.REDIRECT: N_("引导到其他渠道"),
    ClueAction.TRANSFER: N_("移送"),
    ClueAction.TRANSFER_RETURNED: N_("移送退回"),
    ClueAction.WATCH: N_("存查"),
    ClueAction.PROPOSE_FILING: N_("提请立案"),
    ClueAction.FILE: N_("立案"),
    ClueAction.NOT_FILE: N_("不立案"),
    ClueAction.CLOSE: N_("办结"),
    ClueAction.REOPEN: N_("重新办理"),
}
STANDINGS: Final[dict[Standing, str]] = {
    Standing.INSIDE: N_("在本区内"),
    Standing.NEAR_EDGE: N_("靠近区界，请人工确认"),
    Standing.OUTSIDE: N_("在本区外"),
    Standing.UNKNOWN: N_("位置未定"),
}
PLACE_SOURCES: Final[dict[str, str]] = {
    "browser": N_("手机定位"),
    "pin": N_("地图选点"),
    "exif": N_("照片自带位置"),
    "typed": N_("手工填写的坐标"),
    "pasted": N_("粘贴的坐标"),
    "town": N_("只选了街道、乡镇"),
    "staff": N_("工作人员填写"),
    "none": N_("没有给出坐标"),
}
