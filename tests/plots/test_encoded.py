"""Plots of encoders and decoders: what is drawn is what the parts make of test rows."""

from types import SimpleNamespace

import numpy as np
import pytest
from layouts import one_field
from sklearn.decomposition import PCA

from kerasapps.data.spec import Target
from kerasapps.plots import encoded

RANDOM = np.random.default_rng(0)
CLASSES = Target("classes", 3, ("cat", "dog", "cow"))


def view_of(inputs: np.ndarray, encode, decode, labels=None, target: Target = CLASSES, **layout) -> SimpleNamespace:
    """What the plots need of a run that encodes and decodes so, and takes the only raw column as it is."""
    kind = "image" if inputs.ndim == 4 else "vector"
    return SimpleNamespace(
        layout=one_field(kind, inputs.shape[1:], target, **layout),
        columns={"test": {"x": inputs}},
        labels={"test": labels},
        task=SimpleNamespace(encode=encode, decode=decode),
        apply=lambda columns: columns["x"],
    )


def pictures(figure) -> list[np.ndarray]:
    return [np.asarray(ax.images[0].get_array()) for ax in figure.axes if ax.images]


def shrunk(images: np.ndarray) -> np.ndarray:
    """Two latents: the means of the left and of the right column."""
    return images.mean(axis=(1, 3))


def grown(latents: np.ndarray) -> np.ndarray:
    return np.broadcast_to(latents[:, None, :, None], (len(latents), 3, 2, 1))


def test_images_stand_over_their_reconstructions() -> None:
    """One of each class first."""
    images = RANDOM.uniform(size=(30, 3, 2, 1)).astype(np.float32)
    labels = np.repeat([2, 0, 1], 10)
    figure = encoded.reconstructions(view_of(images, shrunk, grown, labels))
    chosen = [10, 20, 0, 3, 6, 9, 12, 16, 19, 22]
    assert [ax.get_title() for ax in figure.axes[:10]][:4] == ["cat", "dog", "cow", "cow"]
    drawn = pictures(figure)
    np.testing.assert_array_equal(drawn[:10], images[chosen, ..., 0])
    np.testing.assert_allclose(drawn[10:], grown(shrunk(images[chosen]))[..., 0], rtol=1e-6)
    assert [figure.axes[i].get_ylabel() for i in (0, 10)] == ["given", "reconstructed"]
    assert figure.get_suptitle() == "Test images through 2 latents"


def test_what_the_encoder_saw_stands_between() -> None:
    images = RANDOM.uniform(size=(4, 3, 2, 1)).astype(np.float32)
    view = view_of(images, shrunk, grown, target=Target("none"))
    figure = encoded.reconstructions(view, lambda inputs: 1 - inputs)
    drawn = pictures(figure)
    np.testing.assert_allclose(drawn[4:8], 1 - images[..., 0], rtol=1e-6)
    np.testing.assert_allclose(drawn[8:], grown(shrunk(1 - images))[..., 0], rtol=1e-6)


def test_numbers_are_drawn_in_their_units() -> None:
    """Of eleven numbers nine have a panel; the first has mean 5 and standard deviation 2."""
    rows = RANDOM.normal(size=(20, 11)).astype(np.float32)
    layout = {"features": tuple(f"x{i}" for i in range(11)), "units": ((5.0, 2.0), *(((0.0, 1.0),) * 10))}
    view = view_of(rows, lambda x: x[:, :1], lambda z: np.repeat(z, 11, axis=1), **layout)
    figure = encoded.reconstructions(view)
    panels = [ax for ax in figure.axes if ax.collections]
    assert [ax.get_xlabel() for ax in panels] == [f"x{i}" for i in range(9)]
    first, second = (np.asarray(ax.collections[0].get_offsets()) for ax in panels[:2])
    np.testing.assert_allclose(first, np.stack([2 * rows[:, 0] + 5] * 2, axis=1), rtol=1e-5)
    np.testing.assert_allclose(second, rows[:, [1, 0]], rtol=1e-5)
    assert figure.get_suptitle() == "Test rows through 1 latent, the first 9 of 11 numbers"


