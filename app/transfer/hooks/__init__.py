"""Telling partners' systems that something changed: nothing of what, and only where their own token could read it."""
