"""The end of a residual block, and the shortcut round it."""

from dataclasses import asdict, dataclass
from typing import Any

import keras

from kerasapps.tensors import Tensor


def shortcut(x: Tensor, channels: int, strides: int) -> Tensor:
    """The identity [batch, height, width, C], at half size every other pixel, and zeros as the new channels.

    Option A of the paper: no weights. The pixels are those in the middle of the windows of the padded convolution
    beside it, which begin at the border where the size is even and a pixel outside where it is odd.
    """
    if strides == 2:
        first_row, first_column = (1 - size % 2 for size in x.shape[1:3])
        x = x[:, first_row::2, first_column::2, :]
    new = channels - x.shape[-1]
    return keras.ops.pad(x, [[0, 0], [0, 0], [0, 0], [0, new]]) if new else x


@keras.saving.register_keras_serializable("kerasapps")
@dataclass(frozen=True)
class Residual:
    """The end of a block: relu(shortcut(x) + y) of its input x and of what its convolutions make of that, y.

    No layer, but operations, of which any Keras can read a functional model.
    """

    name: str
    strides: int

    def __call__(self, y: Tensor, x: Tensor) -> Tensor:
        """[batch, H, W, channels] and [batch, strides * H, strides * W, C] -> [batch, H, W, channels]."""
        return keras.ops.relu(shortcut(x, y.shape[-1], self.strides) + y)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Residual":
        """The operation of a config."""
        return cls(**config)
