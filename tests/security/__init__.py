"""What attackers, insiders and thieves try, done to the house: the matrix, two worlds, the canary, hostile text."""
