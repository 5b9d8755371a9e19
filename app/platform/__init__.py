"""What every room stands on: settings, database, clock, ids, digests, journal, storage, web.

Knows nothing of clues. Tables: journal, journal_seal, job, note, number_series, rate_key, rate_count.
"""
