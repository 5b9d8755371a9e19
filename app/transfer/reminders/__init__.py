"""Reminding receivers: a ladder of days around the due day, one digest a day at most, every attempt in a ledger.

The inbox of both sides and the telephone list need nothing else. Mail, short messages and 公众号 are off until the
operator names a way, and what they carry is one fixed sentence.
"""
