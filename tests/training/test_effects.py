"""Options that the data do not read are refused, and what would be used anyway is none of them."""

from pathlib import Path

import pytest

import kerasapps
from kerasapps.app import load_app
from kerasapps.data.preprocess import Preprocess, fit
from kerasapps.data.rows import open_rows
from kerasapps.data.sources import check_data_dir
from kerasapps.errors import ConfigError
from kerasapps.names import SOURCES, names_in
from kerasapps.runs.config import resolve
from kerasapps.runs.directory import config_of
from kerasapps.training.effects import check_effects
from kerasapps.training.prepare import fit_preprocess

OLD = Path(__file__).parents[1] / "old_runs"
CASES = [
    ("softmax_regression", {"data": "iris", "max_tokens": 5}, r"max_tokens=5 has no effect: of iris, .* gets vector"),
    ("softmax_regression", {"data": "iris", "tokenizer": "bytes"}, "tokenizer='bytes' has no effect"),
    ("cnn", {"data": "digits", "sequence_length": 7}, "sequence_length=7 has no effect: of digits, cnn gets image"),
    ("rnn", {"data": "sunspots", "sequence_length": 7}, "of sunspots, rnn gets sequence, and no column of them reads"),
    (
        "mlp",
        {"data_dir": "pets"},
        "data_dir=.*/pets has no effect: the data .* comes with a package.* give data=.*/pets",
    ),
    ("rnn", {"data": "sunspots", "data_dir": "pets"}, "data_dir=.*/pets has no effect: the data sunspots"),
]


@pytest.mark.parametrize(("app", "given", "message"), CASES)
def test_an_option_without_effect_is_refused(app: str, given: dict, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        kerasapps.train(app, **given, run_dir=tmp_path / "run")
    with pytest.raises(ConfigError, match=message):
        kerasapps.tune(app, **given, directory=str(tmp_path / "search"), trials=1)
    assert not list(tmp_path.iterdir())


def test_of_texts_as_vectors_the_tokenizer_alone_has_no_effect(tmp_path: Path) -> None:
    path = tmp_path / "said.csv"
    path.write_text("said,label\n" + "\n".join(f"a film of {i} acts,{i % 2}" for i in range(40)))
    app, text = load_app("logistic_regression"), {"data": str(path), "max_tokens": 50, "sequence_length": 9}
    options, _ = resolve(app, {**text, "tokenizer": "bytes"})
    preprocess = fit_preprocess(app, options, open_rows(options))
    check_effects(app, text, options, preprocess)
    with pytest.raises(ConfigError, match="tokenizer='bytes' has no effect: .* gets vector"):
        check_effects(app, {**text, "tokenizer": "bytes"}, options, preprocess)


@pytest.mark.parametrize(("app", "data"), [("language_model", "digits"), ("translation", "iris"), ("cnn", "digits")])
def test_all_that_config_yaml_has_may_be_given(app: str, data: str) -> None:
    """Also where options that the app has by default are for texts, and these data are none."""
    own = load_app(app)
    options, hparams = resolve(own, {"data": data})
    rows = open_rows(options)
    spec = rows["train"].source.spec
    form = "image" if data == "digits" else "vector"
    config, preprocess = config_of(own, options, hparams), Preprocess(spec, (form,), fit(spec, rows["train"]))
    assert len(config) > 20 and config["data"] == data
    check_effects(own, config, options, preprocess)
    other, _ = resolve(own, {"data": data, "max_tokens": 7})
    with pytest.raises(ConfigError, match="max_tokens=7 has no effect"):
        check_effects(own, {**config, "max_tokens": 7}, other, preprocess)


def test_a_data_directory_is_for_what_lies_in_it(tmp_path: Path) -> None:
    for name in ("fashion_mnist", "tfds:mnist", "table.csv", "folder", "toys.orders"):
        check_data_dir(name, str(tmp_path))
    for name in {*names_in(SOURCES)} - {"fashion_mnist"}:
        with pytest.raises(ConfigError, match=f"has no effect: the data {name} comes with a package, or is"):
            check_data_dir(name, str(tmp_path))
    with pytest.raises(ConfigError, match="has no effect: the data /a/table.csv is a whole path"):
        check_data_dir("/a/table.csv", str(tmp_path))


def test_a_run_is_not_told_of_a_place_that_its_data_do_not_have(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="data_dir=.* has no effect: the data wine comes with a package"):
        kerasapps.load(OLD / "mlp_wine", data_dir=str(tmp_path))
