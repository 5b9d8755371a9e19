"""The calendar of working days, and deadlines with the reasons for their date.

Serves every screen that shows a date someone has to keep; has no screens of its own.
Tables: none; an office's own days and amounts are handed in as values.
"""
