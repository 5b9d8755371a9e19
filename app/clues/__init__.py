"""The spine: the clue 线索, its lifecycle, who may see it, which clues are the same matter.

Owns no screen; the desk composes it. Tables: clue, clue_link.
"""
