"""Iris: 150 flowers of three species, measured in centimetres."""

import numpy as np

from kerasapps.data.sources._installed import scikit_learn_file, table
from kerasapps.data.spec import Arrays, Column

INPUTS = ("sepal_length", "sepal_width", "petal_length", "petal_width")


def load() -> Arrays:
    """Four lengths and the species. Source: R. A. Fisher (1936), as packaged by scikit-learn."""
    values = np.loadtxt(scikit_learn_file("iris.csv"), delimiter=",", skiprows=1)
    target = Column("species", "category", classes=("setosa", "versicolor", "virginica"))
    return table("iris", INPUTS, values[:, :-1], target, values[:, -1])
