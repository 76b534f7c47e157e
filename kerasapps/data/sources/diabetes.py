"""Diabetes: progression of the disease in 442 patients after one year."""

import numpy as np

from kerasapps.data.sources._installed import scikit_learn_file, table
from kerasapps.data.spec import Arrays, Column

INPUTS = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")


def load() -> Arrays:
    """Ten measurements, unscaled, and the progression to predict (25 to 346).

    Source: Efron et al., Least angle regression (2004), as packaged by scikit-learn.
    """
    values = np.loadtxt(scikit_learn_file("diabetes_data_raw.csv.gz"))
    progression = np.loadtxt(scikit_learn_file("diabetes_target.csv.gz"))
    return table("diabetes", INPUTS, values, Column("progression", "number"), progression)
