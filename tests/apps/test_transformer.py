"""The Transformer encoder is that written out in NumPy; padding changes nothing; on reviews it reaches its goal."""

import statistics
from pathlib import Path

import numpy as np
import pytest
import transformer_by_numpy as by_numpy
from by_hand import build, classes, reals
from layouts import one_field

import kerasapps
from kerasapps.apps.transformer import APP
from kerasapps.errors import ConfigError

TEXT = one_field("tokens", (9,), classes(3), vocabulary=12)
LONGER = one_field("tokens", (20,), classes(3), vocabulary=12)
ROWS = one_field("sequence", (6, 3), reals((0, 1), (2, 3)))
TOKENS = np.array(
    [[5, 1, 3, 0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 0, 0, 0], np.zeros(9), [2, 3, 4, 5, 6, 7, 8, 9, 11]], np.int32
)
SMALL = {"layers": 2, "heads": 2, "width": 8, "feed_forward": 6, "longest_wave": by_numpy.LONGEST_WAVE}
PLAIN = {**SMALL, "positions": "sinusoidal"}
SHARED = {"key_value_heads": 1, "activation": "swiglu", "pooling": "first"}
OTHERS = ({"positions": "learned"}, {"positions": "sinusoidal"}, {"norm": "post"}, {"pooling": "first"})
EVERY_WAY = pytest.mark.parametrize(
    "fields", [SHARED, *(pytest.param(fields, marks=pytest.mark.slow) for fields in ({}, *OTHERS))], ids=str
)


@pytest.mark.parametrize(("builder", "pooling"), [("functional", "mean"), ("subclassed", "first")])
def test_an_encoder_of_texts_is_the_network_by_hand(builder: str, pooling: str) -> None:
    model = build(APP, TEXT, builder, **PLAIN, pooling=pooling)[0]["model"]
    weights, got = by_numpy.randomised(model), model(TOKENS).numpy()
    for row in (0, 1, 3):
        x = weights["embedding/embeddings"][TOKENS[row]] * np.sqrt(8) + by_numpy.sinusoids(9, 8)
        np.testing.assert_allclose(
            got[row], by_numpy.encoder(weights, x, TOKENS[row] != 0, pooling), rtol=1e-3, atol=1e-4
        )
    np.testing.assert_allclose(got[2], weights["outputs/bias"], rtol=1e-6)  # of padding alone nothing is known


def test_an_encoder_of_sequences_is_the_network_by_hand() -> None:
    model = build(APP, ROWS, **{**SMALL, "positions": "learned"})[0]["model"]
    steps = np.random.default_rng(1).normal(size=(3, 6, 3)).astype(np.float32)
    weights, got = by_numpy.randomised(model), model(steps).numpy()
    for row in range(3):
        x = by_numpy.dense(weights, "embedding", steps[row]) + weights["positions/embeddings"]
        np.testing.assert_allclose(got[row], by_numpy.encoder(weights, x, np.ones(6, bool)), rtol=1e-3, atol=1e-4)


@EVERY_WAY
def test_padding_changes_nothing(fields: dict) -> None:
    """Neither more of it nor what stands for it, in whole rows of it either; an unknown word in its place does."""
    model, longer = (build(APP, layout, **SMALL, **fields)[0]["model"] for layout in (TEXT, LONGER))
    weights = by_numpy.randomised(longer)
    cut = {"positions/embeddings": weights["positions/embeddings"][:9]} if "positions/embeddings" in weights else {}
    model.set_weights(list({**weights, **cut}.values()))
    padded, before = np.pad(TOKENS, ((0, 0), (0, 11))), model(TOKENS).numpy()
    np.testing.assert_allclose(longer(padded), before, rtol=1e-4, atol=1e-5)
    assert np.abs(model(TOKENS[3:]) - model(TOKENS[3:, ::-1])).max() > 1e-3  # unlike the order of words
    unknown = longer(np.where(padded == 0, 1, padded)).numpy()
    assert np.all(np.abs(unknown - before).max(axis=1) > 1e-3)
    embeddings, *others = longer.get_weights()
    embeddings[0] += 7
    longer.set_weights([embeddings, *others])
    np.testing.assert_allclose(longer(padded), before, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "fields", [SHARED, *(pytest.param(fields, marks=pytest.mark.slow) for fields in ({}, *OTHERS))], ids=str
)
def test_both_builders_are_one_network(fields: dict) -> None:
    models = [build(APP, TEXT, builder, **SMALL, **fields)[0]["model"] for builder in APP.builders]
    for model in models:
        by_numpy.randomised(model)
    np.testing.assert_allclose(models[0](TOKENS), models[1](TOKENS), rtol=1e-5, atol=1e-6)


def test_words_that_training_has_not_seen_say_nothing() -> None:
    embeddings = build(APP, TEXT, **SMALL)[0]["model"].get_layer("embedding").embeddings.numpy()
    np.testing.assert_array_equal(embeddings[:2], 0)
    assert 0.01 < embeddings[2:].std() < 0.03


def test_parameters() -> None:
    """Of width w and f units: four products of w w, two of w f, two norms; keys that are not turned have no bias.

    Heads that two share halve keys and values; swiglu has a third product of w f.
    """
    block = 4 * 8 * 8 + 3 * 8 + 8 * 6 + 6 + 6 * 8 + 8 + 4 * 8
    rest = 12 * 8 + 8 * 3 + 3
    others = {"norm": "post", "positions": "learned", "key_value_heads": 1, "activation": "swiglu"}
    models = [build(APP, TEXT, **{**PLAIN, **fields})[0]["model"] for fields in ({}, others)]
    assert models[0].count_params() == rest + 2 * 8 + 2 * block
    assert models[1].count_params() == rest + 9 * 8 + 2 * (block - 2 * 8 * 4 - 4 + 8 * 6 + 6)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"width": 10}, "width=10, heads=4, key_value_heads=4. Expected heads that divide the width"),
        ({"key_value_heads": 3}, "key_value_heads=3. Expected heads that divide"),
        ({"width": 12, "positions": "rotary"}, "of rotary an even width of each head"),
        ({"width": 7, "heads": 7, "positions": "sinusoidal"}, "positions=sinusoidal. Expected an even width"),
        ({"positions": "none"}, "positions"),
        ({"layers": 0}, "layers"),
    ],
)
def test_hyperparameters_that_make_no_network_are_refused(fields: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        APP.hparams(**fields)
    assert APP.hparams(width=7, heads=7, positions="learned").width == 7


@pytest.mark.slow
def test_reviews(tmp_path: Path) -> None:
    runs = [kerasapps.train("transformer", seed=s, run_dir=str(tmp_path / str(s))) for s in range(3)]
    assert statistics.median(run.record["test"]["accuracy"] for run in runs) >= APP.goals["reviews"].at_least
