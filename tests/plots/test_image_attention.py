"""Maps of attention over images: each step where it lies, the redder the more it is looked at."""

from types import SimpleNamespace

import numpy as np
import pytest
from layouts import one_field

from kerasapps.apps.transformer import APP
from kerasapps.data.spec import Column, Spec, Target
from kerasapps.engine.parts import build_parts
from kerasapps.figures.images import looked_at
from kerasapps.plots import attention

SHAPE = (4, 6, 1)
IMAGES = np.random.default_rng(0).integers(0, 256, (2, *SHAPE), dtype=np.uint8)
SMALL = {"layers": 2, "heads": 2, "width": 8, "feed_forward": 8}


def view_of(form: str, shape: tuple, images: np.ndarray = IMAGES, kind: str = "image", **hparams: object):
    """What plots need of a run of a new model on images."""
    layout, values = one_field(form, shape, Target("classes", 2, ("a", "b"))), APP.hparams(**SMALL, **hparams)
    parts = build_parts(APP, "functional", values, layout, seed=1)
    return SimpleNamespace(
        layout=layout,
        spec=Spec((Column("inputs", kind, SHAPE),), Column("y", "category", classes=("a", "b"))),
        task=APP.task(parts, values, layout),
        columns={"test": {"inputs": images}},
        apply=lambda columns: (columns["inputs"] / np.float32(255)).reshape(-1, *shape),
    )


@pytest.mark.parametrize(("size", "grid"), [(2, (2, 3)), (None, (4, 1))])
def test_steps_are_where_they_lie_and_as_red_as_they_are_looked_at(size: int | None, grid: tuple) -> None:
    """Of two blocks of two heads; the first block's part of each step is the mean of its weights over the steps."""
    view = view_of("image", SHAPE, patch_size=size)
    figure = attention.image_attention(view)
    assert [ax.get_title() for ax in figure.axes] == [f"block {b}, head {h}" for b in (1, 2) for h in (1, 2)]
    np.testing.assert_array_equal(figure.axes[3].images[0].get_array(), IMAGES[0, :, :, 0])
    x = view.apply({"inputs": IMAGES[:1]})
    for layer in view.task.model.layers[1:]:
        if layer.name == "block_1":
            break
        x = layer(x)
    looks = layer.attention_weights(x)[0].numpy().mean(axis=1)
    shown = np.stack([ax.images[1].get_array() for ax in figure.axes])
    assert shown.shape[1:] == grid and shown.max() == 1
    parts = shown / shown.sum(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(parts[:2], looks.reshape(2, *grid), rtol=1e-4)
    assert figure.axes[0].images[1].get_extent() == figure.axes[0].images[0].get_extent()


def test_a_map_covers_the_image_by_its_parts() -> None:
    looks = np.array([[[[0.5, 0.0], [0.25, 0.25]]]])
    (ax,) = looked_at(np.zeros((4, 6, 3), np.uint8), looks, "title").axes
    np.testing.assert_array_equal(ax.images[1].get_array(), [[1.0, 0.0], [0.5, 0.5]])
    np.testing.assert_allclose(ax.images[1].get_alpha() / 0.7, [[1.0, 0.0], [0.5, 0.5]])


def test_there_is_no_map_of_sequences_of_sounds_and_of_nothing() -> None:
    assert attention.image_attention(view_of("sequence", (4, 6))) is None
    assert attention.image_attention(view_of("image", SHAPE, kind="audio")) is None
    assert attention.image_attention(view_of("image", SHAPE, images=IMAGES[:0])) is None
    assert attention.self_attention(view_of("image", SHAPE)) is None
