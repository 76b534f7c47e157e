"""Paths of layers inside a part: they key the noise of layers that draw, and tell which weights of two parts match."""

from collections.abc import Mapping

import keras

from kerasapps.errors import ConfigError


def _inside(layer: keras.Layer) -> list[keras.Layer]:
    return layer._flatten_layers(include_self=False, recursive=False)


def layer_paths(part: keras.Layer) -> list[tuple[str, keras.Layer]]:
    """Path and layer, of `part` and once of each layer inside it: the names on the way, such as "block_1/dropout"."""
    found, seen = [("", part)], {id(part)}
    for path, layer in found:  # which grows
        new = [inner for inner in _inside(layer) if id(inner) not in seen]
        seen.update(map(id, new))
        found += [(f"{path}/{inner.name}".lstrip("/"), inner) for inner in new]
    return found


def weight_paths(part: keras.Layer) -> list[tuple[str, keras.Variable]]:
    """Path and variable of each weight of `part`, such as "hidden_1/kernel"; seeds of noise are no weights."""
    found = {}
    for path, layer in layer_paths(part):
        deeper = {id(weight) for inner in _inside(layer) for weight in inner.weights}
        own = [weight for weight in layer.weights if id(weight) not in deeper]
        found.update({id(weight): f"{path}/{weight.name}".lstrip("/") for weight in own})
    return [(found[id(weight)], weight) for weight in part.weights]


def set_noise_keys(parts: Mapping[str, keras.Layer]) -> None:
    """Give each layer that draws, which is one with a `noise_key`, its key: part/path.

    Raises ConfigError where two layers would have one key, and so draw the same numbers.
    """
    keyed: dict[str, keras.Layer] = {}
    for name, part in parts.items():
        for path, layer in layer_paths(part):
            if not hasattr(layer, "noise_key") or any(layer is other for other in keyed.values()):
                continue
            other = keyed.setdefault(f"{name}/{path}", layer)
            if other is not layer:
                raise ConfigError(
                    f"Two layers would draw the same noise, as both have the path {name}/{path}: {other!r} and "
                    f"{layer!r}. Expected names that differ: rename one."
                )
            layer.noise_key = f"{name}/{path}"


def noise_key(layer: keras.Layer) -> str:
    """The key of a layer that draws; raises ConfigError where no part has it."""
    if not layer.noise_key:
        raise ConfigError(f"{layer!r} draws noise, but no part has it. Expected an attribute of a part or its layers.")
    return layer.noise_key
