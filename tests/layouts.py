"""Layouts of a single input, which is all that most applications take, and preprocessing into a chosen one."""

from collections.abc import Iterable
from typing import Any

from kerasapps.data.preprocess import Preprocess, fit
from kerasapps.data.spec import Columns, Field, Forecast, Form, Layout, Spec, Target
from kerasapps.data.tokenizers import USUAL, TextOptions


def adapt(
    spec: Spec, forms: Form | tuple[Form, ...], columns: Columns | Iterable[Columns], texts: TextOptions = USUAL
) -> Preprocess:
    """The preprocessing into `forms`, one a field, fitted on `columns`."""
    forms = (forms,) if isinstance(forms, str) else forms
    return Preprocess(spec, forms, fit(spec, columns, texts, forms), texts)


def one_field(
    form: Form, shape: tuple[int, ...], target: Target, *features: Any, forecast: Forecast | None = None, **own: Any
) -> Layout:
    """A layout whose only input, called "inputs", is of this form."""
    if features:
        own["features"] = features[0]
    return Layout((Field("inputs", form, tuple(shape), **own),), target, forecast)
