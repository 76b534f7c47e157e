"""El Nino: monthly temperature of the sea off Peru from 1950 to 2010, to be forecast."""

import numpy as np

from kerasapps.data.calendar import Calendar
from kerasapps.data.sources._installed import installed_file
from kerasapps.data.sources._series import SeriesSource

MONTHS = range(1, 13)


def load() -> SeriesSource:
    """732 months in degrees Celsius, at 0 to 10 degrees south, 80 to 90 west; two years are given, one is forecast.

    Source: National Weather Service (NOAA), ERSST.V3B, region Nino 1+2, as packaged by statsmodels.
    """
    path = installed_file("statsmodels", "datasets/elnino/elnino.csv")
    years = np.loadtxt(path, delimiter=",", skiprows=1, usecols=MONTHS, dtype=np.float32)
    calendar = Calendar(np.datetime64("1950-01") + np.arange(years.size), "MS")
    return SeriesSource("elnino", "temperature", years.ravel(), history=24, horizon=12, season=12, calendar=calendar)
