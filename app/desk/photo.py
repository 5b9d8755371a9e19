"""One picture: what it shows, what three sources say of it, what that gives reason to ask, what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.clues import queries as clue_queries
from app.clues.models import Clue
from app.desk import clue_around, photo_words, words
from app.desk.clue_page import Desk
from app.desk.clue_terms import Knot
from app.desk.photo_flags import look_at
from app.desk.photo_terms import CopiesView, FixView, PaneView, PhotoPage, RedactedView, StripView
from app.desk.queries import around, history
from app.evidence import copies
from app.evidence import queries as evidence_queries
from app.evidence.queries import Shown
from app.evidence.terms import Condition, DerivativeKind
from app.identity import queries as identity_queries
from app.identity.permissions import Verb
from app.platform import journal
from app.platform.errors import Missing
from app.platform.i18n import N_
from app.platform.i18n import gettext as _

_BUNDLE_VERBS: Final = frozenset({"bundle.made", "bundle.taken"})
_WHY_NONE: Final = {
    Condition.PENDING: N_("正在处理，请稍等。"),
    Condition.UNDISPLAYABLE: N_("这个文件打不开，原件照样完整保存，可以下载。"),
    Condition.FILE: N_("这个文件不在网页里打开，可以下载。"),
    Condition.ERASED: N_("这个文件已按规定清除，只留下校验值。"),
}


def compose(
    desk: Desk,
    clue_id: str,
    evidence_id: str,
    *,
    beside: str = "",
    errors: Sequence[tuple[str, str]] = (),
    typed: str = "",
) -> PhotoPage:
    """Return the view of one picture of a clue this person may see; raises Missing."""
    clue = clue_queries.get(desk.session, desk.actor, clue_id)
    files = [one for one in evidence_queries.of_clue(desk.session, clue_id) if is_viewable(one)]
    at = next((n for n, item in enumerate(files) if item.id == evidence_id), None)
    if at is None:
        raise Missing
    item, urls, may = files[at], desk.urls, desk.actor.may
    looked = look_at(desk.session, desk.actor, clue, [item])[item.id]
    other = next((one for one in files if one.id == beside and one.id != item.id), None)
    seen = around.by_ids(desk.session, desk.actor, [*looked.held.same_bytes, *looked.held.same_picture])

    def href(n: int) -> str | None:
        return _href(desk, clue_id, files[n].id) if 0 <= n < len(files) else None

    said = (
        photo_words.photo_said(looked.facts, looked.point, looked.to_place_m),
        photo_words.phone_said(item, looked.phone_point),
        photo_words.person_said(clue, now=desk.now),
    )
    return PhotoPage(
        clue_href=urls("desk:clue", clue_id=clue_id), clue_title=clue.title,
        title=_("第 %(n)s 份，共 %(all)s 份", n=at + 1, all=len(files)),
        panes=[_pane(desk, one, files.index(one) + 1) for one in (item, other) if one is not None],
        strip=[_strip(desk, clue_id, one, n, item, other) for n, one in enumerate(files, start=1)],
        masking_note=photo_words.masking_note(item),
        flags=[photo_words.flag(raised) for raised in looked.raised],
        elsewhere=[clue_around.neighbour(one, urls, now=desk.now, note="") for one in seen.values()],
        said=[one for one in said if one is not None], rows=photo_words.file_rows(item, shows_name=may(Verb.EVIDENCE_READ_ORIGINAL)),
        fix=_fix(desk, item), copies=_copies(desk, clue_id, item), knots=_knots(desk, clue, item),
        original_href=(
            urls("evidence:original", evidence_id=item.id)
            if may(Verb.EVIDENCE_READ_ORIGINAL) and not item.is_erased
            else None
        ),
        bundle_href=urls("evidence:bundles", clue_id=clue_id) if may(Verb.EVIDENCE_EXPORT) else None,
        redact_href=(
            urls("evidence:redact", clue_id=clue_id, evidence_id=item.id)
            if item.is_ready and may(Verb.EVIDENCE_REDACT)
            else None
        ),
        end_compare_href=_href(desk, clue_id, item.id) if other else None,
        previous_href=href(at - 1), next_href=href(at + 1), errors=errors, typed=typed,
    )  # fmt: skip


def is_viewable(item: Shown) -> bool:
    """Say whether a file has a view of its own: pictures, sound and moving pictures, not documents."""
    return item.condition != Condition.FILE or item.is_media


def _href(desk: Desk, clue_id: str, evidence_id: str, beside: str = "") -> str:
    return desk.urls("desk:photo", clue_id=clue_id, evidence_id=evidence_id, beside=beside)


def _pane(desk: Desk, item: Shown, number: int) -> PaneView:
    src = desk.urls("evidence:picture", evidence_id=item.id, kind="screen") if item.is_ready else None
    may_play = item.is_media and not item.is_erased and desk.actor.may(Verb.EVIDENCE_READ_ORIGINAL)
    play = desk.urls("evidence:play", evidence_id=item.id) if may_play else None
    return PaneView(
        item.id, _("第 %(n)s 份", n=number), src, play, item.media_type.partition("/")[0],
        "" if src or play else _(_WHY_NONE.get(Condition(item.condition), _WHY_NONE[Condition.FILE])),
    )  # fmt: skip


def _strip(desk: Desk, clue_id: str, one: Shown, number: int, item: Shown, other: Shown | None) -> StripView:
    is_current = one.id == item.id
    can_compare = one.is_ready and item.is_ready and not is_current
    return StripView(
        href=_href(desk, clue_id, one.id),
        compare_href=_href(desk, clue_id, item.id, one.id) if can_compare else "",
        src=desk.urls("evidence:picture", evidence_id=one.id, kind="thumb") if one.is_ready else None,
        alt=_("第 %(n)s 份", n=number),
        is_current=is_current,
        is_beside=other is not None and other.id == one.id,
    )


def _fix(desk: Desk, item: Shown) -> FixView:
    people = identity_queries.names_of(desk.session, [who for who in (item.fixed_by, item.fixed_with) if who])
    first, second = people.get(item.fixed_by or "", "—"), people.get(item.fixed_with or "", "—")
    action = ""
    if desk.actor.may(Verb.EVIDENCE_FIX) and item.fixed_at is None and item.fixed_by != desk.actor.account_id:
        action = desk.urls("evidence:fix", clue_id=item.clue_id, evidence_id=item.id)
    if item.fixed_at is not None:
        told = _("%(time)s 由 %(a)s、%(b)s 固定", time=words.shown_moment(item.fixed_at), a=first, b=second)
        return FixView(_("证据"), "done", told, "", "")
    if item.fixed_by is not None:
        told = _("%(name)s 已提出固定，等另一位工作人员核对确认。", name=first)
        return FixView(_("线索材料（未核实）"), "time", told, action, _("核对无误，确认固定"))
    told = _("两位工作人员核对以后才是证据，核对前只作线索。")
    return FixView(_("线索材料（未核实）"), "time", told, action, _("我已核对，提出固定"))


def _copies(desk: Desk, clue_id: str, item: Shown) -> CopiesView:
    session, urls = desk.session, desk.urls
    made = evidence_queries.copies_of(session, [item.digest]).get(item.digest, [])
    has_print = any(copy.kind == DerivativeKind.PRINT for copy in made)
    waiting, parked = journal.waiting(session, copies.REDACT, item.id)
    printing, no_print = journal.waiting(session, copies.PRINT, item.digest)
    standing = evidence_queries.standing_redactions(session, item.id)
    people = identity_queries.names_of(session, [row.made_by for row, _ in standing])
    redacted = []
    for n, (row, copy) in enumerate(standing):
        labels = [str(part.get("label", "")) for part in copy.params.get("parts", [])]
        redacted.append(
            RedactedView(
                src=urls("evidence:redaction", evidence_id=item.id, redaction_id=row.id),
                title=_(
                    "%(name)s，%(time)s，遮盖 %(n)s 处",
                    name=people.get(row.made_by, "—"), time=words.shown_moment(row.made_at), n=len(labels),
                ),
                legend=[f"{at}. {label}" for at, label in enumerate(labels, start=1) if label],
                withdraw_href=(
                    urls("evidence:withdraw", clue_id=clue_id, evidence_id=item.id, redaction_id=row.id)
                    if desk.actor.may(Verb.EVIDENCE_REDACT)
                    else ""
                ),
                is_leaving=n == 0,
            )
        )  # fmt: skip
    return CopiesView(
        redacted=redacted,
        print_href=(
            urls("evidence:picture", evidence_id=item.id, kind="print")
            if has_print
            else urls("evidence:ask_print", clue_id=clue_id, evidence_id=item.id)
        ),
        is_print_ready=has_print, is_waiting=bool(waiting or (printing and not has_print)),
        has_failed=bool(parked or (no_print and not has_print)), poll_href=_href(desk, clue_id, item.id),
    )  # fmt: skip


def _knots(desk: Desk, clue: Clue, item: Shown) -> list[Knot]:
    """Return the custody trail: every journal row about this file, and every bundle it went into."""
    entries = [
        entry
        for entry in history.of_clue(desk.session, clue.id)
        if entry.subject_id == item.id or entry.verb in _BUNDLE_VERBS
    ]
    people = identity_queries.names_of(desk.session, [entry.actor_id for entry in entries if entry.actor_id])
    knots = []
    for entry in entries:
        who = people.get(entry.actor_id or "") or _(words.DOERS.get(entry.actor_kind, words.DOERS["system"]))
        sentence = "\n".join(part for part in (who, entry.note or "") if part)
        knots.append(Knot(words.happened(entry.verb), entry.recorded_at, sentence, is_done=True))
    return knots
