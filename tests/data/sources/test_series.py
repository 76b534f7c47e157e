"""Series in windows: which steps each split is asked for, counted by hand, and the built-in ones against pandas."""

import numpy as np
import pandas
import pytest
import statsmodels.datasets
from layouts import adapt

from kerasapps.data.sources import open_series, open_source
from kerasapps.data.sources._series import SeriesSource
from kerasapps.data.split import split_rows
from kerasapps.errors import ConfigError, DataError

SPLITS = ("train", "validation", "test")


def counting(steps: int, history: int, horizon: int) -> SeriesSource:
    """The series 0, 1, 2, ... so that every value tells its place."""
    return SeriesSource("counting", "number", np.arange(steps, dtype=np.float32), history, horizon, 7)


def windows(source: SeriesSource, split: str) -> tuple[np.ndarray, np.ndarray]:
    """All windows of a split: steps before and steps that follow."""
    columns = source.read(split, np.arange(source.sizes[split]))
    return columns["number"], columns["number_next"]


def test_windows_of_twenty_steps_by_hand() -> None:
    """The last 20% of 20 steps are 16 to 19; of the 16 before, 10% are 2 steps: 14 and 15."""
    source = counting(20, history=3, horizon=2)
    assert source.sizes == {"train": 10, "validation": 1, "test": 3}
    before, after = windows(source, "train")
    assert before[0].tolist() == [0, 1, 2] and after[0].tolist() == [3, 4]
    assert before[-1].tolist() == [9, 10, 11] and after[-1].tolist() == [12, 13]
    before, after = windows(source, "validation")
    assert before.tolist() == [[11, 12, 13]] and after.tolist() == [[14, 15]]
    before, after = windows(source, "test")
    assert before.tolist() == [[13, 14, 15], [14, 15, 16], [15, 16, 17]]
    assert after.tolist() == [[16, 17], [17, 18], [18, 19]]


def test_a_horizon_longer_than_a_share_takes_more() -> None:
    """Each of validation and test holds one whole window, where its share is shorter than that."""
    source = counting(20, history=2, horizon=5)
    assert source.sizes == {"train": 4, "validation": 1, "test": 1}
    assert [windows(source, split)[1][-1].tolist() for split in SPLITS] == [
        [5, 6, 7, 8, 9],
        [10, 11, 12, 13, 14],
        [15, 16, 17, 18, 19],
    ]


@pytest.mark.parametrize("horizon", [1, 2, 5, 12])
@pytest.mark.parametrize("steps", [60, 61, 64, 65, 69, 309])
def test_every_step_is_asked_for_in_one_split_only(steps: int, horizon: int) -> None:
    source = counting(steps, history=7, horizon=horizon)
    asked = [np.unique(windows(source, split)[1]) for split in SPLITS]
    np.testing.assert_array_equal(np.concatenate(asked), np.arange(7, steps))
    for split in SPLITS:
        before, after = windows(source, split)
        together = np.concatenate([before, after], axis=1)
        expected = together[0, 0] + np.arange(len(together))[:, None] + np.arange(7 + horizon)
        np.testing.assert_array_equal(together, expected)


def test_rows_are_read_in_the_order_asked_for() -> None:
    source = counting(20, history=3, horizon=2)
    columns = source.read("test", np.array([2, 0]))
    assert columns["number"].tolist() == [[15, 16, 17], [13, 14, 15]]
    assert columns["number_next"].tolist() == [[18, 19], [16, 17]]
    assert columns["number"].dtype == np.float32


def test_scaling_is_fitted_on_training_windows_alone() -> None:
    """Of 20 steps in windows of 3 and 2 these are 0 1 2, 1 2 3, ... 9 10 11, whatever the later steps are."""
    source = counting(20, history=3, horizon=2)
    source.values[12:] = 1e6  # the last training window's targets, and all that is not trained on
    rows = split_rows(source, seed=0)
    preprocess = adapt(source.spec, "vector", rows["train"].read())
    inputs = np.arange(10)[:, None] + np.arange(3)
    target = preprocess.layout.target
    assert preprocess.layout.only.features == ("number[1]", "number[2]", "number[3]")
    assert target.names == ("number_next[1]", "number_next[2]")
    assert target.mean == pytest.approx((inputs.mean(),) * 2) and target.scale == pytest.approx((inputs.std(),) * 2)
    test = rows["test"].read()
    np.testing.assert_allclose(
        preprocess.layout.given(preprocess.apply(test)), (test["number"] - inputs.mean()) / inputs.std(), rtol=1e-6
    )
    np.testing.assert_allclose(preprocess.labels(test), (test["number_next"] - inputs.mean()) / inputs.std(), rtol=1e-6)


def test_the_split_does_not_depend_on_the_seed() -> None:
    source = counting(60, history=3, horizon=2)
    first, second = (split_rows(source, seed) for seed in (0, 1))
    for split in SPLITS:
        np.testing.assert_array_equal(first[split].rows, second[split].rows)


def test_the_shortest_series_that_can_be_learned() -> None:
    """History 3 and horizon 2 need one window of 5 steps to train on, and twice 2 steps more."""
    assert counting(9, history=3, horizon=2).sizes == {"train": 1, "validation": 1, "test": 1}
    for steps in (8, 1, 0):
        with pytest.raises(DataError, match=f"counting has {steps} steps: too few.*3 steps and 2 that follow"):
            counting(steps, history=3, horizon=2)


def test_windows_of_other_lengths() -> None:
    source = open_series("sunspots", "", 5, None)
    assert [column.shape for column in (*source.spec.inputs, source.spec.target)] == [(5,), (5,)]
    source = open_series("sunspots", "", None, 3)
    assert [column.shape for column in (*source.spec.inputs, source.spec.target)] == [(22,), (3,)]
    with pytest.raises(DataError, match="sunspots has 309 steps: too few to train on windows of 300"):
        open_series("sunspots", "", 300, None)
    with pytest.raises(ConfigError, match="history=5, horizon=None: iris is no series"):
        open_series("iris", "", 5, None)


def test_sunspots_equal_statsmodels() -> None:
    expected = statsmodels.datasets.sunspots.load_pandas().data
    assert expected.YEAR.tolist() == list(range(1700, 2009))
    source = open_source("sunspots")
    np.testing.assert_array_equal(source.values, expected.SUNACTIVITY.to_numpy(np.float32))
    assert (source.history, source.horizon, source.season) == (22, 5, 11)


def test_elnino_is_read_year_by_year() -> None:
    years = statsmodels.datasets.elnino.load_pandas().data.set_index("YEAR")
    source = open_source("elnino")
    assert len(source.values) == 12 * len(years) == 732
    np.testing.assert_array_equal(source.values[12:24], years.loc[1951].to_numpy(np.float32))
    np.testing.assert_array_equal(source.values[5::12], years["JUN"].to_numpy(np.float32))


def test_co2_is_the_mean_of_the_weeks_of_each_month() -> None:
    """pandas resamples and interpolates; five months have no week."""
    weeks = statsmodels.datasets.co2.load_pandas().data.co2
    months = weeks.resample("MS").mean()
    gaps = [str(month)[:7] for month in months.index[months.isna()]]
    assert gaps == ["1958-06", "1958-10", "1964-02", "1964-03", "1964-04"]
    source = open_source("co2")
    np.testing.assert_allclose(source.values, months.interpolate().to_numpy(), rtol=1e-6)
    assert (len(source.values), source.season) == (526, 12)
    assert pandas.infer_freq(months.index) == "MS"
