"""Applications of texts in batches that are cut to a few lengths: sums as of whole rows, and what is refused."""

import numpy as np
import pytest
import tensorflow as tf
from harness import session, without_noise

from kerasapps.app import load_app
from kerasapps.data.pipeline import batch_at
from kerasapps.engine.step import Division, gradients
from kerasapps.errors import ConfigError
from kerasapps.noise import NO_STEP

SOURCES = {
    "transformer": "reviews",
    "translation": "numbers_en_fr",
    "rnn": "reviews",
    "language_model": "numbers_en_fr",
}
QUICK = ("transformer", "translation")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in SOURCES]
)
def test_gradients_of_cut_rows_are_those_of_whole_ones(name: str) -> None:
    app = load_app(name)
    given = {**without_noise(app), "data": SOURCES[name], "sequence_length": 40, "length_buckets": 3}
    own = session(app, execution="eager", **given)
    layout, short = own.data.preprocess.layout, np.flatnonzero(own.data.buckets == 0)
    assert len(layout.lengths) == 3 and 0 < layout.lengths[0] < 40
    batch, (update,) = batch_at(own.data.train, tf.constant(short)), own.updates
    whole, cut = (Division(layout=of).totals(gradients, update, batch, NO_STEP) for of in (None, layout))
    for expected, got in zip(tf.nest.flatten(whole), tf.nest.flatten(cut), strict=True):
        scale = max(float(np.max(np.abs(expected), initial=0.0)), 1e-3)
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5 * scale)


def test_a_model_of_whole_rows_alone_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"cannot be trained on texts cut to \d tokens, as length_buckets makes them"):
        session(load_app("toys.tagger"), execution="eager", length_buckets=2)
