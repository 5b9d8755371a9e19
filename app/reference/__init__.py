"""What the office works by: fields, categories, questions, agencies' duties, hotlines, reasons, wording.

Data, not code: effective-dated, loaded idempotently, editable by an administrator (decisions.md 10).
Tables: field, category, question, agency_duty, hotline, self_check_card, town, public_wording, reason, consent,
channel, calendar_day, category_group.
"""
