"""Reads of the reference data, as valid on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlmodel import SQLModel, col

from app.clocks.calendar import published_calendar
from app.clocks.rules import Calendar
from app.clocks.terms import DayKind
from app.identity.models import OrgUnit
from app.identity.terms import OrgKind
from app.platform import ids
from app.platform.db import ReadSession, WriteSession, look_up
from app.platform.errors import Missing
from app.reference import rules
from app.reference.models import (
    AgencyDuty,
    CalendarDay,
    Category,
    CategoryGroup,
    Channel,
    Consent,
    Field,
    Hotline,
    Label,
    MessageTemplate,
    PublicWording,
    Question,
    Reason,
    RetentionTerm,
    SeasonPause,
    SelfCheckCard,
    SourceType,
    Town,
    TransferText,
)
from app.reference.terms import COMMON

AnySession = ReadSession | WriteSession
# Where a session keeps the version of the reference data its transaction works with: one look is enough.
STATE_VERSION: Final = "reference_version"
_STATE_VERSION: Final = select(SQLModel.metadata.tables["reference_state"].c.version)
RECEIVER_KINDS = (
    OrgKind.AGENCY, OrgKind.PROCURATORATE, OrgKind.MILITARY_PROCURATORATE, OrgKind.POLICE,
    OrgKind.SUPERVISION, OrgKind.DEPARTMENT,
)  # fmt: skip


def in_force_of(table: Any, on: date) -> Any:
    """Return the condition that a dated row is in force on a day."""
    return (table.valid_from <= on) & or_(table.valid_to.is_(None), table.valid_to >= on)


def _newest(rows: Sequence[Any]) -> list[Any]:
    """Of rows with one key and several starting days keep the latest; rows come oldest first."""
    return list({(getattr(row, "category_key", ""), row.key): row for row in rows}.values())


def fields(session: AnySession, on: date) -> list[Field]:
    """Return the fields in force, in order."""
    rows = (
        session.execute(select(Field).where(in_force_of(Field, on)).order_by(col(Field.valid_from)))
        .scalars()
        .all()
    )
    return sorted(_newest(rows), key=lambda row: row.sort)


def categories(session: AnySession, on: date) -> list[Category]:
    """Return the categories in force, in order."""
    rows = (
        session.execute(select(Category).where(in_force_of(Category, on)).order_by(col(Category.valid_from)))
        .scalars()
        .all()
    )
    return sorted(_newest(rows), key=lambda row: row.sort)


def category(session: AnySession, key: str, on: date) -> Category:
    """Return one category as in force on a day; raises Missing."""
    found: Category | None = session.execute(
        select(Category)
        .where(col(Category.key) == key, in_force_of(Category, on))
        .order_by(col(Category.valid_from).desc())
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def ever_category(session: AnySession, key: str) -> Category | None:
    """Return the newest row a category ever had, in force or not; None where there was none."""
    newest = (
        select(Category).where(col(Category.key) == key).order_by(col(Category.valid_from).desc()).limit(1)
    )
    found: Category | None = session.execute(newest).scalar_one_or_none()
    return found


def questions(session: AnySession, category_key: str, on: date) -> list[Question]:
    """Return the questions of a category (or of COMMON) in force, in order."""
    rows = (
        session.execute(
            select(Question)
            .where(col(Question.category_key) == category_key, in_force_of(Question, on))
            .order_by(col(Question.valid_from))
        )
        .scalars()
        .all()
    )
    return sorted(_newest(rows), key=lambda row: row.sort)


def all_questions(session: AnySession, category_key: str, on: date) -> list[Question]:
    """Return a category's own questions, then those of every form."""
    return questions(session, category_key, on) + questions(session, COMMON, on)


def groups(session: AnySession) -> Sequence[CategoryGroup]:
    """Return the groups citizens choose from."""
    return session.execute(select(CategoryGroup).order_by(col(CategoryGroup.sort))).scalars().all()


def towns(session: AnySession) -> Sequence[Town]:
    """Return the streets and towns of the district."""
    return session.execute(select(Town).order_by(col(Town.sort))).scalars().all()


def hotlines(session: AnySession) -> Sequence[Hotline]:
    """Return the hotlines."""
    return session.execute(select(Hotline).order_by(col(Hotline.sort))).scalars().all()


def cards(session: AnySession) -> Sequence[SelfCheckCard]:
    """Return the cards of the self-check."""
    return session.execute(select(SelfCheckCard).order_by(col(SelfCheckCard.sort))).scalars().all()


def wording(session: AnySession, state: str) -> PublicWording:
    """Return what the public reads for a status key; raises Missing."""
    found: PublicWording | None = session.get(PublicWording, state)
    if found is None:
        raise Missing
    return found


def wordings(session: AnySession) -> Sequence[PublicWording]:
    """Return all public wording."""
    return session.execute(select(PublicWording)).scalars().all()


