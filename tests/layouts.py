"""Layouts of a single input, which is all that most applications take."""

from typing import Any

from kerasapps.data.spec import Field, Forecast, Form, Layout, Target


def one_field(
    form: Form, shape: tuple[int, ...], target: Target, *features: Any, forecast: Forecast | None = None, **own: Any
) -> Layout:
    """A layout whose only input, called "inputs", is of this form."""
    if features:
        own["features"] = features[0]
    return Layout((Field("inputs", form, tuple(shape), **own),), target, forecast)
