"""One class that alone is learnt: which rows are of it, and how well an error tells the others from it."""

import numpy as np

from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError, DataError, unknown_name


def normal_class(normal: str | None, layout: Layout) -> int | None:
    """Number of the class `normal`; None for None, all rows. Raises ConfigError where the data have no such class."""
    if normal is None:
        return None
    if not layout.target.class_names:
        raise ConfigError(
            f"normal={normal!r}: labels asked for where there are none: the target of the data is "
            f"{layout.target.kind}, expected classes. Leave normal out, or give data with classes."
        )
    if normal not in layout.target.names:
        raise unknown_name("class (normal)", normal, layout.target.names)
    return layout.target.names.index(normal)


def are_normal(normal: str | None, layout: Layout, labels: np.ndarray | None, rows: int) -> np.ndarray:
    """Whether each of so many rows is learnt, bool [rows]; raises DataError where none is."""
    number = normal_class(normal, layout)
    if number is None:
        return np.ones(rows, bool)
    found = np.asarray(labels) == number
    if not found.any():
        raise DataError(
            f"normal={normal!r}: of the {rows} rows of validation or test none is of that class, expected at least "
            "one. Give more rows of it, or another class."
        )
    return found


def scores(errors: np.ndarray, normal: np.ndarray) -> dict[str, float]:
    """How well errors [rows] tell rows that are not `normal` (bool [rows]) from those that are; {} without such rows.

    anomaly_mse: their mean error. auc: area under the ROC curve, anomalies positive. average_precision: the same of the
    curve of precision over recall.
    """
    if normal.all():
        return {}
    from sklearn.metrics import average_precision_score, roc_auc_score

    return {
        "anomaly_mse": float(errors[~normal].mean()),
        "auc": float(roc_auc_score(~normal, errors)),
        "average_precision": float(average_precision_score(~normal, errors)),
    }