def reasons(session: AnySession, list_key: str) -> Sequence[Reason]:
    """Return the reasons of one list."""
    query = select(Reason).where(col(Reason.list_key) == list_key).order_by(col(Reason.sort))
    return session.execute(query).scalars().all()


def reason(session: AnySession, list_key: str, key: str) -> Reason:
    """Return one reason; raises Missing."""
    found: Reason | None = session.execute(
        select(Reason).where(col(Reason.list_key) == list_key, col(Reason.key) == key)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def consent(session: AnySession, key: str) -> Consent:
    """Return the newest version of a consent text; raises Missing."""
    found: Consent | None = session.execute(
        select(Consent).where(col(Consent.key) == key).order_by(col(Consent.version).desc()).limit(1)
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def season_pauses(session: AnySession, category_key: str) -> list[SeasonPause]:
    """Return the parts of the year in which matters of a category cannot be looked at."""
    return [row for row in all_season_pauses(session) if category_key in row.categories]


def all_season_pauses(session: AnySession) -> Sequence[SeasonPause]:
    """Return every part of the year in which something cannot be looked at."""
    return session.execute(select(SeasonPause).order_by(col(SeasonPause.sort))).scalars().all()


def transfer_texts(session: AnySession, on: date) -> dict[str, TransferText]:
    """Return the document and the fixed words of each kind of transfer, as in force on a day."""
    query = select(TransferText).where(in_force_of(TransferText, on)).order_by(col(TransferText.valid_from))
    return {row.key: row for row in session.execute(query).scalars()}


def channels(session: AnySession, door: str | None = None) -> Sequence[Channel]:
    """Return the channels, all or those of one door."""
    query = select(Channel).order_by(col(Channel.sort))
    return session.execute(query if door is None else query.where(col(Channel.door) == door)).scalars().all()


def channel(session: AnySession, key: str) -> Channel:
    """Return one channel; raises Missing."""
    found: Channel | None = session.get(Channel, key)
    if found is None:
        raise Missing
    return found


def message_templates(session: AnySession) -> Sequence[MessageTemplate]:
    """Return the words prepared for reporters, for every step."""
    return session.execute(select(MessageTemplate).order_by(col(MessageTemplate.sort))).scalars().all()


def labels(session: AnySession) -> Sequence[Label]:
    """Return the words the office puts on clues."""
    return session.execute(select(Label).order_by(col(Label.sort))).scalars().all()


def source_types(session: AnySession) -> Sequence[SourceType]:
    """Return the six sources of 办案规则 24."""
    return session.execute(select(SourceType).order_by(col(SourceType.sort))).scalars().all()


def suggest(session: AnySession, text: str, on: date) -> list[Category]:
    """Return the three categories that fit free text best; fewer when little fits."""
    found = categories(session, on)
    ranked = rules.ranked(text, {row.key: (row.name, row.plain, *row.keywords) for row in found})
    by_key = {row.key: row for row in found}
    return [by_key[key] for key in ranked[:3]]


def agencies(session: AnySession, office_id: str) -> Sequence[OrgUnit]:
    """Return every organisation a clue of this office may be transferred to."""
    kinds = [kind.value for kind in RECEIVER_KINDS]
    return (
        session.execute(
            select(OrgUnit)
            .where(
                col(OrgUnit.office_id) == office_id,
                col(OrgUnit.kind).in_(kinds),
                col(OrgUnit.is_active).is_(True),
            )
            .order_by(col(OrgUnit.rowno))
        )
        .scalars()
        .all()
    )


def suggested_agencies(
    session: AnySession, office_id: str, category_key: str, town_key: str | None, on: date
) -> list[tuple[OrgUnit, bool]]:
    """Return who answers for a category in a town, leaders first; the office's own duties go before functions."""
    kind = category(session, category_key, on)
    by_key = {unit.key: unit for unit in agencies(session, office_id)}
    by_id = {unit.id: unit for unit in by_key.values()}
    duties = (
        session.execute(select(AgencyDuty).where(col(AgencyDuty.category_key) == category_key))
        .scalars()
        .all()
    )
    chosen = [(duty.org_unit_id, duty.is_lead) for duty in duties if duty.town_key in {None, town_key}]
    found = [(by_id[unit_id], is_lead) for unit_id, is_lead in chosen if unit_id in by_id]
    found += [(by_key[key], key == kind.lead) for key in (kind.lead, *kind.co) if key in by_key]
    unique = {unit.id: (unit, is_lead) for unit, is_lead in reversed(found)}
    return sorted(unique.values(), key=lambda pair: not pair[1])


def calendar(session: AnySession) -> Calendar:
    """Return the working calendar: as published, with the office's own days on top."""
    rows = session.execute(
        select(col(CalendarDay.on_date), col(CalendarDay.kind)).where(col(CalendarDay.is_edited).is_(True))
    )
    own = {day: DayKind(kind) for day, kind in rows}
    # An administrator enters a year's notice whole, so a year with own days counts as published.
    return published_calendar().with_days(own, {day.year for day in own}) if own else published_calendar()


def calendar_days(session: AnySession, year: int) -> dict[date, CalendarDay]:
    """Return the stored days of one year, published and the office's own."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    rows = session.execute(select(CalendarDay).where(col(CalendarDay.on_date).between(first, last))).scalars()
    return {row.on_date: row for row in rows}


def calendar_years(session: AnySession) -> dict[int, int]:
    """Return every year of which days are stored, with how many of them the office changed itself."""
    found: dict[int, int] = {}
    for day, is_edited in session.execute(select(col(CalendarDay.on_date), col(CalendarDay.is_edited))):
        found[day.year] = found.get(day.year, 0) + int(is_edited)
    return found


def entries(session: AnySession, table: Any, keys: Sequence[str]) -> dict[tuple[str, ...], list[Any]]:
    """Return a section's rows by key, each key's versions oldest first."""
    order = [getattr(table, name) for name in ("sort", "valid_from", "version") if name in table.model_fields]
    found: dict[tuple[str, ...], list[Any]] = {}
    for row in session.execute(select(table).order_by(*order)).scalars():
        found.setdefault(tuple(getattr(row, key) for key in keys), []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: getattr(row, "valid_from", date.min))
    return found


def versions(session: AnySession, table: Any, columns: Mapping[str, str]) -> list[Any]:
    """Return every row of one key, oldest first; empty when the key is new."""
    wanted = [getattr(table, name) == value for name, value in columns.items()]
    order = [getattr(table, name) for name in ("valid_from", "version") if name in table.model_fields]
    return list(session.execute(select(table).where(*wanted).order_by(*order)).scalars())


def count(session: AnySession, table: Any, keys: Sequence[str]) -> int:
    """Return how many keys a section holds."""
    distinct = select(*(getattr(table, key) for key in keys)).distinct().subquery()
    return int(session.execute(select(func.count()).select_from(distinct)).scalar_one())


def org_units(session: AnySession, office_id: str) -> Sequence[OrgUnit]:
    """Return every organisation an office deals with, inactive ones too, itself left out."""
    return (
        session.execute(
            select(OrgUnit)
            .where(col(OrgUnit.office_id) == office_id, col(OrgUnit.kind) != OrgKind.OFFICE.value)
            .order_by(col(OrgUnit.rowno))
        )
        .scalars()
        .all()
    )


def org_unit_of(session: AnySession, office_id: str, org_unit_id: str) -> OrgUnit:
    """Return one organisation an office deals with; raises Missing for any other."""
    if not ids.is_uuid(org_unit_id):
        raise Missing
    found: OrgUnit | None = session.execute(
        select(OrgUnit).where(
            col(OrgUnit.id) == org_unit_id,
            col(OrgUnit.office_id) == office_id,
            col(OrgUnit.kind) != OrgKind.OFFICE.value,
        )
    ).scalar_one_or_none()
    if found is None:
        raise Missing
    return found


def duties(session: AnySession, org_unit_ids: Sequence[str]) -> Sequence[AgencyDuty]:
    """Return what the named organisations answer for, leading duties first."""
    return (
        session.execute(
            select(AgencyDuty)
            .where(col(AgencyDuty.org_unit_id).in_(org_unit_ids))
            .order_by(col(AgencyDuty.is_lead).desc(), col(AgencyDuty.category_key), col(AgencyDuty.rowno))
        )
        .scalars()
        .all()
    )


def keys_there(session: AnySession, table: type[SQLModel], keys: tuple[str, ...]) -> set[tuple[Any, ...]]:
    """Return the keys of the rows a table has (loading adds only what is missing)."""
    return {tuple(row) for row in session.execute(select(*(getattr(table, key) for key in keys)))}


def state_version(session: AnySession) -> int:
    """Return how often the reference data was changed; 0 before the first time."""
    asked_in, version = session.info.get(STATE_VERSION, (None, 0))
    if asked_in is None or asked_in is not session.get_transaction():
        # Asked with every page: a statement built once and run without the ORM costs a third.
        version = look_up(session, _STATE_VERSION, {}).scalar_one_or_none() or 0
        session.info[STATE_VERSION] = (session.get_transaction(), version)
    return int(version)


def retention_terms(session: AnySession, on: date) -> list[RetentionTerm]:
    """Return how long the office keeps what is known of people, the rows in force."""
    rows = session.execute(
        select(RetentionTerm).where(in_force_of(RetentionTerm, on)).order_by(col(RetentionTerm.valid_from))
    ).scalars()
    return list({(row.category_key, row.outcome): row for row in rows}.values())
