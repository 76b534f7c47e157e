"""Models made of a stack of layers, as functional models and as subclassed ones: the parts of an application."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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

    as_list: it takes them as one list, as keras.layers.Concatenate does. settings: what else it is called with. name:
    of its value; "" = the layer's own.
    """

    layer: keras.Layer | Operation
    arguments: tuple[str, ...]
    as_list: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    def __call__(self, values: Mapping[str, Tensor]) -> Tensor:
        """The layer's value for the values by name."""
        given = [values[name] for name in self.arguments]
        return self.layer(given, **self.settings) if self.as_list else self.layer(*given, **self.settings)


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
            call = call if call.name else replace(call, name=call.layer.name)
            before = call.name
            if unknown := set(call.arguments) - set(known):
                raise ValueError(f"The layer {before} takes {min(unknown)}. Expected names from before it: {known}.")
            if before in known:
                raise ValueError(f"Two values of a stack are called {before}. Give each input and layer its own name.")
            known.append(before)
            calls.append(call)
        return calls


@keras.saving.register_keras_serializable("kerasapps")
class Stacked(keras.Model):
    """A stack as a subclassed Keras model: the constructor keeps the layers, and `call` computes with them.

    Keras finds the layers, and so all weights, in the model's attributes, lists included. A layer makes its weights
    when it is first called, because it then knows the shape of its inputs. `training` is what the model is called with;
    Keras gives it to every layer that is called inside `call`, so layers such as dropout get it without being told.
    In the same way a mask, which an embedding makes of padding, stays with its tensor.
    """

    def __init__(self, name: str, stack: Stack, **kwargs: Any) -> None:
        super().__init__(name=name, autocast=False, **kwargs)  # each layer takes inputs in its own precision
        self.given = [{"name": x.name, "shape": list(x.shape[1:]), "dtype": x.dtype} for x in stack.inputs]
        self.calls = stack.calls
        self.stack = [call.layer for call in self.calls]
        self.returned = list(stack.outputs)

    def call(self, inputs: Tensor | dict[str, Tensor], training: bool | None = None) -> Tensor | list[Tensor]:
        """A tensor [batch, ...], or a dict of several by name -> the value of the last layer, or a list of several."""
        values = dict(inputs) if isinstance(inputs, dict) else {self.given[0]["name"]: inputs}
        for call in self.calls:
            x = values[call.name] = call(values)
        return [values[name] for name in self.returned] or x

    def get_config(self) -> dict[str, Any]:
        """Inputs, calls and outputs; of a layer that is called again, the name of its first call."""
        calls, first = [], dict[int, str]()
        for call in self.calls:
            known = first.setdefault(id(call.layer), call.name)
            layer = keras.saving.serialize_keras_object(call.layer) if known == call.name else known
            own = {"as_list": call.as_list, "settings": dict(call.settings), "name": call.name}
            calls.append({"layer": layer, "arguments": list(call.arguments), **own})
        return {**super().get_config(), "inputs": list(self.given), "calls": calls, "outputs": list(self.returned)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Stacked":
        """The model of a config, with weights."""
        calls, layers = [], dict[str, Any]()
        for call in config["calls"]:
            layer, name = call["layer"], call["name"]
            layers[name] = layers[layer] if isinstance(layer, str) else keras.saving.deserialize_keras_object(layer)
            calls.append(Call(**{**call, "layer": layers[name], "arguments": tuple(call["arguments"])}))
        stack = Stack([keras.Input(**given) for given in config["inputs"]], calls, config["outputs"])
        own = {name: value for name, value in config.items() if name not in ("inputs", "calls", "outputs")}
        return _with_weights(cls(stack=stack, **own), stack)


def _with_weights(model: Stacked, stack: Stack) -> Stacked:
    """The model after a call on symbolic inputs, by which its layers make their weights."""
    model(stack.given)
    return model


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
    """Subclassed models, with their weights."""
    return {name: _with_weights(Stacked(name, stack), stack) for name, stack in stacks.items()}


def builders(stacks_of: Callable[[Any, Layout], dict[str, Stack]]) -> dict[str, Callable[[Any, Layout], Parts]]:
    """Both builders of an app whose parts are stacks_of(hparams, layout); the same seed gives them the same weights."""
    return {
        "functional": lambda hparams, layout: functional(stacks_of(hparams, layout), bool(layout.lengths)),
        "subclassed": lambda hparams, layout: subclassed(stacks_of(hparams, layout)),
    }
