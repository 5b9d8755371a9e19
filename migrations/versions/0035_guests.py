"""Guests asked about a clue, their answers, a volunteer's field, reports laid to an account by their code, joint acts.

The law of migrations: (1) it must run while the version before it is still serving; (2) expand, backfill and
contract are three migrations; (3) nothing is imported from `app`: tables are frozen here as Core; (4) evidence
and journal are never rewritten; (5) a downgrade restores the structure and says in words which data it loses.
After adding one, write its number into migrations/HEAD.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand the structure."""
    op.create_table(
        "invitation",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("disclosed", sa.Text(), nullable=False),
        sa.Column("kept_findings", sa.Text(), nullable=False),
        sa.Column("checks", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sent_by", sa.String(36), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_invitation")),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_invitation_clue_id_clue")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_invitation_account_id_account")
        ),
        sa.UniqueConstraint("id", name=op.f("uq_invitation_id")),
    )
    op.create_index("ix_invitation_clue", "invitation", ["clue_id", "rowno"])
    op.create_index("ix_invitation_guest", "invitation", ["account_id", "due_on"])
    op.create_table(
        "invitation_picture",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("invitation_id", sa.String(36), nullable=False),
        sa.Column("evidence_id", sa.String(36), nullable=False),
        sa.Column("derivative_kind", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_invitation_picture")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_invitation_picture_invitation_id_invitation")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["evidence_item.id"],
            name=op.f("fk_invitation_picture_evidence_id_evidence_item"),
        ),
        sa.UniqueConstraint("id", name=op.f("uq_invitation_picture_id")),
    )
    op.create_index(op.f("ix_invitation_picture_invitation_id"), "invitation_picture", ["invitation_id"])
    op.create_table(
        "invitation_answer",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("invitation_id", sa.String(36), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_refusal", sa.Boolean(), nullable=False),
        sa.Column("phone_lat", sa.Float(), nullable=True),
        sa.Column("phone_lon", sa.Float(), nullable=True),
        sa.Column("phone_accuracy_m", sa.Float(), nullable=True),
        sa.Column("phone_fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_invitation_answer")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_invitation_answer_invitation_id_invitation")
        ),
        sa.UniqueConstraint("id", name=op.f("uq_invitation_answer_id")),
    )
    op.create_index(op.f("ix_invitation_answer_invitation_id"), "invitation_answer", ["invitation_id"])
    op.create_table(
        "linked_report",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("report_id", sa.String(36), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_linked_report")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_linked_report_account_id_account")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_linked_report_report_id_report")),
        sa.UniqueConstraint("account_id", "report_id", name="uq_linked_report"),
    )
    op.create_index(op.f("ix_linked_report_report_id"), "linked_report", ["report_id"])
    op.add_column("account", sa.Column("expertise", sa.String(120), nullable=False, server_default=""))
    op.add_column("visit", sa.Column("support_id", sa.String(36), nullable=True))
    op.create_table(
        "joint_act",
        sa.Column("rowno", _BIG, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("clue_id", sa.String(36), nullable=False),
        sa.Column("office_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("ours", sa.String(200), nullable=False),
        sa.Column("theirs", sa.String(200), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(36), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rowno", name=op.f("pk_joint_act")),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_joint_act_clue_id_clue")),
        sa.UniqueConstraint("id", name=op.f("uq_joint_act_id")),
    )
    op.create_index(op.f("ix_joint_act_clue_id"), "joint_act", ["clue_id"])


def downgrade() -> None:
    """Restore the structure before; loses every invitation and answer, joint acts, and which reports were laid to whom."""
    op.drop_index(op.f("ix_joint_act_clue_id"), "joint_act")
    op.drop_table("joint_act")
    with op.batch_alter_table("visit") as visit:
        visit.drop_column("support_id")
    with op.batch_alter_table("account") as account:
        account.drop_column("expertise")
    op.drop_index(op.f("ix_linked_report_report_id"), "linked_report")
    op.drop_table("linked_report")
    op.drop_index(op.f("ix_invitation_answer_invitation_id"), "invitation_answer")
    op.drop_table("invitation_answer")
    op.drop_index(op.f("ix_invitation_picture_invitation_id"), "invitation_picture")
    op.drop_table("invitation_picture")
    op.drop_index("ix_invitation_guest", "invitation")
    op.drop_index("ix_invitation_clue", "invitation")
    op.drop_table("invitation")
