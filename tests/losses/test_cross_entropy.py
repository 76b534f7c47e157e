"""Cross-entropy against its closed form by NumPy."""

import numpy as np
import pytest

from kerasapps.losses.cross_entropy import cross_entropy

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(size=(3, 4, 5)).astype(np.float32)
LABELS = RANDOM.integers(5, size=(3, 4)).astype(np.int32)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_it_is_that_of_labels_spread_over_all_classes(smoothing: float) -> None:
    logs = LOGITS.astype(np.float64) - np.log(np.exp(LOGITS.astype(np.float64)).sum(axis=-1, keepdims=True))
    wanted = (1 - smoothing) * np.eye(5)[LABELS] + smoothing / 5
    np.testing.assert_allclose(cross_entropy(LABELS, LOGITS, smoothing), -(wanted * logs).sum(axis=-1), rtol=1e-5)


def test_half_precision_is_computed_in_single() -> None:
    assert cross_entropy(LABELS, LOGITS.astype(np.float16), 0.1).dtype == "float32"
