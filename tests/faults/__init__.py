"""`make faults`: what the house promises to survive, done to it."""