def test_two_latents_are_drawn_as_they_are_in_the_colours_of_their_classes() -> None:
    rows = RANDOM.normal(size=(40, 5)).astype(np.float32)
    labels = np.arange(40) % 3
    figure = encoded.latent_scatter(view_of(rows, lambda x: x[:, :2], None, labels))
    (ax,) = figure.axes
    points = ax.collections[0]
    np.testing.assert_array_equal(points.get_offsets(), rows[:, :2])
    by_class = [{tuple(color) for color in points.get_facecolors()[labels == k]} for k in range(3)]
    assert [len(colors) for colors in by_class] == [1, 1, 1] and len(set.union(*by_class)) == 3
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["cat", "dog", "cow"]
    assert ax.get_title() == "The two latents of the test rows"


def test_more_latents_are_drawn_by_their_principal_components() -> None:
    """Against scikit-learn's PCA, up to signs; the title says it."""
    rows = (RANDOM.normal(size=(50, 4)) * [1, 4, 2, 0.5] + [3, 0, 0, 0]).astype(np.float32)
    pca = PCA(2).fit(rows)
    figure = encoded.latent_scatter(view_of(rows, lambda x: x, None, RANDOM.integers(3, size=50)))
    points = np.asarray(figure.axes[0].collections[0].get_offsets())
    np.testing.assert_allclose(np.abs(points), np.abs(pca.transform(rows)), rtol=1e-4, atol=1e-5)
    share = f"{pca.explained_variance_ratio_.sum():.0%}"
    title = f"The first two principal components of 4 latents\nof the test rows: {share} of their variance"
    assert figure.axes[0].get_title() == title


def test_a_collapsed_encoder_is_drawn_all_the_same() -> None:
    rows = RANDOM.normal(size=(20, 3)).astype(np.float32)
    figure = encoded.latent_scatter(view_of(rows, lambda x: 0 * x, None, np.arange(20) % 3))
    assert "0% of their variance" in figure.axes[0].get_title()


def test_reals_colour_by_value_and_a_single_latent_is_counted() -> None:
    rows, reals = RANDOM.normal(size=(20, 3)).astype(np.float32), RANDOM.normal(size=(20, 1))
    view = view_of(rows, lambda x: x[:, :2], None, reals, Target("reals", 1, ("price",), (0.0,), (1.0,)))
    scatter, bar = encoded.latent_scatter(view).axes
    np.testing.assert_array_equal(scatter.collections[0].get_array(), reals[:, 0])
    assert bar.get_ylabel() == "price"
    labels = np.arange(20) % 3
    (ax,) = encoded.latent_scatter(view_of(rows, lambda x: x[:, :1], None, labels)).axes
    counted = [sum(patch.get_height() for patch in bars) for bars in ax.containers]
    assert counted == [7, 7, 6]
    none = encoded.latent_scatter(view_of(rows, lambda x: x[:, :2], None, target=Target("none")))
    np.testing.assert_array_equal(none.axes[0].collections[0].get_offsets(), rows[:, :2])


def test_errors_of_anomalies_stand_beside_normal_ones() -> None:
    """5 of the 6 pairs are in order; each histogram adds up to 1; 0.25 lies above 95% of the errors on validation."""
    errors, normal = np.array([0.1, 0.3, 0.2, 0.4, 0.5]), np.array([True, True, False, False, False])
    held_out = np.linspace(0.0, 0.25 / 0.95, 21)
    figure = encoded.anomaly_scores(errors, normal, "cat", held_out)
    (ax,) = figure.axes
    assert f"ROC area {5 / 6:.4f} on test. The threshold, below which 95% of the normal validation" in ax.get_title()
    assert "finds 66.7% of the anomalies of test, and takes 50.0% of its normal rows for some" in ax.get_title()
    assert ax.lines[0].get_xdata()[0] == pytest.approx(0.25)
    assert [sum(patch.get_height() for patch in bars) for bars in ax.containers] == pytest.approx([1, 1])
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["normal: cat (2 rows)", "anomalies: all others (3 rows)", "threshold 0.25"]
    assert encoded.anomaly_scores(errors, np.ones(5, bool), "cat", held_out) is None
