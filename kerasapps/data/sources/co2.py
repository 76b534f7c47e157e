"""CO2: monthly share of carbon dioxide in the air of Mauna Loa from 1958 to 2001, to be forecast."""

import csv

import numpy as np

from kerasapps.data.calendar import Calendar
from kerasapps.data.sources._installed import installed_file
from kerasapps.data.sources._series import SeriesSource


def load() -> SeriesSource:
    """526 months in parts per million; two years are given, one is forecast.

    Each is the mean of its weeks that were measured. The five months without any (June and October 1958, February to
    April 1964) are interpolated on a straight line between those around them.
    Source: Keeling and Whorf (2004), Carbon Dioxide Information Analysis Center, as packaged by statsmodels.
    """
    months = _months()
    known = np.array([bool(weeks) for weeks in months.values()])
    means = [np.mean(weeks) for weeks in months.values() if weeks]
    values = np.interp(np.arange(len(months)), np.flatnonzero(known), means)
    first = next(iter(months))
    calendar = Calendar(np.datetime64(f"{first[:4]}-{first[4:]}") + np.arange(len(months)), "MS")
    return SeriesSource("co2", "co2", values.astype(np.float32), history=24, horizon=12, season=12, calendar=calendar)


def _months() -> dict[str, list[float]]:
    """Year and month, as in 196402 -> what was measured in it; every month has a row, measured or not."""
    months: dict[str, list[float]] = {}
    with installed_file("statsmodels", "datasets/co2/co2.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            weeks = months.setdefault(row["date"][:6], [])
            weeks += [float(row["co2"])] if row["co2"] else []
    return months
