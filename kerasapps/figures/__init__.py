"""Figures of arrays, a module a kind. Every function returns a matplotlib Figure, made without pyplot's globals."""
