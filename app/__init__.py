"""Yixian: a clue walks through the rooms of this package in one direction."""
