"""Digits: 1,797 handwritten digits of 8x8 pixels."""

import numpy as np

from kerasapps.data.sources._installed import scikit_learn_file
from kerasapps.data.sources._labelled import images
from kerasapps.data.spec import Arrays

CLASSES = tuple("0123456789")


def load() -> Arrays:
    """Images 8x8x1. Grey values, 0 to 16 in the file, are rounded to the nearest of 0 to 255.

    After the division by 255 they differ from sixteenths by at most 1/510, less than a thirtieth of a grey step.
    Source: Alpaydin and Kaynak (1998), test part, as packaged by scikit-learn.
    """
    values = np.loadtxt(scikit_learn_file("digits.csv.gz"), delimiter=",")
    pixels = np.rint(values[:, :-1] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8)
    return images("digits", {"train": (pixels, values[:, -1])}, CLASSES)
