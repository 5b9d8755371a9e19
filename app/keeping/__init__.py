"""Keeping: how long what is known of people is kept, what goes when, and what is held back (保全).

Screens of the heads and handlers. Table: `retention_notice`; the terms are reference data, a hold stands on the clue.
"""
