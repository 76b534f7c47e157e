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


LABELS = np.array([0, 1, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.55, 0.45]])
"""Two right, of confidence 0.9 and 0.7, and two wrong, of 0.8 and 0.55."""


def test_calibration_error_by_hand() -> None:
    """In halves all lie in (0.5, 1]: |2/4 - 0.7375|. In fifths: 0.55 alone, 0.7 with 0.8, 0.9 alone."""
    assert figures.calibration_error(LABELS, PROBABILITIES, bins=2) == pytest.approx(0.2375)
    fifths = (1 * 0.55 + 2 * abs(0.5 - 0.75) + 1 * 0.1) / 4
    assert figures.calibration_error(LABELS, PROBABILITIES, bins=5) == pytest.approx(fifths)
    assert figures.calibration_error(LABELS, np.eye(2)[LABELS]) == 0
    assert figures.calibration_error(LABELS, np.eye(2)[1 - LABELS]) == 1


def test_calibration_error_against_rows_sorted_into_bins_one_by_one() -> None:
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(3), 500).astype(np.float32)
    labels = random.integers(0, 3, 500)
    bins = [[] for _ in range(15)]
    for row, label in zip(probabilities, labels, strict=True):
        place = next(m for m in range(1, 16) if row.max() <= np.float64(m / 15))
        bins[place - 1].append((float(row.max()), float(row.argmax() == label)))
    expected = sum(abs(np.sum([right - confidence for confidence, right in rows])) for rows in bins) / 500
    assert figures.calibration_error(labels, probabilities) == pytest.approx(expected, rel=1e-5)


def test_both_of_two_classes_are_shown_with_what_came_true() -> None:
    upper, lower = figures.calibration(LABELS, PROBABILITIES, ("no", "yes")).axes
    no, yes = upper.collections
    assert [shown.get_label() for shown in (*upper.lines, no, yes)] == ["calibrated", "no", "yes"]
    np.testing.assert_allclose(no.get_offsets(), [[0.3, 0], [0.55, 0], [0.8, 0], [0.9, 1]])
    np.testing.assert_allclose(yes.get_offsets(), [[0.1, 0], [0.2, 1], [0.45, 1], [0.7, 1]])
    assert (
        upper.get_title()
        == f"expected calibration error {figures.calibration_error(LABELS, PROBABILITIES):.4f} of 4 test rows"
    )
    assert sum(bar.get_height() for bar in lower.patches) == 8


def test_of_more_classes_the_predicted_one_is_shown() -> None:
    probabilities = np.array([[0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])
    upper, _ = figures.calibration(np.array([0, 1]), probabilities, ("a", "b", "c")).axes
    np.testing.assert_allclose(upper.collections[0].get_offsets(), [[0.6, 1], [0.7, 0]])


def test_texts_are_wrapped_cut_and_never_read_as_formulas() -> None:
    long = "costs $5_{ " + "very " * 200 + "end"
    figure = figures.text_table({"First": [("yes 0.9, true no", long, "C3")], "Second": [("no", "short $x$", "C2")]})
    figure.draw_without_rendering()
    (axes,) = figure.axes
    shown = [text for text in axes.texts if text.get_text()]
    assert [text.get_text() for text in shown if text.get_weight() == "bold"] == ["First", "Second"]
    assert [text.get_color() for text in shown if text.get_text().startswith(("yes", "no"))] == ["C3", "C2"]
    lines = [text.get_text() for text in shown if text.get_text().startswith(("costs", "very"))]
    assert len(lines) == 4 and lines[0].startswith("costs $5_{ very") and lines[-1].endswith("…")
    assert "short $x$" in [text.get_text() for text in shown]
    boxes = [text.get_window_extent() for text in shown]
    assert max(box.x1 for box in boxes) <= figure.bbox.x1 and min(box.y0 for box in boxes) >= 0


def test_a_forecast_begins_at_the_step_that_it_was_made_from() -> None:
    """The series is numbered from -2 on; rows begin with steps 0 and 3."""
    series = np.array([5.0, 6, 7, 8, 9, 10, 11])
    rows = {"model": np.array([[70.0, 80], [100, 110]]), "persistence": np.array([[6.0, 6], [9, 9]])}
    axes = figures.forecasts(series, -2, np.array([0, 3]), rows, "sold", "a title").axes[0]
    true, model, persistence, origins = axes.lines[:4]
    np.testing.assert_array_equal(true.get_xydata(), np.column_stack([range(-2, 5), series]))
    expected = [[-1, 6], [0, 70], [1, 80], [2, np.nan], [2, 9], [3, 100], [4, 110], [5, np.nan]]
    np.testing.assert_array_equal(model.get_xydata(), np.array(expected))
    np.testing.assert_array_equal(persistence.get_ydata(), [6, 6, 6, np.nan, 9, 9, 9, np.nan])
    np.testing.assert_array_equal(origins.get_xydata(), [[-1, 6], [2, 9]])
    assert [line.get_label() for line in axes.lines[:4]] == ["true", "model", "persistence", "forecast from"]
    assert (axes.get_ylabel(), axes.get_title()) == ("sold", "a title")


def test_errors_ahead_are_counted_from_one() -> None:
    axes = figures.errors_ahead({"model": np.array([1.0, 2.0]), "persistence": np.array([3.0, 5.0])}, "sold").axes[0]
    assert [line.get_label() for line in axes.lines] == ["model", "persistence"]
    np.testing.assert_array_equal(axes.lines[1].get_xydata(), [[1, 3], [2, 5]])
    assert axes.get_ylim()[0] == 0 and "sold" in axes.get_ylabel()


def test_spectrograms_have_axes_in_seconds_and_hertz() -> None:
    """A tone of 1,000 Hz in the first half of two seconds lies there in the picture."""
    hertz = np.array([100.0, 500.0, 1000.0, 2000.0, 3000.0])
    spectrograms = np.zeros((4, 10, 5))
    spectrograms[0, :5, 2] = 0.8
    figure = figures.spectrogram_grid(spectrograms, 2.0, hertz, list("abcd"), "four", 3)
    shown = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in shown] == list("abcd") and figure.get_suptitle() == "four"
    image = shown[0].images[0]
    assert tuple(image.get_extent()) == (0, 2, 0, 5) and image.origin == "lower"
    values = np.asarray(image.get_array())
    np.testing.assert_allclose(values[2], [-20] * 5 + [-100] * 5)
    ticks = dict(zip((label.get_text() for label in shown[0].get_yticklabels()), shown[0].get_yticks(), strict=True))
    assert ticks == {"100": 0.5, "300": 1.0, "1,000": 2.5, "3,000": 4.5}
    assert [axes.get_xlabel() for axes in shown] == ["", "seconds", "seconds", "seconds"]
