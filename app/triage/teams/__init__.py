"""Teams 办案组: a few people of one office to whom a clue may be given before one of them takes it."""
