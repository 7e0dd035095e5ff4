"""Drops: a few units of one thing, revealed on the picture, opened for everybody at once, never sold twice."""
