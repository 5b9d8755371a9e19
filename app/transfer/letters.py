"""One dictionary of fields per document (domain.md 5): the print page, the PDF and the DOCX show nothing else.

The words here are the document's own and stay Chinese whatever the reader's language. Everything comes from what
was frozen at the last signature, so a document made again later says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from app.transfer import rules
from app.transfer.rules import paragraphs
from app.transfer.terms import LetterKind

CONFIDENTIALITY: Final = rules.CONFIDENTIALITY
MARK: Final = "草稿—以检察业务应用系统为准"
UNNUMBERED: Final = "（签发时取号）"
RULES: Final = "《人民检察院公益诉讼办案规则》"
TITLES: Final = {
    LetterKind.TRANSFER_LETTER: "线索移送函",
    LetterKind.TRANSFER_NOTICE: "移送案件线索通知书",
    LetterKind.SUBMISSION_UP: "报请移送案件线索意见书",
}
_NUMERALS: Final = "一二三四五六七八九十"


def fields_of(disclosed: Mapping[str, Any], *, dated_on: date | None, signer: str) -> dict[str, Any]:
    """Return the dictionary of a document from what is disclosed; `signer` is printed on submissions upward only."""
    kind = LetterKind(disclosed["document"])
    sections = [
        {"heading": f"{_NUMERALS[at]}、{heading}", "paragraphs": list(body)}
        for at, (heading, body) in enumerate(_sections(kind, disclosed))
    ]
    return {
        "kind": kind.value,
        "mark": MARK,
        "secrecy": "内部",
        "office": _line(disclosed["office"]),
        "title": TITLES[kind],
        "number": _line(disclosed["number"]) or UNNUMBERED,
        "signer": _line(f"签发人：{signer}") if kind is LetterKind.SUBMISSION_UP and signer else "",
        "receiver": _line(disclosed["receiver"]) + "：",
        "opening": _OPENINGS[kind],
        "sections": sections,
        "attachments": [f"图片{number}（已脱敏）" for number in range(1, int(disclosed["pictures"]) + 1)],
        "contact": _contact(disclosed),
        "signature": _line(disclosed["office"]),
        "date": "" if dated_on is None else f"{dated_on.year}年{dated_on.month}月{dated_on.day}日",
        "slip": _slip(kind, disclosed),
    }


_OPENINGS: Final = {
    LetterKind.TRANSFER_LETTER: "本院在履行公益诉讼检察职责中发现下列线索，属于你单位职责范围，现移送你单位依法处理。",
    LetterKind.TRANSFER_NOTICE: f"本院受理的下列公益诉讼案件线索，属于你院管辖。根据{RULES}第二十六条的规定，现移送你院依法办理。",
    LetterKind.SUBMISSION_UP: f"本院受理的下列公益诉讼案件线索，经审查认为应当由你院管辖。根据{RULES}第二十六条的规定，现报请移送，请审查。",
}


def _sections(kind: LetterKind, disclosed: Mapping[str, Any]) -> list[tuple[str, Sequence[str]]]:
    found: list[tuple[str, Sequence[str]]] = [("事由", [disclosed["subject"]])]
    if disclosed["clue_number"]:
        found.append(
            ("线索编号和来源", [f"线索编号：{disclosed['clue_number']}", f"线索来源：{disclosed['source']}"])
        )
    found += [
        ("线索类别", [_category(disclosed)]),
        ("线索摘要", paragraphs(disclosed["summary"])),
        ("发现时间和地点", _where_and_when(disclosed)),
        ("有关情况", [f"{answer['label']}：{answer['shown']}" for answer in disclosed["answers"]]),
        (_REQUESTS[kind], paragraphs(disclosed["requests"])),
        ("反馈期限", [_term(kind, disclosed)]),
        ("依据", paragraphs(disclosed["basis"])),
        ("材料清单", [_materials(int(disclosed["pictures"]))]),
        ("保密要求", [disclosed["confidentiality"]]),
    ]
    return [
        (heading, [_line(text) for text in body])
        for heading, body in found
        if any(_line(text) for text in body)
    ]


_REQUESTS: Final = {
    LetterKind.TRANSFER_LETTER: "请办理和反馈的事项",
    LetterKind.TRANSFER_NOTICE: "移送理由",
    LetterKind.SUBMISSION_UP: "报请理由和意见",
}


def _line(text: str | None) -> str:
    return "".join(paragraphs(text or ""))


def _category(disclosed: Mapping[str, Any]) -> str:
    field = disclosed["field"]
    return f"{disclosed['category']}（{field}领域）" if field else str(disclosed["category"])


def _where_and_when(disclosed: Mapping[str, Any]) -> list[str]:
    found = []
    if disclosed["found_on"]:
        day = date.fromisoformat(disclosed["found_on"])
        found.append(f"收到线索时间：{day.year}年{day.month}月{day.day}日")
    if disclosed["place"]:
        found.append(f"地点：{disclosed['place']}")
    if disclosed["position"]:
        at = disclosed["position"]
        found.append(
            f"大致位置：北纬{at['lat']:.4f}度，东经{at['lon']:.4f}度（WGS-84，约{at['square_m']:.0f}米见方的中心）"
        )
    return found


def _term(kind: LetterKind, disclosed: Mapping[str, Any]) -> str:
    if kind is LetterKind.TRANSFER_NOTICE:
        return f"请于收到之日起{disclosed['feedback_days']}日内将受理情况函告本院；有不同意见的，请报你院的上级人民检察院。"
    if kind is LetterKind.SUBMISSION_UP:
        return f"请于收到之日起{disclosed['feedback_days']}日内批复。"
    return f"请于收到之日起{disclosed['feedback_days']}日内书面反馈；不属于你单位职责的，请写明理由退回本院。"


def _materials(pictures: int) -> str:
    return f"经脱敏处理的图片{pictures}张，附后。" if pictures else "无附件。"


def _contact(disclosed: Mapping[str, Any]) -> str:
    name, phone = _line(disclosed["contact_name"]), _line(disclosed["contact_phone"])
    told = "，".join(
        part for part in (f"联系人：{name}" if name else "", f"电话：{phone}" if phone else "") if part
    )
    return f"（{told}）" if told else ""


def _slip(kind: LetterKind, disclosed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the receipt slip 回执联 that the receiver fills in and sends back."""
    receiver, office = _line(disclosed["receiver"]), _line(disclosed["office"])
    number = _line(disclosed["number"]) or UNNUMBERED
    return {
        "title": f"{TITLES[kind]}回执",
        "body": f"{office}：你院{number}{TITLES[kind]}收悉。",
        "rows": [
            {"label": "收文单位", "value": receiver},
            {"label": "办理意见", "value": _SLIP_CHOICES[kind]},
            {"label": "收文编号", "value": ""},
            {"label": "签收人", "value": ""},
            {"label": "联系电话", "value": ""},
            {"label": "签收时间（盖章）", "value": "　　年　　月　　日"},
        ],
    }


_SLIP_CHOICES: Final = {
    LetterKind.TRANSFER_LETTER: "□接收办理　□不属于本单位职责，退回（理由另附）",
    LetterKind.TRANSFER_NOTICE: "□已受理　□有不同意见，已报上级人民检察院",
    LetterKind.SUBMISSION_UP: "□同意　□不同意（意见另附）",
}


def flat(value: Any) -> list[str]:
    """Return every text of a dictionary of fields, in reading order (the test compares documents by it)."""
    if isinstance(value, Mapping):
        return [text for key, part in value.items() if key != "kind" for text in flat(part)]
    if isinstance(value, list):
        return [text for part in value for text in flat(part)]
    return [str(value)] if value else []
