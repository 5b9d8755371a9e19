"""Jurisdiction 管辖: who is to take a matter, by place, category and the level of whoever is supervised.

The rules are rows an office edits (`jurisdiction_rule`), seeded from what the law and the agreements say; nothing
here decides a clue: it advises, in words, and a person decides.
"""
