"""What a linear model has learnt: View -> Figure, or None where it does not fit.

The task's model has one layer of weights, [D, K] and [K].
"""

import numpy as np

from kerasapps.app import View
from kerasapps.figures import bars, images
from kerasapps.figures.canvas import Figure

MOST = 20
"""Inputs whose coefficients are drawn: the greatest."""
_MANY_ANSWERS = 25


def coefficients(view: View) -> Figure | None:
    """Coefficients: by how much an answer changes with a standard deviation of a number, or with being of a class."""
    kernel, field, names = weights(view), view.layout.only, view.layout.target.names
    answers = names[-kernel.shape[1] :]  # of two classes one output speaks for the second
    if len(answers) > _MANY_ANSWERS:
        return None
    if not field.features:
        return images.weights(np.moveaxis(kernel, -1, 0).reshape(-1, *view.spec.inputs[0].shape), answers)
    chosen = greatest(kernel)
    shown, number = [field.features[i] for i in chosen], len(kernel)
    unit = "the answer" if not view.layout.target.class_names else "the log-odds" if len(answers) == 1 else "each logit"
    of_all = f", the {MOST} greatest of {number:,}" if len(chosen) < number else ""
    title = (
        f"Coefficients{of_all}: change of {unit} for\na standard deviation more of a number, or for being in a class"
    )
    if len(answers) > 1:
        return bars.signed_map(kernel[chosen], shown, answers, title)
    return bars.horizontal_bars(kernel[chosen, 0], shown, answers[0], title)


def weights(view: View) -> np.ndarray:
    """The kernel [D, K]; for regression in target units for each standard deviation of an input."""
    kernel = next(np.asarray(variable) for variable in view.task.model.trainable_variables if len(variable.shape) == 2)
    return kernel * np.asarray(view.layout.target.scale or (1.0,))


def greatest(kernel: np.ndarray) -> np.ndarray:
    """Numbers of the inputs whose coefficients [D, K] are the greatest, whatever their sign: the greatest first."""
    return np.argsort(-np.abs(kernel).max(axis=1), kind="stable")[:MOST]
