"""Figures show the numbers that they were given."""

import numpy as np
import pytest
from sklearn.metrics import r2_score, root_mean_squared_error

from kerasapps import figures, plots
from kerasapps.data.spec import Target


def test_learning_curves_pair_training_and_validation() -> None:
    history = {"loss": [3.0, 2.0], "accuracy": [0.1, 0.5], "val_loss": [4.0, 2.5], "val_accuracy": [0.0, 0.4]}
    loss, accuracy = figures.learning_curves(history).axes
    assert [list(line.get_ydata()) for line in loss.lines] == [[3.0, 2.0], [4.0, 2.5]]
    assert [line.get_label() for line in accuracy.lines] == ["training", "validation"]
    assert list(accuracy.lines[0].get_xdata()) == [1, 2]


def test_long_histories_are_thinned_towards_their_end() -> None:
    (axes,) = figures.learning_curves({"loss": np.arange(1, 100_001)}).axes
    epochs, values = axes.lines[0].get_data()
    np.testing.assert_array_equal(epochs, values)
    assert axes.get_xscale() == "log" and len(epochs) <= 1000
    assert list(epochs[:3]) == [1, 2, 3] and epochs[-1] == 100_000


def test_confusion_matrix_counts_true_down_and_predicted_across() -> None:
    figure = figures.confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1]), ("a", "b", "c"))
    counts = {text.get_position()[::-1]: text.get_text() for text in figure.axes[0].texts}
    assert counts == {(0, 0): "1", (0, 1): "1", (1, 1): "1", (2, 1): "1"}
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), [[0.5, 0.5, 0], [0, 1, 0], [0, 1, 0]])
    assert figure.axes[0].get_title() == "accuracy 0.5000 of 4 test rows"


def test_probability_bars_mark_the_true_class() -> None:
    figure = figures.probability_bars(np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([1, 1]), ("a", "b"), "worst")
    assert figure.get_suptitle() == "worst"
    assert [axes.get_title() for axes in figure.axes] == ["true: b, right", "true: b, wrong: a"]
    for axes, heights in zip(figure.axes, ([0.2, 0.8], [0.6, 0.4]), strict=True):
        first, second = axes.patches
        assert [first.get_height(), second.get_height()] == heights
        assert first.get_facecolor() != second.get_facecolor()


def test_decision_regions_take_the_colour_of_the_likeliest_class() -> None:
    """Class 1 to the right; opacity grows with certainty."""
    probabilities = np.array([[[0.9, 0.1], [0.0, 1.0]]] * 2)
    ends = np.array([0.0, 1.0])
    figure = figures.decision_regions(
        np.array([[0, 0], [1, 1]]), np.array([0, 1]), ends, ends, probabilities, ("a", "b"), ("x1", "x2")
    )
    left, right = np.asarray(figure.axes[0].images[0].get_array())[0]
    points = [np.asarray(scatter.get_facecolor())[0] for scatter in figure.axes[0].collections]
    np.testing.assert_allclose([left[:3], right[:3]], [points[0][:3], points[1][:3]])
    assert left[3] < right[3]


def test_images_and_filters_are_all_drawn() -> None:
    images = np.zeros((7, 4, 4, 1), np.uint8)
    shown = [axes for axes in figures.image_grid(images, list("abcdefg")).axes if axes.images]
    assert [axes.get_title() for axes in shown] == list("abcdefg")
    for channels in (1, 3):
        kernel = np.random.default_rng(0).normal(size=(3, 3, channels, 10))
        drawn = [axes.images[0] for axes in figures.filters(kernel).axes if axes.images]
        assert len(drawn) == 10
    assert np.asarray(drawn[0].get_array()).min() >= 0


def test_scatters_hold_their_points() -> None:
    x, y = np.arange(3.0), np.array([1.0, 0.0, 1.0])
    fit = figures.fit_over_scatter(x, y, x, 2 * x, "x", "y", "a line").axes[0]
    assert fit.get_title() == "a line"
    np.testing.assert_array_equal(fit.collections[0].get_offsets(), np.stack([x, y], axis=1))
    np.testing.assert_array_equal(fit.lines[0].get_ydata(), 2 * x)
    sigmoid = figures.sigmoid_over_points(x, y, x, x / 2, "x", ("no", "yes")).axes[0]
    assert [len(points.get_offsets()) for points in sigmoid.collections] == [1, 2]
    exact = figures.predicted_against_true(y[:, None], x[:, None], ("y",)).axes[0]
    np.testing.assert_array_equal(exact.collections[0].get_offsets(), np.stack([y, x], axis=1))
    assert exact.get_xlim() == exact.get_ylim()


def test_scores_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    labels = random.normal(5, 3, size=(50, 2))
    predictions = labels + random.normal(size=(50, 2))
    panels = figures.predicted_against_true(labels, predictions, ("a", "b")).axes
    for i, panel in enumerate(panels):
        r2 = r2_score(labels[:, i], predictions[:, i])
        rmse = root_mean_squared_error(labels[:, i], predictions[:, i])
        assert panel.get_title() == f"r2 {r2:.3f}, rmse {rmse:.4g}"
    assert figures.score_text(np.ones(2), np.array([4.0, 5.0])) == "rmse 3.536"  # sqrt((9 + 16) / 2)


def test_epochs_are_whole_numbers_on_their_axis() -> None:
    for epochs in (1, 3):
        figure = figures.learning_curves({"loss": [1.0] * epochs})
        figure.draw_without_rendering()
        assert {float(tick).is_integer() for tick in figure.axes[0].get_xticks()} == {True}


def test_long_class_names_do_not_crowd_out_the_plot() -> None:
    names = tuple(f"{letter}{'x' * 40}" for letter in "abc")
    figure = figures.probability_bars(np.eye(3), np.arange(3), names, "")
    figure.draw_without_rendering()
    ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert ticks == [f"{letter}{'x' * 14}…" for letter in "abc"]
    assert min(axes.get_position().height for axes in figure.axes) > 0.3


@pytest.mark.parametrize("draw", [lambda: figures.filters(np.ones((3, 3, 1, 1))), lambda: one_image()])
def test_the_title_of_a_single_picture_is_not_cut_off(draw) -> None:
    figure = draw()
    figure.draw_without_rendering()
    box = figure._suptitle.get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.x1


def one_image():
    return figures.image_grid(np.zeros((1, 4, 4, 1), np.uint8), ["a"], "Wrong answers on test, surest first")


def test_only_the_loss_of_reals_is_in_other_units_than_the_data() -> None:
    reals, classes = Target("reals", 1), Target("classes", 2)
    labels = [plots.metric_label(name, reals) for name in ("loss", "val_loss", "mae", "rmse")]
    assert labels == ["loss (standardised units)", "val_loss (standardised units)", "mae", "rmse"]
    assert plots.metric_label("loss", classes) == "loss"


def test_margin_of_a_range() -> None:
    assert figures.margin_range(np.array([0.0, 10.0]), 2) == pytest.approx([-1.5, 11.5])
    assert figures.margin_range(np.array([4.0]), 2) == pytest.approx([3, 5])
