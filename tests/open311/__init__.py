"""Open311 clients that others wrote, against the house: `python -m tests.open311`."""
