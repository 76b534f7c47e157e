"""Paths of layers inside a part: they key the noise of layers that draw, and tell which weights of two parts match."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras

from kerasapps.errors import ConfigError


def _inside(layer: keras.Layer) -> list[keras.Layer]:
    return layer._flatten_layers(include_self=False, recursive=False)


def layer_paths(part: keras.Layer) -> Iterator[tuple[str, keras.Layer]]:
    """Path and layer of each layer inside `part`, once, such as "stack/dropout_1": the names on the way to it.

    "block_1_norm" inside "block_1" replaces that name: a functional model has the same layer without its block.
    """
    pending, seen = [("", part)], {id(part)}
    for path, layer in pending:
        for inner in _inside(layer):
            if id(inner) not in seen:
                seen.add(id(inner))
                outer = (
                    path.rpartition("/")[0] if layer is not part and inner.name.startswith(f"{layer.name}_") else path
                )
                pending.append((f"{outer}/{inner.name}".lstrip("/"), inner))
    yield from pending[1:]


def weight_paths(part: keras.Layer) -> list[tuple[str, Any]]:
    """Path and variable of each weight of `part`, such as "hidden_1/kernel"; seeds of noise are no weights."""
    found = {}
    for path, layer in [("", part), *layer_paths(part)]:
        deeper = {id(weight) for inner in _inside(layer) for weight in inner.weights}
        own = [weight for weight in layer.weights if id(weight) not in deeper]
        found.update({id(weight): f"{path}/{weight.name}".lstrip("/") for weight in own})
    return [(found[id(weight)], weight) for weight in part.weights]


def set_noise_keys(parts: Mapping[str, keras.Layer]) -> None:
    """Give each layer that draws, which is one with a `noise_key`, its key: part/path. Raises ConfigError for a second.

    Two layers of one key would draw the same numbers.
    """
    keyed: dict[str, keras.Layer] = {}
    for name, part in parts.items():
        for path, layer in layer_paths(part):
            if not hasattr(layer, "noise_key") or any(layer is other for other in keyed.values()):
                continue
            layer.noise_key = f"{name}/{path}"
            if layer.noise_key in keyed:
                raise ConfigError(
                    f"Two layers would draw the same noise, as both have the path {layer.noise_key}: "
                    f"{keyed[layer.noise_key]!r} and {layer!r}. Expected names that differ: rename one."
                )
            keyed[layer.noise_key] = layer


def noise_key(layer: Any) -> str:
    """The key of a layer that draws; raises ConfigError where no part has it."""
    if not layer.noise_key:
        raise ConfigError(
            f"{layer!r} draws in a training step, but no part of the model has it. Expected a layer that is an "
            "attribute of a part or of a layer inside it, alone or in a list or dictionary, from its construction on."
        )
    return layer.noise_key
