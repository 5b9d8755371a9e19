"""The transfer's loop: fixed words as dated data, ticks, rounded positions, visits, revisits, seasons, calls.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "transfer_text",
        sa.Column("rowno", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("title_en", sa.String(120), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("requests_heading", sa.String(60), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("slip_choices", sa.String(200), nullable=False),
        sa.Column("body", sa.String(60), nullable=False),
        sa.Column("feedback_days", sa.Integer(), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_transfer_text")),
        sa.UniqueConstraint("key", "valid_from", name="uq_transfer_text"),
    )
    with op.batch_alter_table("sign_off", schema=None) as batch_op:
        batch_op.add_column(sa.Column("checks", sa.Text(), nullable=False, server_default="[]"))
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("position_square_m", sa.Integer(), nullable=False, server_default="200")
        )
    op.create_table(
        "season_pause",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("starts", sa.String(5), nullable=False),
        sa.Column("ends", sa.String(5), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_season_pause")),
    )
    op.create_table(
        "visit",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("transfer_id", sa.String(36), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("staff_one", sa.String(60), nullable=False),
        sa.Column("staff_two", sa.String(60), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(36), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_visit_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_visit")),
        sa.UniqueConstraint("id", name=op.f("uq_visit_id")),
    )
    op.create_index(op.f("ix_visit_transfer_id"), "visit", ["transfer_id"])
    op.create_table(
        "revisit",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("transfer_id", sa.String(36), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("pause_key", sa.String(32), nullable=True),
        sa.Column("visit_id", sa.String(36), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_revisit_transfer_id_transfer")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_revisit_visit_id_visit")),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_revisit")),
        sa.UniqueConstraint("id", name=op.f("uq_revisit_id")),
    )
    op.create_index(op.f("ix_revisit_transfer_id"), "revisit", ["transfer_id"])
    op.create_index("ix_revisit_due", "revisit", ["due_on", "done_at"])
    op.create_table(
        "transfer_call",
        sa.Column("rowno", _KEY, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("transfer_id", sa.String(36), nullable=False),
        sa.Column("spoke_with", sa.String(60), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("again_on", sa.Date(), nullable=True),
        sa.Column("called_by", sa.String(36), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_call_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_transfer_call")),
        sa.UniqueConstraint("id", name=op.f("uq_transfer_call_id")),
    )
    op.create_index(op.f("ix_transfer_call_transfer_id"), "transfer_call", ["transfer_id"])
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("follows_id", sa.String(36), nullable=True))


def downgrade() -> None:
    """Restore the structure before.

    Loses the edited words of the documents, what was ticked before sending, how exact a drafted position was meant
    to be, visits, planned revisits, calls, and what a transfer was aimed anew from.
    """
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_column("follows_id")
    op.drop_table("transfer_call")
    op.drop_table("revisit")
    op.drop_table("visit")
    op.drop_table("season_pause")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_column("position_square_m")
    with op.batch_alter_table("sign_off", schema=None) as batch_op:
        batch_op.drop_column("checks")
    op.drop_table("transfer_text")
