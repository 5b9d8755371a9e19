"""The prosecutor's desk: the queue, the clue on one screen, the counter. Owns no table.

It composes what the rooms of the corridor export, and it takes their steps (decisions.md 11).
"""
