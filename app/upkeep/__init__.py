"""Upkeep: what keeps an installation alive: backups and their way back, its move to larger engines, how it fares.

Commands of the operator (`python -m app backup | restore`). Owns no table; what it did stands in the journal.
"""
