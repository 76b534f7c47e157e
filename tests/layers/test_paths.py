"""Paths inside a part: the same however it is built, and keys of noise that no two layers share."""

from collections.abc import Sequence

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasapps.errors import ConfigError
from kerasapps.layers.dropout import Dropout
from kerasapps.layers.paths import layer_paths, set_noise_keys, weight_paths
from kerasapps.noise import Noise, step_noise

ONES = tf.ones([64, 50])


class Block(keras.layers.Layer):
    """A dense layer that is an attribute, then dropout in a dictionary."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.first = keras.layers.Dense(50, name="first")
        self.others = {"dropout": Dropout(0.5, name="dropout")}

    def call(self, inputs, training=None):
        """[batch, 50] -> [batch, 50]."""
        return self.others["dropout"](self.first(inputs), training=training)


class Model(keras.Model):
    """Layers held in a list."""

    def __init__(self, layers: Sequence[keras.Layer]) -> None:
        super().__init__(name="model")
        self.stack = list(layers)

    def call(self, inputs, training=None):
        """[batch, 50] -> [batch, 50]."""
        for layer in self.stack:
            inputs = layer(inputs, training=training) if isinstance(layer, (Block, Dropout)) else layer(inputs)
        return inputs


def built(*layers: keras.Layer) -> Model:
    """A model of these layers with its variables made."""
    model = Model(layers)
    model(ONES)
    return model


def dropped(layer: Dropout) -> np.ndarray:
    """bool [64, 50], False where an element is dropped in step 2 of seed 1."""
    with step_noise(Noise(1, 2)):
        return layer(ONES, training=True).numpy() != 0


def assert_different(first: np.ndarray, second: np.ndarray) -> None:
    """As much as independent masks of one half differ."""
    assert abs(np.mean(first != second) - 0.5) < 0.05


def test_paths_are_the_names_on_the_way_in_lists_dictionaries_and_attributes() -> None:
    model = built(Block("block_1"), Block("block_2"), Dropout(0.5, name="last"))
    assert sorted(path for path, _ in layer_paths(model)) == sorted(
        ["", "block_1", "block_1/first", "block_1/dropout", "block_2", "block_2/first", "block_2/dropout", "last"]
    )
    assert [path for path, _ in weight_paths(model)] == [
        f"block_{i}/first/{weight}" for i in (1, 2) for weight in ("kernel", "bias")
    ]


def test_a_functional_model_has_the_paths_and_the_noise_of_a_subclassed_one() -> None:
    first, second = ([Block("block_1"), Dropout(0.5, name="dropout_1")] for _ in range(2))
    x = inputs = keras.Input([50], name="inputs")
    for layer in second:
        x = layer(x)
    models = [built(*first), keras.Model(inputs, x, name="other")]
    assert [path for path, _ in weight_paths(models[0])] == [path for path, _ in weight_paths(models[1])]
    for model in models:
        set_noise_keys({"model": model})
    for path in ("dropout_1", "block_1/dropout"):
        np.testing.assert_array_equal(*(dropped(dict(layer_paths(model))[path]) for model in models))


def test_weights_of_a_layer_that_two_others_hold_have_one_path() -> None:
    shared, other = Block("shared"), Block("other")
    other.borrowed = shared.first
    model = built(shared, other)
    paths = dict(weight_paths(model))
    assert sorted(paths) == sorted(
        f"{name}/first/{weight}" for name in ("shared", "other") for weight in ("kernel", "bias")
    )


def test_seeds_of_noise_have_no_path() -> None:
    model = built(keras.layers.Dense(50, name="dense"), Dropout(0.5, name="dropout"))
    assert len(model.variables) == 3
    assert [path for path, _ in weight_paths(model)] == ["dense/kernel", "dense/bias"]


def test_layers_of_the_same_name_in_two_parts_draw_other_numbers() -> None:
    parts = {name: built(Dropout(0.5, name="dropout_1")) for name in ("generator", "discriminator")}
    set_noise_keys(parts)
    first, second = (part.stack[0] for part in parts.values())
    assert (first.noise_key, second.noise_key) == ("generator/dropout_1", "discriminator/dropout_1")
    assert_different(dropped(first), dropped(second))


def test_layers_of_the_same_name_in_two_blocks_draw_other_numbers() -> None:
    model = built(Block("block_1"), Block("block_2"))
    set_noise_keys({"model": model})
    assert_different(*(dropped(block.others["dropout"]) for block in model.stack))


@pytest.mark.parametrize("path", ["model/dropout_1", "model/block/dropout"])
def test_two_layers_of_one_path_are_refused(path: str) -> None:
    """The planted fault: their masks would be equal."""
    twice = [Dropout(0.5, name="dropout_1"), Dropout(0.5, name="dropout_1")]
    model = built(*(twice if path.endswith("_1") else [Block("block"), Block("block")]))
    with pytest.raises(ConfigError, match=f"both have the path {path}: <Dropout .* and <Dropout .*rename one"):
        set_noise_keys({"model": model})


def test_a_layer_that_two_parts_share_keeps_one_key() -> None:
    layer = Dropout(0.5, name="dropout")
    parts = {"encoder": built(layer), "model": built(layer)}
    for _ in range(2):
        set_noise_keys(parts)
        assert layer.noise_key == "encoder/dropout"


def test_a_layer_that_no_part_has_is_refused_in_a_step() -> None:
    with pytest.raises(ConfigError, match="<Dropout name=stray.*no part has it"):
        dropped(Dropout(0.5, name="stray"))
