"""The spine: every table of the clue's way.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "agency_duty",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("org_unit_id", sa.String(36), nullable=False),
        sa.Column("category_key", sa.String(32), nullable=False),
        sa.Column("town_key", sa.String(32), nullable=True),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_agency_duty")),
    )
    with op.batch_alter_table("agency_duty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agency_duty_category_key"), ["category_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_agency_duty_org_unit_id"), ["org_unit_id"], unique=False)

    op.create_table(
        "blob",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sm3", sa.String(64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_type", sa.String(80), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_blob")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("on_date", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "category",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("field_key", sa.String(32), nullable=False),
        sa.Column("group_key", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("plain", sa.String(120), nullable=False),
        sa.Column("plain_en", sa.String(200), nullable=False),
        sa.Column("icon", sa.String(32), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_priority", sa.Boolean(), nullable=False),
        sa.Column("compartment_kind", sa.String(32), nullable=False),
        sa.Column("media", sa.String(32), nullable=False),
        sa.Column("position", sa.String(32), nullable=False),
        sa.Column("duplicate_radius_m", sa.Integer(), nullable=False),
        sa.Column("duplicate_window_days", sa.Integer(), nullable=False),
        sa.Column("sla_days", sa.Integer(), nullable=False),
        sa.Column("lead", sa.String(64), nullable=False),
        sa.Column("co", sa.Text(), nullable=False),
        sa.Column("photos_hint", sa.Text(), nullable=False),
        sa.Column("photos_hint_en", sa.Text(), nullable=False),
        sa.Column("safety", sa.Text(), nullable=False),
        sa.Column("safety_en", sa.Text(), nullable=False),
        sa.Column("redirect", sa.Text(), nullable=False),
        sa.Column("keywords", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("shows_nearby", sa.Boolean(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_category")),
        sa.UniqueConstraint("key", "valid_from", name="uq_category"),
    )
    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_category_key"), ["key"], unique=False)

    op.create_table(
        "category_group",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("icon", sa.String(32), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_category_group")),
    )
    op.create_table(
        "channel",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("source_type", sa.String(32), nullable=False),
        sa.Column("door", sa.String(32), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_channel")),
    )
    op.create_table(
        "compartment",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_compartment")),
        sa.UniqueConstraint("id", name=op.f("uq_compartment_id")),
    )
    with op.batch_alter_table("compartment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_compartment_office_id"), ["office_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_consent")),
        sa.UniqueConstraint("key", "version", name="uq_consent"),
    )
    op.create_table(
        "derivative",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("source_digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("params_digest", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_derivative")),
        sa.UniqueConstraint("id", name=op.f("uq_derivative_id")),
        sa.UniqueConstraint("source_digest", "kind", "params_digest", name="uq_derivative"),
    )
    with op.batch_alter_table("derivative", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_derivative_digest"), ["digest"], unique=False)

    op.create_table(
        "field",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_field")),
        sa.UniqueConstraint("key", "valid_from", name="uq_field"),
    )
    op.create_table(
        "hotline",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.Column("covers_en", sa.Text(), nullable=False),
        sa.Column("is_emergency", sa.Boolean(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_hotline")),
    )
    op.create_table(
        "job",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("handler", sa.String(64), nullable=False),
        sa.Column("once_key", sa.String(120), nullable=False),
        sa.Column("journal_id", sa.String(36), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(500), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_job")),
        sa.UniqueConstraint("handler", "once_key", name="uq_job_once"),
        sa.UniqueConstraint("id", name=op.f("uq_job_id")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_ready", ["done_at", "parked_at", "run_after"], unique=False)

    op.create_table(
        "journal",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("verb", sa.String(32), nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=True),
        sa.Column("office_id", sa.String(36), nullable=True),
        sa.Column("actor_kind", sa.String(32), nullable=False),
        sa.Column("actor_id", sa.String(36), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_journal")),
        sa.UniqueConstraint("id", name=op.f("uq_journal_id")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_clue_id", ["clue_id"], unique=False)
        batch_op.create_index("ix_journal_subject", ["subject_kind", "subject_id"], unique=False)

    op.create_table(
        "journal_seal",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("journal_id", sa.String(36), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("sm3", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal_seal")),
        sa.UniqueConstraint("journal_id", name=op.f("uq_journal_seal_journal_id")),
    )
    op.create_table(
        "note",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("journal_id", sa.String(36), nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.String(36), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_note")),
        sa.UniqueConstraint("id", name=op.f("uq_note_id")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_journal_id"), ["journal_id"], unique=False)
        batch_op.create_index("ix_note_subject", ["subject_kind", "subject_id"], unique=False)

    op.create_table(
        "number_series",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("compartment_kind", sa.String(32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("next_value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_number_series")),
        sa.UniqueConstraint("office_id", "kind", "compartment_kind", "year", name="uq_number_series"),
    )
    op.create_table(
        "org_unit",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=True),
        sa.Column("parent_id", sa.String(36), nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.String(64), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_en", sa.String(160), nullable=True),
        sa.Column("short_name", sa.String(32), nullable=True),
        sa.Column("credit_code", sa.String(18), nullable=True),
        sa.Column("address", sa.String(200), nullable=True),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("contact_name", sa.String(60), nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_org_unit")),
        sa.UniqueConstraint("id", name=op.f("uq_org_unit_id")),
    )
    with op.batch_alter_table("org_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_org_unit_office_id"), ["office_id"], unique=False)

    op.create_table(
        "public_wording",
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("status", sa.String(60), nullable=False),
        sa.Column("status_en", sa.String(120), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("sentence_en", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("next_en", sa.Text(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_public_wording")),
    )
    op.create_table(
        "question",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category_key", sa.String(32), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("label_en", sa.String(200), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("hint_en", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("max_length", sa.Integer(), nullable=True),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("shown_when", sa.Text(), nullable=True),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_question")),
        sa.UniqueConstraint("category_key", "key", "valid_from", name="uq_question"),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_category_key"), ["category_key"], unique=False)

    op.create_table(
        "rate_count",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_count")),
    )
    with op.batch_alter_table("rate_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rate_count_day"), ["day"], unique=False)

    op.create_table(
        "rate_key",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("wrapped", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_rate_key")),
    )
    op.create_table(
        "reason",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_key", sa.String(32), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_en", sa.String(160), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("public_en", sa.Text(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_reason")),
        sa.UniqueConstraint("list_key", "key", name="uq_reason"),
    )
    with op.batch_alter_table("reason", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reason_list_key"), ["list_key"], unique=False)

    op.create_table(
        "reference_state",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_reference_state")),
    )
    op.create_table(
        "self_check_card",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("question_en", sa.Text(), nullable=False),
        sa.Column("hotlines", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("advice_en", sa.Text(), nullable=False),
        sa.Column("keeps_signal", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_self_check_card")),
    )
    op.create_table(
        "source_type",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_source_type")),
    )
    op.create_table(
        "town",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_town")),
    )
    op.create_table(
        "account",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=True),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("org_unit_id", sa.String(36), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_cast", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_totp", sa.String(255), nullable=True),
        sa.Column("last_totp_step", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_account_org_unit_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_account")),
        sa.UniqueConstraint("id", name=op.f("uq_account_id")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_office_id"), ["office_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_org_unit_id"), ["org_unit_id"], unique=False)

    op.create_table(
        "clue",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("compartment_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(64), nullable=True),
        sa.Column("number_year", sa.Integer(), nullable=True),
        sa.Column("number_seq", sa.Integer(), nullable=True),
        sa.Column("category_key", sa.String(32), nullable=False),
        sa.Column("field_key", sa.String(32), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("source_type", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("place_source", sa.String(32), nullable=False),
        sa.Column("place_raw", sa.Text(), nullable=True),
        sa.Column("place_fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place_words", sa.String(400), nullable=False),
        sa.Column("town_key", sa.String(32), nullable=True),
        sa.Column("standing", sa.String(32), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("is_major", sa.Boolean(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("needs_correction", sa.Boolean(), nullable=False),
        sa.Column("has_photo", sa.Boolean(), nullable=False),
        sa.Column("has_news", sa.Boolean(), nullable=False),
        sa.Column("public_status", sa.String(32), nullable=False),
        sa.Column("public_text", sa.String(2000), nullable=True),
        sa.Column("returns_to", sa.String(32), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feedback_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assignee_id", sa.String(36), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_key", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(
            ["compartment_id"], ["compartment.id"], name=op.f("fk_clue_compartment_id_compartment")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_clue")),
        sa.UniqueConstraint("id", name=op.f("uq_clue_id")),
        sa.UniqueConstraint("office_id", "number", name="uq_clue_number"),
    )
    with op.batch_alter_table("clue", schema=None) as batch_op:
        batch_op.create_index("ix_clue_assignee", ["assignee_id", "state"], unique=False)
        batch_op.create_index(
            "ix_clue_correction", ["office_id", "compartment_id", "needs_correction"], unique=False
        )
        batch_op.create_index("ix_clue_due", ["office_id", "compartment_id", "state", "due_on"], unique=False)
        batch_op.create_index(
            "ix_clue_hands", ["office_id", "compartment_id", "assignee_id", "state"], unique=False
        )
        batch_op.create_index(
            "ix_clue_incomplete", ["office_id", "compartment_id", "is_complete"], unique=False
        )
        batch_op.create_index(
            "ix_clue_newest", ["office_id", "compartment_id", "received_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_clue_news", ["office_id", "compartment_id", "has_news", "received_at", "id"], unique=False
        )
        batch_op.create_index("ix_clue_place", ["lat", "lon"], unique=False)
        batch_op.create_index(
            "ix_clue_queue", ["office_id", "compartment_id", "state", "received_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_clue_urgent",
            ["office_id", "compartment_id", "is_urgent", "state", "received_at", "id"],
            unique=False,
        )

    op.create_table(
        "account_role",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_role_account_id_account")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_account_role")),
        sa.UniqueConstraint("account_id", "role", name="uq_account_role"),
    )
    with op.batch_alter_table("account_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_role_account_id"), ["account_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("assigned_by", sa.String(36), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_assignment_clue_id_clue")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_assignment")),
        sa.UniqueConstraint("id", name=op.f("uq_assignment_id")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("ix_assignment_clue", ["clue_id", "rowno"], unique=False)

    op.create_table(
        "clue_link",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("master_id", sa.String(36), nullable=False),
        sa.Column("member_id", sa.String(36), nullable=False),
        sa.Column("linked_by", sa.String(36), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unlinked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["master_id"], ["clue.id"], name=op.f("fk_clue_link_master_id_clue")),
        sa.ForeignKeyConstraint(["member_id"], ["clue.id"], name=op.f("fk_clue_link_member_id_clue")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_clue_link")),
        sa.UniqueConstraint("id", name=op.f("uq_clue_link_id")),
    )
    with op.batch_alter_table("clue_link", schema=None) as batch_op:
        batch_op.create_index("ix_clue_link_master", ["master_id"], unique=False)
        batch_op.create_index("ix_clue_link_member", ["member_id"], unique=False)

    op.create_table(
        "compartment_member",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("compartment_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_compartment_member_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["compartment_id"],
            ["compartment.id"],
            name=op.f("fk_compartment_member_compartment_id_compartment"),
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_compartment_member")),
        sa.UniqueConstraint("account_id", "compartment_id", name="uq_compartment_member"),
    )
    with op.batch_alter_table("compartment_member", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_compartment_member_compartment_id"), ["compartment_id"], unique=False
        )

    op.create_table(
        "evaluation",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("scores", sa.Text(), nullable=False),
        sa.Column("suggested_grade", sa.String(32), nullable=False),
        sa.Column("grade", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evaluated_by", sa.String(36), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_evaluation_clue_id_clue")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("id", name=op.f("uq_evaluation_id")),
    )
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluation_clue_id"), ["clue_id"], unique=False)

    op.create_table(
        "evidence_item",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("origin_kind", sa.String(32), nullable=False),
        sa.Column("origin_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("promised_digest", sa.String(64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_type", sa.String(80), nullable=False),
        sa.Column("declared_type", sa.String(120), nullable=False),
        sa.Column("original_name", sa.String(255), nullable=False),
        sa.Column("path", sa.String(32), nullable=False),
        sa.Column("fidelity", sa.String(32), nullable=False),
        sa.Column("replaces_id", sa.String(36), nullable=True),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("condition", sa.String(32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("picture_hash", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("photo_facts", sa.Text(), nullable=True),
        sa.Column("phone_lat", sa.Float(), nullable=True),
        sa.Column("phone_lon", sa.Float(), nullable=True),
        sa.Column("phone_accuracy_m", sa.Float(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fixed_by", sa.String(36), nullable=True),
        sa.Column("fixed_with", sa.String(36), nullable=True),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_evidence_item_clue_id_clue")),
        sa.ForeignKeyConstraint(["digest"], ["blob.digest"], name=op.f("fk_evidence_item_digest_blob")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_evidence_item")),
        sa.UniqueConstraint("id", name=op.f("uq_evidence_item_id")),
    )
    with op.batch_alter_table("evidence_item", schema=None) as batch_op:
        batch_op.create_index("ix_evidence_item_clue", ["clue_id", "rowno"], unique=False)
        batch_op.create_index("ix_evidence_item_digest", ["digest"], unique=False)

    op.create_table(
        "login_session",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("device", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_login_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_login_session")),
        sa.UniqueConstraint("id", name=op.f("uq_login_session_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_login_session_token_digest")),
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "report",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("is_supplement", sa.Boolean(), nullable=False),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("secret_digest", sa.String(64), nullable=True),
        sa.Column("code_digest", sa.String(64), nullable=True),
        sa.Column("code_key_id", sa.String(32), nullable=True),
        sa.Column("open311_id", sa.String(36), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=True),
        sa.Column("org_unit_id", sa.String(36), nullable=True),
        sa.Column("external_ref", sa.String(120), nullable=True),
        sa.Column("consent_version", sa.String(20), nullable=True),
        sa.Column("category_key", sa.String(32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("declined", sa.Text(), nullable=False),
        sa.Column("is_data_saving", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_report_clue_id_clue")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_report")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_report_code_digest")),
        sa.UniqueConstraint("id", name=op.f("uq_report_id")),
        sa.UniqueConstraint("open311_id", name=op.f("uq_report_open311_id")),
        sa.UniqueConstraint("org_unit_id", "external_ref", name="uq_report_external_ref"),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_clue_id"), ["clue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_report_org_unit_id"), ["org_unit_id"], unique=False)

    op.create_table(
        "transfer",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("compartment_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("receiver_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("requests", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("place_shown", sa.String(400), nullable=False),
        sa.Column("shows_position", sa.Boolean(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("shown_answers", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.String(60), nullable=False),
        sa.Column("contact_phone", sa.String(40), nullable=False),
        sa.Column("kept_findings", sa.Text(), nullable=False),
        sa.Column("number", sa.String(80), nullable=True),
        sa.Column("number_year", sa.Integer(), nullable=True),
        sa.Column("number_seq", sa.Integer(), nullable=True),
        sa.Column("disclosed", sa.Text(), nullable=True),
        sa.Column("drafted_by", sa.String(36), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.String(36), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("reason_key", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_transfer_clue_id_clue")),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["org_unit.id"], name=op.f("fk_transfer_receiver_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_transfer")),
        sa.UniqueConstraint("id", name=op.f("uq_transfer_id")),
        sa.UniqueConstraint("office_id", "number", name="uq_transfer_number"),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_clue_id"), ["clue_id"], unique=False)
        batch_op.create_index(
            "ix_transfer_queue", ["office_id", "compartment_id", "state", "rowno"], unique=False
        )
        batch_op.create_index("ix_transfer_receiver", ["receiver_id", "state", "rowno"], unique=False)

    op.create_table(
        "letter",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("transfer_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("docx_digest", sa.String(64), nullable=False),
        sa.Column("pdf_digest", sa.String(64), nullable=True),
        sa.Column("made_by", sa.String(36), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_letter_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_letter")),
        sa.UniqueConstraint("id", name=op.f("uq_letter_id")),
        sa.UniqueConstraint("transfer_id", "kind", "version", name="uq_letter"),
    )
    op.create_table(
        "message",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("report_id", sa.String(36), nullable=True),
        sa.Column("direction", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_message_clue_id_clue")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_message_report_id_report")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_message")),
        sa.UniqueConstraint("id", name=op.f("uq_message_id")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_clue", ["clue_id", "rowno"], unique=False)

    op.create_table(
        "promised_photo",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("evidence_id", sa.String(36), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_promised_photo_report_id_report")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_promised_photo")),
        sa.UniqueConstraint("report_id", "digest", name="uq_promised_photo"),
    )
    op.create_table(
        "reporter_contact",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("report_id", sa.String(36), nullable=False),
        sa.Column("sealed_name", sa.Text(), nullable=True),
        sa.Column("sealed_phone", sa.Text(), nullable=True),
        sa.Column("sealed_words", sa.Text(), nullable=True),
        sa.Column("phone_index", sa.String(64), nullable=True),
        sa.Column("consent_version", sa.String(20), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_reporter_contact_report_id_report")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_reporter_contact")),
        sa.UniqueConstraint("report_id", name=op.f("uq_reporter_contact_report_id")),
    )
    with op.batch_alter_table("reporter_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reporter_contact_phone_index"), ["phone_index"], unique=False)

    op.create_table(
        "sign_off",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("transfer_id", sa.String(36), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("decision", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_sign_off_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_sign_off")),
        sa.UniqueConstraint("id", name=op.f("uq_sign_off_id")),
    )
    with op.batch_alter_table("sign_off", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_off_transfer_id"), ["transfer_id"], unique=False)

    op.create_table(
        "transfer_attachment",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("transfer_id", sa.String(36), nullable=False),
        sa.Column("evidence_id", sa.String(36), nullable=False),
        sa.Column("derivative_kind", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["evidence_item.id"],
            name=op.f("fk_transfer_attachment_evidence_id_evidence_item"),
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_attachment_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_transfer_attachment")),
        sa.UniqueConstraint("id", name=op.f("uq_transfer_attachment_id")),
    )
    with op.batch_alter_table("transfer_attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_attachment_transfer_id"), ["transfer_id"], unique=False)

    op.create_table(
        "transfer_link",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("transfer_id", sa.String(36), nullable=False),
        sa.Column("contact_name", sa.String(60), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("code_digest", sa.String(64), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("issued_by", sa.String(36), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_link_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_transfer_link")),
        sa.UniqueConstraint("id", name=op.f("uq_transfer_link_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_transfer_link_token_digest")),
    )
    with op.batch_alter_table("transfer_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_link_transfer_id"), ["transfer_id"], unique=False)

    op.create_table(
        "link_session",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("link_id", sa.String(36), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["transfer_link.id"], name=op.f("fk_link_session_link_id_transfer_link")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_link_session")),
        sa.UniqueConstraint("id", name=op.f("uq_link_session_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_link_session_token_digest")),
    )
    with op.batch_alter_table("link_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_session_link_id"), ["link_id"], unique=False)

    op.create_table(
        "transfer_answer",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("transfer_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("way", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason_key", sa.String(32), nullable=True),
        sa.Column("signer", sa.String(60), nullable=False),
        sa.Column("document_number", sa.String(80), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("account_id", sa.String(36), nullable=True),
        sa.Column("link_id", sa.String(36), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["transfer_link.id"], name=op.f("fk_transfer_answer_link_id_transfer_link")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_answer_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_transfer_answer")),
        sa.UniqueConstraint("id", name=op.f("uq_transfer_answer_id")),
    )
    with op.batch_alter_table("transfer_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_answer_transfer_id"), ["transfer_id"], unique=False)
    _guard_insert_only()


def downgrade() -> None:
    """Restore the empty database; loses everything."""
    with op.batch_alter_table("transfer_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transfer_answer_transfer_id"))

    op.drop_table("transfer_answer")
    with op.batch_alter_table("link_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_session_link_id"))

    op.drop_table("link_session")
    with op.batch_alter_table("transfer_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transfer_link_transfer_id"))

    op.drop_table("transfer_link")
    with op.batch_alter_table("transfer_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transfer_attachment_transfer_id"))

    op.drop_table("transfer_attachment")
    with op.batch_alter_table("sign_off", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_off_transfer_id"))

    op.drop_table("sign_off")
    with op.batch_alter_table("reporter_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reporter_contact_phone_index"))

    op.drop_table("reporter_contact")
    op.drop_table("promised_photo")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_clue")

    op.drop_table("message")
    op.drop_table("letter")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_index("ix_transfer_receiver")
        batch_op.drop_index("ix_transfer_queue")
        batch_op.drop_index(batch_op.f("ix_transfer_clue_id"))

    op.drop_table("transfer")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_org_unit_id"))
        batch_op.drop_index(batch_op.f("ix_report_clue_id"))
        batch_op.drop_index(batch_op.f("ix_report_account_id"))

    op.drop_table("report")
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_session_account_id"))

    op.drop_table("login_session")
    with op.batch_alter_table("evidence_item", schema=None) as batch_op:
        batch_op.drop_index("ix_evidence_item_digest")
        batch_op.drop_index("ix_evidence_item_clue")

    op.drop_table("evidence_item")
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evaluation_clue_id"))

    op.drop_table("evaluation")
    with op.batch_alter_table("compartment_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_compartment_member_compartment_id"))

    op.drop_table("compartment_member")
    with op.batch_alter_table("clue_link", schema=None) as batch_op:
        batch_op.drop_index("ix_clue_link_member")
        batch_op.drop_index("ix_clue_link_master")

    op.drop_table("clue_link")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_clue")

    op.drop_table("assignment")
    with op.batch_alter_table("account_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_role_account_id"))

    op.drop_table("account_role")
    with op.batch_alter_table("clue", schema=None) as batch_op:
        batch_op.drop_index("ix_clue_urgent")
        batch_op.drop_index("ix_clue_queue")
        batch_op.drop_index("ix_clue_place")
        batch_op.drop_index("ix_clue_news")
        batch_op.drop_index("ix_clue_newest")
        batch_op.drop_index("ix_clue_incomplete")
        batch_op.drop_index("ix_clue_hands")
        batch_op.drop_index("ix_clue_due")
        batch_op.drop_index("ix_clue_correction")
        batch_op.drop_index("ix_clue_assignee")

    op.drop_table("clue")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_org_unit_id"))
        batch_op.drop_index(batch_op.f("ix_account_office_id"))

    op.drop_table("account")
    op.drop_table("town")
    op.drop_table("source_type")
    op.drop_table("self_check_card")
    op.drop_table("reference_state")
    with op.batch_alter_table("reason", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reason_list_key"))

    op.drop_table("reason")
    op.drop_table("rate_key")
    with op.batch_alter_table("rate_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rate_count_day"))

    op.drop_table("rate_count")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_category_key"))

    op.drop_table("question")
    op.drop_table("public_wording")
    with op.batch_alter_table("org_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_org_unit_office_id"))

    op.drop_table("org_unit")
    op.drop_table("number_series")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index("ix_note_subject")
        batch_op.drop_index(batch_op.f("ix_note_journal_id"))

    op.drop_table("note")
    op.drop_table("journal_seal")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_subject")
        batch_op.drop_index("ix_journal_clue_id")

    op.drop_table("journal")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_ready")

    op.drop_table("job")
    op.drop_table("hotline")
    op.drop_table("field")
    with op.batch_alter_table("derivative", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_derivative_digest"))

    op.drop_table("derivative")
    op.drop_table("consent")
    with op.batch_alter_table("compartment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_compartment_office_id"))

    op.drop_table("compartment")
    op.drop_table("channel")
    op.drop_table("category_group")
    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_category_key"))

    op.drop_table("category")
    op.drop_table("calendar_day")
    op.drop_table("blob")
    with op.batch_alter_table("agency_duty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agency_duty_org_unit_id"))
        batch_op.drop_index(batch_op.f("ix_agency_duty_category_key"))

    op.drop_table("agency_duty")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_change()")


_INSERT_ONLY = ("journal", "journal_seal")


def _guard_insert_only() -> None:
    """Refuse update and delete on the journal and its chain, in the database itself (decisions.md 7)."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _INSERT_ONLY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$"
    )
    for table in _INSERT_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
