"""Wine: 178 Italian wines of three cultivars, by 13 chemical measurements."""

import numpy as np

from kerasapps.data.sources._installed import scikit_learn_file, table
from kerasapps.data.spec import Arrays, Column

INPUTS = (
    *("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids"),
    *("nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue", "od280_od315_of_diluted_wines"),
    "proline",
)


def load() -> Arrays:
    """Thirteen numbers and the cultivar. Source: Aeberhard and Forina (1991), as packaged by scikit-learn."""
    values = np.loadtxt(scikit_learn_file("wine_data.csv"), delimiter=",", skiprows=1)
    target = Column("cultivar", "category", classes=("class_0", "class_1", "class_2"))
    return table("wine", INPUTS, values[:, :-1], target, values[:, -1])
