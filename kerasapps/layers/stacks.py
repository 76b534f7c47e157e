"""Models of layers one upon the other, as functional models and as classes: the parts of an application."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from kerasapps.app import Parts


@dataclass(frozen=True)
class Stack:
    """What a part is made of.

    inputs: name -> shape without the batch; the first one goes through the layers.
    layers: one upon the other.
    heads: layers that each see what the others make of the first input, and all further inputs as they are. Of several
    the part answers a list; without any it answers what the layers make.
    """

    inputs: Mapping[str, Sequence[int]]
    layers: Sequence[keras.Layer]
    heads: Sequence[keras.Layer] = ()


def builders(stacks_of: Callable[[Any, Any], dict[str, Stack]]) -> dict[str, Callable[[Any, Any], Parts]]:
    """Both builders of an app whose parts are stacks_of(hparams, layout); their layers begin with the same weights."""
    return {
        "functional": lambda hparams, layout: functional(stacks_of(hparams, layout)),
        "subclassed": lambda hparams, layout: subclassed(stacks_of(hparams, layout)),
    }


def functional(stacks: Mapping[str, Stack]) -> Parts:
    """A functional model of each."""
    parts = {}
    for name, stack in stacks.items():
        inputs = [keras.Input(shape, name=given) for given, shape in stack.inputs.items()]
        parts[name] = keras.Model(_alone(inputs), _through(stack.layers, stack.heads, inputs), name=name)
    return parts


def subclassed(stacks: Mapping[str, Stack]) -> Parts:
    """The same as classes, with their variables made."""
    parts = {name: Stacked(name, stack.layers, stack.heads) for name, stack in stacks.items()}
    for name, stack in stacks.items():
        parts[name](_alone([tf.zeros([1, *shape]) for shape in stack.inputs.values()]))
    return parts


class Stacked(keras.Model):
    """A stack as a class, whose variables are made at the first call."""

    def __init__(self, name: str, layers: Sequence[keras.Layer], heads: Sequence[keras.Layer] = ()) -> None:
        super().__init__(name=name)
        self.stack, self.heads = list(layers), list(heads)

    def call(self, inputs, training=None):
        """An input [batch, ...], or a list of all of them, -> what the stack makes of it."""
        return _through(self.stack, self.heads, inputs if isinstance(inputs, (list, tuple)) else [inputs])


def _through(layers: Sequence[keras.Layer], heads: Sequence[keras.Layer], inputs: Sequence[Any]) -> Any:
    x, *further = inputs
    for layer in layers:
        x = layer(x)
    return _alone([head(x, *further) for head in heads] or [x])


def _alone(values: list) -> Any:
    """The values, or where there is one alone, that."""
    return values if len(values) > 1 else values[0]
