"""The desk's reads: the queue, names, what lies around a clue, its history."""
