"""Plots of a finished run that several applications share: View -> Figure, or None where it does not fit."""
