"""Coefficients are the kernel's, in the units of the target."""

from types import SimpleNamespace

import numpy as np
import pytest

from kerasapps.data.spec import Column, Field, Layout, Spec, Target
from kerasapps.plots import linear

RANDOM = np.random.default_rng(0)


def view_of(kernel: np.ndarray, target: Target, features: tuple[str, ...] = (), shape: tuple = ()) -> SimpleNamespace:
    column = Column("image", "image", shape) if shape else Column("x", "number")
    field = Field("vector", "vector", kernel.shape[:1], (column.name,), features)
    model = SimpleNamespace(trainable_variables=[kernel, np.zeros(kernel.shape[1])])
    return SimpleNamespace(
        layout=Layout((field,), target), spec=Spec((column,), None), task=SimpleNamespace(model=model)
    )


def test_reals_have_coefficients_in_their_own_units_the_greatest_first() -> None:
    kernel = np.array([[0.5], [-2.0], [1.0]])
    figure = linear.coefficients(view_of(kernel, Target("reals", 1, ("price",), (7.0,), (10.0,)), ("a", "b", "c")))
    (ax,) = figure.axes
    assert [bar.get_width() for bar in ax.patches] == [-20.0, 10.0, 5.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "c", "a"]
    assert ax.get_xlabel() == "price" and "change of the answer" in ax.get_title()


def test_of_two_classes_it_is_the_log_odds_of_the_second() -> None:
    figure = linear.coefficients(view_of(np.array([[1.5]]), Target("classes", 2, ("no", "yes")), ("a",)))
    assert figure.axes[0].get_xlabel() == "yes" and "change of the log-odds" in figure.axes[0].get_title()
    assert figure.axes[0].patches[0].get_width() == 1.5


def test_of_many_inputs_the_greatest_are_drawn() -> None:
    kernel = RANDOM.normal(size=(50, 3))
    names = tuple(f"x{i}" for i in range(50))
    (ax,) = linear.coefficients(view_of(kernel, Target("classes", 3, ("a", "b", "c")), names)).axes
    order = sorted(range(50), key=lambda i: -max(abs(value) for value in kernel[i]))[: linear.MOST]
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"x{i}" for i in order]
    np.testing.assert_allclose(ax.images[0].get_array(), kernel[order])
    assert "the 20 greatest of 50" in ax.get_title()
    assert ax.texts[0].get_text() == f"{kernel[order[0], 0]:.2g}"


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_have_their_weights_where_they_lie(channels: int) -> None:
    kernel = RANDOM.normal(size=(2 * 3 * channels, 4))
    figure = linear.coefficients(view_of(kernel, Target("classes", 4, tuple("abcd")), (), (2, 3, channels)))
    shown = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title() for ax in shown] == list("abcd")
    expected = kernel[:, 2].reshape(2, 3, channels).mean(axis=-1)
    np.testing.assert_allclose(shown[2].images[0].get_array(), expected)


def test_very_many_answers_have_no_plot() -> None:
    names = tuple(map(str, range(40)))
    assert linear.coefficients(view_of(np.zeros((2, 40)), Target("classes", 40, names), ("a", "b"))) is None
