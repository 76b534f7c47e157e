"""Breast cancer: 569 tumours described by 30 measurements, malignant or benign."""

import numpy as np

from kerasapps.data.sources._installed import scikit_learn_file, table
from kerasapps.data.spec import Arrays, Column

MEASURED = (
    *("radius", "texture", "perimeter", "area", "smoothness"),
    *("compactness", "concavity", "concave_points", "symmetry", "fractal_dimension"),
)
INPUTS = (
    *(f"mean_{name}" for name in MEASURED),
    *(f"{name}_error" for name in MEASURED),
    *(f"worst_{name}" for name in MEASURED),
)


def load() -> Arrays:
    """Mean, standard error and worst value of ten measurements of the cells' nuclei; class 1 is benign.

    Source: Street, Wolberg and Mangasarian (1993), as packaged by scikit-learn.
    """
    values = np.loadtxt(scikit_learn_file("breast_cancer.csv"), delimiter=",", skiprows=1)
    target = Column("diagnosis", "category", classes=("malignant", "benign"))
    return table("breast_cancer", INPUTS, values[:, :-1], target, values[:, -1])
