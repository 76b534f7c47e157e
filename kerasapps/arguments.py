"""What a signature asks for in the place of the source's columns, and what its values may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasapps.data.spec import Target
from kerasapps.errors import ConfigError


@dataclass(frozen=True, eq=False)
class Argument:
    """One thing that is asked for.

    example: NumPy, [rows, ...] or a scalar, whose type and shape are those of the exported input.
    least, most: what values are from and to; None = 0 of whole numbers, and else whatever the type holds.
    names: of classes, whose numbers the values are; () = they are no classes.
    """

    example: np.ndarray | np.generic
    least: float | None = None
    most: float | None = None
    names: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether values are whole numbers."""
        return self.example.dtype.kind in "iu"

    @property
    def limits(self) -> tuple[float, float]:
        """What values are from and to."""
        largest = np.iinfo(self.example.dtype).max if self.whole else float(np.finfo(self.example.dtype).max)
        least = (0 if self.whole else -largest) if self.least is None else self.least
        return least, largest if self.most is None else self.most

    @property
    def wanted(self) -> str:
        """What values are, in words."""
        least, most = self.limits
        if self.names:
            return f"the numbers of classes, {least} ({self.names[0]}) to {most} ({self.names[-1]})"
        free = self.least is None and self.most is None and not self.whole
        return "finite numbers" if free else f"{'whole ' * self.whole}numbers from {least} to {most}"

    def holds(self, values: Any) -> Any:
        """Which of `values`, NumPy or a tensor, lie within the limits: what is not finite does not."""
        least, most = self.limits
        return (values >= least) & (values <= most)


def class_numbers(example: np.ndarray, target: Target) -> Argument:
    """The Argument of classes of a target, such as `example` [rows]."""
    return Argument(example, 0, target.size - 1, target.names)


def checked(name: str, given: Any, argument: Argument) -> np.ndarray:
    """`given` for the argument `name`, of its type; raises ConfigError for what cannot be it."""
    values, example = _array(given), argument.example
    fits = values.ndim == example.ndim and values.shape[1:] == example.shape[1:]
    fits = fits and values.dtype.kind in ("iu" if argument.whole else "iuf")
    outside = np.argwhere(~argument.holds(values)) if fits else ()
    if fits and not len(outside):
        return values.astype(example.dtype)
    text = f"{name}={given}" if not values.ndim else f"{name} is {values.dtype} of the shape {values.shape}"
    if len(outside) and values.ndim:
        place = tuple(outside[0].tolist())
        text = f"{name}[{', '.join(map(str, place))}] is {values[place]}"
    shape = f"of the shape ({', '.join(map(str, ('rows', *example.shape[1:])))})" if example.ndim else "one alone"
    raise ConfigError(f"{text}. Expected {argument.wanted}, {shape}.")


def _array(given: Any) -> np.ndarray:
    try:
        return np.asarray(given)
    except ValueError:  # rows of several lengths
        return np.array(None)


def asserted(arguments: Mapping[str, Argument], given: Mapping[str, Any]) -> dict[str, Any]:
    """The same in a graph: the tensors `given`, which are had once their values are found to be what they should.

    What runs with others raises tf.errors.InvalidArgumentError.
    """
    import tensorflow as tf  # what only reads the command line does without

    found = []
    for name, argument in arguments.items():
        values, held = (tf.reshape(each, [-1]) for each in (given[name], argument.holds(given[name])))
        said = [f"{name}: expected {argument.wanted}; given was", tf.boolean_mask(values, ~held)]
        found.append(tf.debugging.Assert(tf.reduce_all(held), said))
    with tf.control_dependencies(found):
        return {name: tf.identity(values) for name, values in given.items()}
