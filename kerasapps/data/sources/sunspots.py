"""Sunspots: their yearly number from 1700 to 2008, to be forecast."""

import numpy as np

from kerasapps.data.calendar import Calendar
from kerasapps.data.sources._installed import installed_file
from kerasapps.data.sources._series import SeriesSource


def load() -> SeriesSource:
    """309 years; two cycles of about 11 years are given, five years are forecast.

    Source: National Geophysical Data Center (NOAA), as packaged by statsmodels.
    """
    path = installed_file("statsmodels", "datasets/sunspots/sunspots.csv")
    values = np.loadtxt(path, delimiter=",", skiprows=1, usecols=1, dtype=np.float32)
    calendar = Calendar(np.datetime64("1700", "Y") + np.arange(len(values)), "YS")
    return SeriesSource("sunspots", "sunspots", values, history=22, horizon=5, season=11, calendar=calendar)
