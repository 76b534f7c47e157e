"""Figures of trials show the numbers that they were given."""

import numpy as np

from kerasapps.figures.trials import Axis, history, parallel_coordinates, slices

TRIALS = np.array([0, 1, 2, 4])
SCORE = Axis("val_accuracy", np.array([0.5, np.nan, 0.9, 0.7]))
RATE = Axis("rate", np.array([1e-3, 1e-2, 1e-1, np.nan]), is_log=True)
HIDDEN = Axis("hidden", np.array([1.0, 0.0, 0.0, 2.0]), ("8", "16", "32-32"))


def test_history_has_trials_the_best_so_far_and_what_failed() -> None:
    (ax,) = history(TRIALS, SCORE, np.array([0.5, 0.5, 0.9, 0.9])).axes
    scores, best, failed = ax.lines
    np.testing.assert_array_equal(scores.get_xydata(), np.column_stack([TRIALS, SCORE.values]))
    np.testing.assert_array_equal(best.get_ydata(), [0.5, 0.5, 0.9, 0.9])
    assert list(failed.get_xdata()) == [1] and failed.get_transform() == ax.get_xaxis_transform()


def test_slices_have_a_panel_a_parameter_on_its_scale() -> None:
    figure = slices(TRIALS, SCORE, [RATE, HIDDEN])
    rate, hidden = figure.axes[:2]
    figure.canvas.draw()
    assert (rate.get_xscale(), hidden.get_xscale(), rate.get_yscale()) == ("log", "linear", "linear")
    assert [text.get_text() for text in hidden.get_xticklabels()] == ["8", "16", "32-32"]
    points = hidden.collections[0].get_offsets()
    np.testing.assert_allclose(points[[0, 2, 3]], [[1, 0.5], [0, 0.9], [2, 0.7]], atol=0.2)  # beside their values
    assert rate.lines[0].get_xdata() == [1e-2] and abs(hidden.lines[0].get_xdata()) <= 0.2
    assert (rate.get_ylabel(), hidden.get_ylabel(), hidden.get_xlabel()) == ("val_accuracy", "", "hidden")


def test_a_short_logarithmic_axis_has_ticks() -> None:
    """Between two powers of ten."""
    (ax, *_) = slices(TRIALS, SCORE, [Axis("rate", np.array([2e-3, 3e-3, 4e-3, 8e-3]), is_log=True)]).axes
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0.002", "0.004", "0.008"]


def test_axes_cover_the_range_that_was_searched() -> None:
    """Also where no trial lies; on a logarithmic axis 1e-2 is halfway from 1e-4 to 1."""
    rate = Axis("rate", np.array([1e-3, 1e-2, 1e-1, np.nan]), is_log=True, range=(1e-4, 1.0))
    width = Axis("width", np.array([4.0, 6.0, np.nan, 8.0]), range=(0, 8))
    np.testing.assert_allclose([*rate.scaled()[:3], *width.scaled()[:2]], [0.25, 0.5, 0.75, 0.5, 0.75])
    logarithmic, linear, *_ = slices(TRIALS, SCORE, [rate, width]).axes
    np.testing.assert_allclose(logarithmic.get_xlim(), [1e-4 / 10**0.2, 10**0.2])
    np.testing.assert_allclose(linear.get_xlim(), [-0.4, 8.4])
    texts = [text.get_text() for text in parallel_coordinates(SCORE, [rate, width], 1).axes[0].texts]
    assert {"0.0001", "1", "0", "8"} <= set(texts)


def test_parallel_coordinates_lie_between_0_and_1_and_below_where_there_is_no_value() -> None:
    (ax,) = parallel_coordinates(SCORE, [RATE, HIDDEN], 1).axes
    failed, *lines = ax.lines[:4]
    np.testing.assert_allclose([line.get_ydata() for line in lines], [[0, 0.5, 0], [-0.12, 1, 0.5], [1, 0, 1]])
    np.testing.assert_allclose(failed.get_ydata(), [0.5, 0, -0.12])
    texts = [text.get_text() for text in ax.texts]
    assert {"rate", "hidden", "32-32", "val_accuracy", "0.001", "0.0316", "0.1", "0.5", "0.9"} <= set(texts)
    assert [texts.count(text) for text in ("inactive", "failed")] == [1, 1]


def test_of_scores_that_are_better_where_lower_the_lowest_is_on_top() -> None:
    (ax,) = parallel_coordinates(SCORE, [HIDDEN], -1).axes
    np.testing.assert_allclose([line.get_ydata()[-1] for line in ax.lines[:4]], [-0.12, 1, 0.5, 0])


def test_axes_of_one_value_and_of_many_names() -> None:
    same = Axis("same", np.full(4, 3.0))
    many = Axis("many", np.arange(4.0), tuple(f"n{i}" for i in range(30)))
    (ax,) = parallel_coordinates(SCORE, [same, many], 1).axes
    np.testing.assert_allclose(ax.lines[0].get_ydata()[:2], [0.5, 1 / 29])
    names = [text.get_text() for text in ax.texts if text.get_text().startswith("n")]
    assert 5 < len(names) <= 12


def test_many_parameters_stand_in_rows_of_the_same_trials() -> None:
    twelve = [Axis(f"p{i}", np.arange(4.0)) for i in range(12)]
    panels = parallel_coordinates(SCORE, twelve, 1).axes
    bold = [[text.get_text() for text in ax.texts if text.get_weight() == "bold"] for ax in panels]
    assert bold == [[f"p{i}" for i in range(6)] + ["val_accuracy"], [f"p{i}" for i in range(6, 12)] + ["val_accuracy"]]
