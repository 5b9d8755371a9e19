"""Points with their datum, the district's outline, distances and pasted positions.

Serves every screen that shows or asks for a place; has no screens of its own.
Tables: none.
"""
