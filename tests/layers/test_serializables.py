"""Keras knows every layer of the package, and nothing that a part is made of lies elsewhere."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import keras

from kerasapps.layers.stacks import Call, Stack, Stacked


def defined_in(package: str) -> Iterator[type]:
    """The Keras layers and models that the modules of a package define."""
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        module = importlib.import_module(found.name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, keras.Layer) and kind.__module__ == module.__name__:
                yield kind


def test_every_layer_is_registered_by_its_name() -> None:
    kinds = list(defined_in("kerasapps.layers"))
    assert len(kinds) > 15
    assert [keras.saving.get_registered_name(kind) for kind in kinds] == [
        f"kerasapps>{kind.__name__}" for kind in kinds
    ]


def test_applications_define_no_layers() -> None:
    """What they would be saved with is known to Keras without any application."""
    assert not list(defined_in("kerasapps.apps"))


def tied() -> Stacked:
    """A stack that calls one embedding twice."""
    embedding = keras.layers.ReversibleEmbedding(5, 3, name="embedding")
    outputs = Call(embedding, ("embedding",), settings={"reverse": True}, name="outputs")
    return Stacked("tied", Stack([keras.Input([4], dtype="int32", name="tokens")], [embedding, outputs]))


def test_a_layer_that_is_called_twice_stays_one_layer() -> None:
    model = tied()
    model(keras.ops.zeros([1, 4], "int32"))
    copy = Stacked.from_config(model.get_config())
    assert [weight.shape for weight in copy.weights] == [weight.shape for weight in model.weights] == [(5, 3)]
