"""Samples by class: each image stands where its name is."""

from types import SimpleNamespace

import numpy as np
import pytest
from layouts import one_field

from kerasapps.data.spec import Target
from kerasapps.figures.images import class_grid
from kerasapps.plots import sampled
from kerasapps.tasks import generative

SHAPE = (2, 3, 1)


def named(classes: int) -> tuple[str, ...]:
    return tuple(f"kind {i}" for i in range(classes))


def shades(labels: np.ndarray, classes: int) -> np.ndarray:
    """Images of one grey each, by which their class is known."""
    return np.broadcast_to((labels / classes)[:, None, None, None], (len(labels), *SHAPE)).astype(np.float32)


def view_of(classes: int, epochs: tuple[int, ...] = (1, 4), conditional: bool = True) -> SimpleNamespace:
    layout = one_field("image", SHAPE, Target("classes", classes, named(classes)))
    samples = {epoch: shades(generative.in_turn(classes), classes) for epoch in epochs}
    task = SimpleNamespace(sample_labels=generative.in_turn(classes) if conditional else None)
    return SimpleNamespace(layout=layout, samples=samples, task=task)


def seen(ax, x: float, y: float, classes: int) -> int:
    """The class whose grey is at a point of the picture."""
    (image,) = ax.get_images()
    return round(image.get_array()[round(y), round(x)] / 255 * classes)


@pytest.mark.parametrize(("classes", "columns", "lines"), [(1, 8, 8), (2, 8, 4), (3, 8, 2), (10, 6, 1), (16, 4, 1)])
def test_each_line_of_the_grid_is_of_the_class_beside_it(classes: int, columns: int, lines: int) -> None:
    (ax,) = sampled.samples(view_of(classes)).axes
    height, width = ax.get_images()[0].get_array().shape
    assert (height + 1, width + 1) == (classes * lines * (SHAPE[0] + 1), columns * (SHAPE[1] + 1))
    assert [text.get_text() for text in ax.get_yticklabels()] == list(named(classes))
    for one, middle in enumerate(ax.get_yticks()):
        for line in range(lines):
            y = middle + (line - (lines - 1) / 2) * (SHAPE[0] + 1)
            assert [seen(ax, 4 * i + 1, y, classes) for i in range(columns)] == [one] * columns


@pytest.mark.parametrize("classes", [17, 40, 90])
def test_of_many_classes_every_image_is_under_its_name(classes: int) -> None:
    (ax,) = sampled.samples(view_of(classes)).axes
    assert [text.get_text() for text in ax.texts] == [f"kind {i % classes}" for i in range(64)]
    for i, text in enumerate(ax.texts):
        x, y = text.get_position()
        assert seen(ax, x, y + 1.6, classes) == i % classes


def test_long_names_over_images_are_cut() -> None:
    labels = generative.in_turn(20)
    names = ["the longest name of all", *named(20)[1:]]
    (ax,) = class_grid(shades(labels, 20), labels, names, "", 6.0).axes
    assert ax.texts[0].get_text() == "the longest…" and ax.texts[1].get_text() == "kind 1"


@pytest.mark.parametrize(("classes", "each"), [(2, 6), (5, 2), (10, 1), (30, 1)])
def test_the_columns_over_training_are_classes(classes: int, each: int) -> None:
    (ax,) = sampled.samples_over_training(view_of(classes)).axes
    shown = min(classes, 12)
    assert [text.get_text() for text in ax.get_xticklabels()] == list(named(classes)[:shown])
    assert ax.get_images()[0].get_array().shape == (2 * 3 - 1, shown * each * 4 - 1)
    for one, middle in enumerate(ax.get_xticks()):
        for i in range(each):
            x = middle + (i - (each - 1) / 2) * 4
            assert seen(ax, x, 0, classes) == seen(ax, x, 3, classes) == one


def test_without_classes_samples_lie_as_they_were_made() -> None:
    view = view_of(10, conditional=False)
    (ax,) = sampled.samples(view).axes
    assert not ax.get_yticklabels() and [seen(ax, 4 * i + 1, 0, 10) for i in range(8)] == list(range(8))
    (ax,) = sampled.samples_over_training(view).axes
    assert not ax.get_xticklabels() and [seen(ax, 4 * i + 1, 3, 10) for i in range(12)] == [*range(10), 0, 1]


def test_an_animation_by_class_has_the_grid_of_each_epoch() -> None:
    view = view_of(4, epochs=(1, 2, 3))
    view.samples[3] = 1.0 - view.samples[3]
    frames = sampled.samples_animation(view)
    assert [frame.get_suptitle() for frame in frames] == ["epoch 1", "epoch 2", "epoch 3"]
    assert len({tuple(frame.get_size_inches()) for frame in frames}) == 1
    assert [seen(frame.axes[0], 1, 0, 4) for frame in frames] == [0, 0, 4], "the first class, turned round in the end"


def test_an_animation_without_classes_says_its_epochs_too() -> None:
    frames = sampled.samples_animation(view_of(10, conditional=False))
    assert [frame.get_suptitle() for frame in frames] == ["epoch 1", "epoch 4"]
    assert [seen(frames[0].axes[0], 4 * i + 1, 0, 10) for i in range(8)] == list(range(8))


def test_pairs_of_numbers_are_coloured_by_class() -> None:
    labels = generative.in_turn(3)
    values = np.stack([labels, np.arange(64)], axis=1).astype(np.float32)
    layout = one_field("vector", (2,), Target("classes", 3, named(3)), ("x", "y"), units=((0.0, 1.0),) * 2)
    rows = {"x": np.arange(5, dtype=np.float32), "y": np.arange(5, 10, dtype=np.float32)}
    view = SimpleNamespace(
        layout=layout,
        samples={1: values, 2: values},
        columns={"train": rows},
        apply=lambda columns: np.stack([columns["x"], columns["y"]], axis=1),
        task=SimpleNamespace(sample_labels=labels),
    )
    (ax,) = sampled.samples(view).axes
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "training rows",
        *(f"{name}, sampled" for name in named(3)),
    ]
    _, *drawn = ax.collections
    for one, dots in enumerate(drawn):
        np.testing.assert_array_equal(dots.get_offsets(), values[labels == one])
    panels = sampled.samples_over_training(view).axes
    assert [len(panel.collections) for panel in panels] == [4, 4]
