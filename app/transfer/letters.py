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
_NUMERALS: Final = "一二三四五六七八九十"


def fields_of(disclosed: Mapping[str, Any], *, dated_on: date | None, signer: str) -> dict[str, Any]:
    """Return the dictionary of a document from what is disclosed; `signer` is printed on submissions upward only."""
    kind = LetterKind(disclosed["document"])
    wording, is_form = disclosed["wording"], kind is LetterKind.HANDOVER_FORM
    found = sections_of(disclosed)
    sections = [
        {"heading": f"{_NUMERALS[at]}、{heading}", "paragraphs": list(body)}
        for at, (heading, body) in enumerate(found)
    ]
    return {
        "kind": kind.value,
        "is_form": is_form,
        "mark": MARK,
        "secrecy": "内部",
        "office": line(disclosed["office"]),
        "title": line(wording["title"]),
        "number": line(disclosed["number"]) or UNNUMBERED,
        "signer": line(f"签发人：{signer}") if kind is LetterKind.SUBMISSION_UP and signer else "",
        "receiver": line(disclosed["receiver"]) + "：",
        "opening": line(wording["opening"]),
        "sections": [] if is_form else sections,
        "rows": _form_rows(found, disclosed) if is_form else [],
        "attachments": [f"图片{number}（已脱敏）" for number in range(1, int(disclosed["pictures"]) + 1)],
        "contact": contact(disclosed),
        "signature": line(disclosed["office"]),
        "date": "" if dated_on is None else f"{dated_on.year}年{dated_on.month}月{dated_on.day}日",
        "slip": _NO_SLIP if is_form else slip(disclosed),
    }


# A form inside the house is signed by both departments on one sheet, so it needs no slip to send back.
_NO_SLIP: Final = {"title": "", "body": "", "rows": []}
_SIGNED: Final = "签名：　　　　　　　年　　月　　日"


def _form_rows(
    found: Sequence[tuple[str, Sequence[str]]], disclosed: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the rows of an internal hand-over form; the last are filled in by hand (domain.md 1.4)."""
    told = [("接收部门", [line(disclosed["receiver"])]), *found]
    by_hand = (
        ("移送部门负责人意见", [_SIGNED]),
        ("案件管理部门登记", [_SIGNED]),
        ("接收部门意见", [line(disclosed["wording"]["slip_choices"]), _SIGNED]),
        ("办理结果", [_SIGNED]),
    )
    return [{"label": label, "paragraphs": list(body)} for label, body in (*told, *by_hand)]


def sections_of(disclosed: Mapping[str, Any]) -> list[tuple[str, Sequence[str]]]:
    """Return the headings of a document with what stands under each; empty ones are left out."""
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
        (disclosed["wording"]["requests_heading"], paragraphs(disclosed["requests"])),
        ("反馈期限", [term(disclosed)]),
        ("依据", paragraphs(disclosed["basis"])),
        ("材料清单", [_materials(int(disclosed["pictures"]))]),
        ("保密要求", [disclosed["confidentiality"]]),
    ]
    return [
        (heading, [line(text) for text in body])
        for heading, body in found
        if any(line(text) for text in body)
    ]


def line(text: str | None) -> str:
    """Return a text on one line, without what a document cannot hold."""
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


def term(disclosed: Mapping[str, Any]) -> str:
    """Return the sentence that says by when an answer is asked for."""
    return str(disclosed["wording"]["term"]).replace("{days}", str(disclosed["feedback_days"]))


def _materials(pictures: int) -> str:
    return f"经脱敏处理的图片{pictures}张，附后。" if pictures else "无附件。"


def contact(disclosed: Mapping[str, Any]) -> str:
    """Return whom to ask in our office."""
    name, phone = line(disclosed["contact_name"]), line(disclosed["contact_phone"])
    told = "，".join(
        part for part in (f"联系人：{name}" if name else "", f"电话：{phone}" if phone else "") if part
    )
    return f"（{told}）" if told else ""


def slip(disclosed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the receipt slip 回执联 that the receiver fills in and sends back."""
    receiver, office = line(disclosed["receiver"]), line(disclosed["office"])
    number, title = line(disclosed["number"]) or UNNUMBERED, line(disclosed["wording"]["title"])
    return {
        "title": f"{title}回执",
        "body": f"{office}：你院{number}{title}收悉。",
        "rows": [
            {"label": "收文单位", "value": receiver},
            {"label": "办理意见", "value": line(disclosed["wording"]["slip_choices"])},
            {"label": "收文编号", "value": ""},
            {"label": "签收人", "value": ""},
            {"label": "联系电话", "value": ""},
            {"label": "签收时间（盖章）", "value": "　　年　　月　　日"},
        ],
    }


def flat(value: Any) -> list[str]:
    """Return every text of a dictionary of fields, in reading order (the test compares documents by it)."""
    if isinstance(value, Mapping):
        return [text for key, part in value.items() if key not in {"kind", "is_form"} for text in flat(part)]
    if isinstance(value, list):
        return [text for part in value for text in flat(part)]
    return [str(value)] if value else []
