"""Losses that need more than a line: of a likelihood, and of two networks that play against each other."""
