"""The receiver's own side: who of its people has a transfer in hand, what they note for each other, how they do.

Nothing of it is ever shown to the office, nor to whoever answers by a one-time link.
"""
