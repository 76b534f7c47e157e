"""Images: uint8 [rows, height, width, channels], 0 to 255, which become [0, 1]."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasapps.data.kinds import Part, _defaults
from kerasapps.data.spec import Column, Field, Form


class Image:
    """As a sequence, rows are steps [height, width * channels]; as a vector they are flattened."""

    dtype = "uint8"
    forms: tuple[Form, ...] = ("image", "sequence", "vector")
    fitter = staticmethod(_defaults.nothing_to_fit)
    classes = staticmethod(_defaults.no_classes)
    target = answers = staticmethod(_defaults.no_target)
    read = of_texts = staticmethod(_defaults.read_files)
    of_cells = staticmethod(_defaults.not_in_tables)
    collect = staticmethod(_defaults.stacked)

    def wrong(self, column: Column, values: np.ndarray, is_target: bool) -> tuple[np.ndarray | None, str]:
        return np.array([], int) if values.dtype == np.uint8 else None, "uint8, 0 to 255"

    def field(self, column: Column, form: Form, fitted: list, tokens: int) -> Field:
        return Field(column.name, form, _defaults.grid_shape(form, *column.shape), (column.name,))

    def convert(self, parts: Sequence[Part], inputs: Sequence[Any]) -> list[Any]:
        import keras

        return [keras.ops.cast(inputs[0], "float32") / 255.0]


KIND = Image()
