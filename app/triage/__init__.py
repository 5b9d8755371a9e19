"""Deciding what becomes of a clue 研判: register, ask, evaluate, screen out, redirect, merge, assign.

No screens of its own: the desk shows its steps. Tables: evaluation, assignment.
"""
