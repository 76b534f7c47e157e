"""Auto MPG: fuel consumption of 392 cars of 1970 to 1982."""

import numpy as np

from kerasapps.data.sources._installed import installed_file
from kerasapps.data.spec import Arrays, Column, Spec

NUMBERS = ("cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year")
ORIGINS = ("usa", "europe", "japan")


def load() -> Arrays:
    """Six numbers (cubic inches, pounds, seconds to 60 mph, ...), the origin, and the miles per gallon to predict.

    Source: R. Quinlan, Combining instance-based and model-based learning (ICML 1993), as packaged by mlxtend.
    """
    path = installed_file("mlxtend", "data/data/autompg.csv.gz")
    values = np.loadtxt(path, delimiter=",", usecols=(0, 1, 2, 3, 4, 5, 6, 8))
    rows = {name: values[:, i].astype(np.float32) for i, name in enumerate(NUMBERS)}
    rows["origin"] = np.array(ORIGINS)[values[:, 6].astype(int) - 1]
    rows["mpg"] = values[:, 7].astype(np.float32)
    numbers = tuple(Column(name, "number") for name in NUMBERS)
    spec = Spec((*numbers, Column("origin", "category", classes=ORIGINS)), Column("mpg", "number"))
    return Arrays("auto_mpg", spec, {"train": rows})
