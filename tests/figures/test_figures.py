"""Figures show the numbers that they were given."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import r2_score, root_mean_squared_error

from kerasapps.data.spec import Target
from kerasapps.figures.canvas import margin_range, save, styled
from kerasapps.figures.classes import confusion_matrix, decision_regions
from kerasapps.figures.images import filters, image_grid
from kerasapps.figures.lines import errors_ahead, forecasts, learning_curves
from kerasapps.figures.probabilities import calibration, probability_bars, sigmoid_over_points
from kerasapps.figures.reals import fit_over_scatter, predicted_against_true, score_text
from kerasapps.figures.spectrograms import spectrogram_grid
from kerasapps.figures.texts import text_table
from kerasapps.plots import training


def test_learning_curves_pair_training_and_validation() -> None:
    history = {"loss": [3.0, 2.0], "accuracy": [0.1, 0.5], "val_loss": [4.0, 2.5], "val_accuracy": [0.0, 0.4]}
    loss, accuracy = learning_curves(history, 2).axes
    assert [list(line.get_ydata()) for line in loss.lines[:2]] == [[3.0, 2.0], [4.0, 2.5]]
    assert [line.get_label() for line in accuracy.lines] == ["training", "validation", "kept: epoch 2"]
    assert list(accuracy.lines[0].get_xdata()) == [1, 2] == [1, accuracy.lines[2].get_xdata()[0]]
    assert loss.get_xlabel() == "epoch"


def test_long_histories_are_thinned_towards_their_end() -> None:
    (axes,) = learning_curves({"loss": np.arange(1, 100_001)}).axes
    epochs, values = axes.lines[0].get_data()
    np.testing.assert_array_equal(epochs, values)
    axes.figure.canvas.draw()
    assert {"1", "10", "100", "1000", "10000", "100000"} <= {label.get_text() for label in axes.get_xticklabels()}
    assert axes.get_xscale() == "log" and axes.get_xlabel() == "epoch (log scale)" and len(epochs) <= 1000
    assert list(epochs[:3]) == [1, 2, 3] and epochs[-1] == 100_000


def test_confusion_matrix_counts_true_down_and_predicted_across() -> None:
    figure = confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1]), ("a", "b", "c"))
    assert len(figure.axes) == 1, "the cells say it all"
    counts = {text.get_position()[::-1]: text.get_text() for text in figure.axes[0].texts}
    assert counts == {(0, 0): "1", (0, 1): "1", (1, 1): "1", (2, 1): "1"}
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), [[0.5, 0.5, 0], [0, 1, 0], [0, 1, 0]])
    assert figure.axes[0].get_title() == "accuracy 0.5000 of 4 test rows"


def test_probability_bars_mark_the_true_class() -> None:
    figure = probability_bars(np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([1, 1]), ("a", "b"), "worst")
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
    figure = decision_regions(
        np.array([[0, 0], [1, 1]]), np.array([0, 1]), (ends, ends), probabilities, ("a", "b"), ("x1", "x2")
    )
    left, right = np.asarray(figure.axes[0].images[0].get_array())[0]
    points = [np.asarray(scatter.get_facecolor())[0] for scatter in figure.axes[0].collections]
    np.testing.assert_allclose([left[:3], right[:3]], [points[0][:3], points[1][:3]])
    assert left[3] < right[3]


def test_images_and_filters_are_all_drawn() -> None:
    images = np.zeros((7, 4, 4, 1), np.uint8)
    shown = [axes for axes in image_grid(images, list("abcdefg")).axes if axes.images]
    assert [axes.get_title() for axes in shown] == list("abcdefg")
    for channels in (1, 3):
        kernel = np.random.default_rng(0).normal(size=(3, 3, channels, 10))
        drawn = [axes.images[0] for axes in filters(kernel).axes if axes.images]
        assert len(drawn) == 10
    assert np.asarray(drawn[0].get_array()).min() >= 0


def test_scatters_hold_their_points() -> None:
    x, y = np.arange(3.0), np.array([1.0, 0.0, 1.0])
    fit = fit_over_scatter(x, y, x, 2 * x, ("x", "y"), "a line").axes[0]
    assert fit.get_title() == "a line"
    np.testing.assert_array_equal(fit.collections[0].get_offsets(), np.stack([x, y], axis=1))
    np.testing.assert_array_equal(fit.lines[0].get_ydata(), 2 * x)
    sigmoid = sigmoid_over_points(x, y, x, x / 2, "x", ("no", "yes")).axes[0]
    assert [len(points.get_offsets()) for points in sigmoid.collections] == [1, 2]
    exact = predicted_against_true(y[:, None], x[:, None], ("y",)).axes[0]
    np.testing.assert_array_equal(exact.collections[0].get_offsets(), np.stack([y, x], axis=1))
    assert exact.get_xlim() == exact.get_ylim()


def test_scores_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    labels = random.normal(5, 3, size=(50, 2))
    predictions = labels + random.normal(size=(50, 2))
    panels = predicted_against_true(labels, predictions, ("a", "b")).axes
    for i, panel in enumerate(panels):
        r2 = r2_score(labels[:, i], predictions[:, i])
        rmse = root_mean_squared_error(labels[:, i], predictions[:, i])
        assert panel.get_title() == f"r2 {r2:.3f}, rmse {rmse:.4g}"
    assert score_text(np.ones(2), np.array([4.0, 5.0])) == "rmse 3.536"  # sqrt((9 + 16) / 2)


def test_epochs_are_whole_numbers_on_their_axis() -> None:
    for epochs in (1, 3):
        figure = learning_curves({"loss": [1.0] * epochs})
        figure.draw_without_rendering()
        assert {float(tick).is_integer() for tick in figure.axes[0].get_xticks()} == {True}


def test_long_class_names_do_not_crowd_out_the_plot() -> None:
    names = tuple(f"{letter}{'x' * 40}" for letter in "abc")
    figure = probability_bars(np.eye(3), np.arange(3), names, "")
    figure.draw_without_rendering()
    ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert ticks == [f"{letter}{'x' * 14}…" for letter in "abc"]
    assert min(axes.get_position().height for axes in figure.axes) > 0.3


@pytest.mark.parametrize("draw", [lambda: filters(np.ones((3, 3, 1, 1))), lambda: one_image()])
def test_the_title_of_a_single_picture_is_not_cut_off(draw) -> None:
    figure = draw()
    figure.draw_without_rendering()
    box = figure._suptitle.get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.x1


def one_image():
    return image_grid(np.zeros((1, 4, 4, 1), np.uint8), ["a"], "Wrong answers on test, surest first")


def test_only_the_loss_of_reals_is_in_other_units_than_the_data() -> None:
    reals, classes = Target("reals", 1, ("y",), (0.0,), (2.0,)), Target("classes", 2, ("a", "b"))
    labels = [training.metric_label(name, reals) for name in ("loss", "val_loss", "mae", "rmse")]
    assert labels == ["loss (standardised units)", "val_loss (standardised units)", "mae", "rmse"]
    assert training.metric_label("loss", classes) == "loss"


def test_margin_of_a_range() -> None:
    assert margin_range(np.array([0.0, 10.0]), 2) == pytest.approx([-1.5, 11.5])
    assert margin_range(np.array([4.0]), 2) == pytest.approx([3, 5])


LABELS = np.array([0, 1, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.55, 0.45]])


def test_of_two_classes_the_second_is_shown_with_what_came_true() -> None:
    upper, lower = calibration(LABELS, PROBABILITIES, ("no", "yes"), 0.12344).axes
    (yes,) = upper.collections
    assert [shown.get_label() for shown in (*upper.lines, yes)] == ["calibrated", "yes"]
    np.testing.assert_allclose(yes.get_offsets(), [[0.1, 0], [0.2, 1], [0.45, 1], [0.7, 1]])
    assert upper.get_title() == "expected calibration error 0.1234 of 4 test rows"
    assert sum(bar.get_height() for bar in lower.patches) == 4
    lower.figure.canvas.draw()
    assert "1" in {label.get_text() for label in lower.get_yticklabels()}, "no formula"


def test_of_more_classes_the_predicted_one_is_shown() -> None:
    probabilities = np.array([[0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])
    upper, _ = calibration(np.array([0, 1]), probabilities, ("a", "b", "c"), 0.0).axes
    np.testing.assert_allclose(upper.collections[0].get_offsets(), [[0.6, 1], [0.7, 0]])


def test_texts_are_wrapped_cut_and_never_read_as_formulas() -> None:
    long = "costs $5_{ " + "very " * 200 + "end"
    figure = text_table({"First": [("yes 0.9, true no", long, "C3")], "Second": [("no", "short $x$", "C2")]})
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


def test_letters_that_the_font_lacks_are_boxes_without_a_warning(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as said, styled():
        save(text_table({"Texts": [("", "\u6771\u4eac \U0001f426", "black")]}), tmp_path / "texts.png")
    assert said == []


def test_texts_without_notes_begin_at_the_left() -> None:
    places = [
        text.get_position()[0]
        for note in ("", "sure")
        for text in text_table({"Texts": [(note, "said", "black")]}).axes[0].texts
        if text.get_text() == "said"
    ]
    assert places[0] < 0.05 < 0.2 < places[1]


def test_a_forecast_begins_at_the_step_that_it_was_made_from() -> None:
    """The series is numbered from -2 on; rows begin with steps 0 and 3; the future are the two after step 4."""
    series = np.array([5.0, 6, 7, 8, 9, 10, 11])
    rows = {"model": np.array([[70.0, 80], [100, 110]]), "persistence": np.array([[6.0, 6], [9, 9]])}
    texts = {"xlabel": "step", "ylabel": "sold", "title": "a title"}
    axes = forecasts(np.arange(-2, 7), series, np.array([2, 5]), rows, np.array([12.0, 13]), texts).axes[0]
    true, model, persistence, origins = axes.lines[:4]
    np.testing.assert_array_equal(true.get_xydata(), np.column_stack([range(-2, 5), series]))
    expected = [[-1, 6], [0, 70], [1, 80], [2, np.nan], [2, 9], [3, 100], [4, 110], [5, np.nan]]
    np.testing.assert_array_equal(model.get_xydata(), np.array(expected))
    np.testing.assert_array_equal(persistence.get_ydata(), [6, 6, 6, np.nan, 9, 9, 9, np.nan])
    np.testing.assert_array_equal(origins.get_xydata(), [[-1, 6], [2, 9]])
    np.testing.assert_array_equal(axes.lines[4].get_xydata(), [[4, 11], [5, 12], [6, 13]])
    labels = ["true", "model", "persistence", "forecast from", "model, the future"]
    assert [line.get_label() for line in axes.lines[:5]] == labels
    assert (axes.get_ylabel(), axes.get_title()) == ("sold", "a title")


@pytest.mark.parametrize(("least", "forecast", "lines"), [(0.0, 1.0, 5), (1.0, -1.0, 5), (-1.0, 1.0, 4), (9.0, 9.0, 4)])
def test_zero_is_drawn_where_nothing_may_be_below_and_it_is_near(least: float, forecast: float, lines: int) -> None:
    series, days = np.array([least, 10.0, 10.0]), np.arange("2001-12-30", "2002-01-03", dtype="datetime64[D]")
    rows = {"model": np.array([[forecast]])}
    axes = forecasts(days, series, np.array([2]), rows, np.array([10.0]), {"title": "t"}).axes[0]
    assert len(axes.lines) == lines
    axes.figure.draw_without_rendering()
    assert {"Dec-31", "Jan-01"} <= {label.get_text() for label in axes.get_xticklabels()}


def test_errors_ahead_are_counted_from_one() -> None:
    axes = errors_ahead({"model": np.array([1.0, 2.0]), "persistence": np.array([3.0, 5.0])}, "sold").axes[0]
    assert [line.get_label() for line in axes.lines] == ["model", "persistence"]
    np.testing.assert_array_equal(axes.lines[1].get_xydata(), [[1, 3], [2, 5]])
    assert axes.get_ylim()[0] == 0 and "sold" in axes.get_ylabel()


def test_spectrograms_have_axes_in_seconds_and_hertz() -> None:
    """A tone of 1,000 Hz in the first half of two seconds lies there in the picture."""
    hertz = np.array([100.0, 500.0, 1000.0, 2000.0, 3000.0])
    spectrograms = np.zeros((4, 10, 5))
    spectrograms[0, :5, 2] = 0.8
    figure = spectrogram_grid(spectrograms, 2.0, hertz, list("abcd"), "four", 3)
    shown = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in shown] == list("abcd") and figure.get_suptitle() == "four"
    image = shown[0].images[0]
    assert tuple(image.get_extent()) == (0, 2, 0, 5) and image.origin == "lower"
    values = np.asarray(image.get_array())
    np.testing.assert_allclose(values[2], [-20] * 5 + [-100] * 5)
    ticks = dict(zip((label.get_text() for label in shown[0].get_yticklabels()), shown[0].get_yticks(), strict=True))
    assert ticks == {"100": 0.5, "300": 1.0, "1,000": 2.5, "3,000": 4.5}
    assert [axes.get_xlabel() for axes in shown] == ["", "seconds", "seconds", "seconds"]
