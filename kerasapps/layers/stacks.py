"""Models made of a stack of layers, as functional models and as subclassed ones: the parts of an application."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras

from kerasapps.app import Parts
from kerasapps.data.spec import Layout
from kerasapps.tensors import Tensor


class Operation(Protocol):
    """A function with a name, without weights."""

    __call__: Callable[..., Tensor]

    @property
    def name(self) -> str:
        """As a layer has one."""


@dataclass(frozen=True)
class Call:
    """A layer that is called with the named values: of inputs, or of layers before it in the stack.

    as_list: it takes them as one list, as keras.layers.Concatenate does.
    """

    layer: keras.Layer | Operation
    arguments: tuple[str, ...]
    as_list: bool = False


@dataclass(frozen=True)
class Stack:
    """The description of a model.

    inputs: tensors of keras.Input. layers: in order; the first one is called with the first input, and each other one
    with what the layer before it returns, unless it is a Call. outputs: names of the layers whose values the model
    returns as a list; without any, it returns the value of the last layer.
    """

    inputs: Sequence[keras.KerasTensor]
    layers: Sequence[keras.Layer | Call]
    outputs: Sequence[str] = ()

    @property
    def given(self) -> keras.KerasTensor | dict[str, keras.KerasTensor]:
        """What the model is called with: its input, or a dict of several by name."""
        return self.inputs[0] if len(self.inputs) == 1 else {tensor.name: tensor for tensor in self.inputs}

    @property
    def calls(self) -> list[Call]:
        """All layers with the names of their arguments; raises ValueError for a name that is unknown or taken."""
        known, calls, before = [tensor.name for tensor in self.inputs], [], self.inputs[0].name
        for layer in self.layers:
            call = layer if isinstance(layer, Call) else Call(layer, (before,))
            before = call.layer.name
            if unknown := set(call.arguments) - set(known):
                raise ValueError(f"The layer {before} takes {min(unknown)}. Expected names from before it: {known}.")
            if before in known:
                raise ValueError(f"Two values of a stack are called {before}. Give each input and layer its own name.")
            known.append(before)
            calls.append(call)
        return calls


class Stacked(keras.Model):
    """A stack as a subclassed Keras model: the constructor keeps the layers, and `call` computes with them.

    Keras finds the layers, and so all weights, in the model's attributes, lists included. A layer makes its weights
    when it is first called, because it then knows the shape of its inputs. `training` is what the model is called with;
    Keras gives it to every layer that is called inside `call`, so layers such as dropout get it without being told.
    In the same way a mask, which an embedding makes of padding, stays with its tensor.
    """

    def __init__(self, name: str, stack: Stack) -> None:
        super().__init__(name=name, autocast=False)  # of several precisions, each layer takes inputs in its own
        self.first = stack.inputs[0].name
        self.stack = [call.layer for call in stack.calls]
        self.arguments = [(call.arguments, call.as_list) for call in stack.calls]
        self.returned = list(stack.outputs)

    def call(self, inputs: Tensor | dict[str, Tensor], training: bool | None = None) -> Tensor | list[Tensor]:
        """A tensor [batch, ...], or a dict of several by name -> the value of the last layer, or a list of several."""
        values = dict(inputs) if isinstance(inputs, dict) else {self.first: inputs}
        for layer, (names, as_list) in zip(self.stack, self.arguments, strict=True):
            given = [values[name] for name in names]
            x = values[layer.name] = layer(given) if as_list else layer(*given)
        return [values[name] for name in self.returned] or x


def inputs_of(layout: Layout) -> list[keras.KerasTensor]:
    """The inputs of a model of the layout's fields, in their order and by their names; a single one is "inputs"."""
    names = [field.name for field in layout.inputs] if len(layout.inputs) > 1 else ["inputs"]
    return [
        keras.Input(field.shape, dtype=field.dtype, name=name) for field, name in zip(layout.inputs, names, strict=True)
    ]


def functional(stacks: Mapping[str, Stack], shorter: bool = False) -> Parts:
    """Functional models: Keras records the calls that `Stacked.call` makes on symbolic inputs, and repeats them.

    shorter: sequences may have fewer steps than the inputs say.
    """
    parts = {name: keras.Model(s.given, Stacked(name, s).call(s.given), name=name) for name, s in stacks.items()}
    for part in parts.values() if shorter else ():
        part.input_spec = None  # by which Keras refuses other shapes, as it does not in subclassed models
    return parts


def subclassed(stacks: Mapping[str, Stack]) -> Parts:
    """Subclassed models, with their weights made by a call on symbolic inputs."""
    parts = {name: Stacked(name, stack) for name, stack in stacks.items()}
    for name, stack in stacks.items():
        parts[name](stack.given)
    return parts


def builders(stacks_of: Callable[[Any, Layout], dict[str, Stack]]) -> dict[str, Callable[[Any, Layout], Parts]]:
    """Both builders of an app whose parts are stacks_of(hparams, layout); the same seed gives them the same weights."""
    return {
        "functional": lambda hparams, layout: functional(stacks_of(hparams, layout), bool(layout.lengths)),
        "subclassed": lambda hparams, layout: subclassed(stacks_of(hparams, layout)),
    }
