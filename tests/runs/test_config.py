"""Settings of a run where none are given: of its source, of the kinds of its inputs, of its application."""

from pathlib import Path

import pytest
import yaml

from kerasapps.app import load_app
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Column, Spec
from kerasapps.runs import checkpoint, directory
from kerasapps.runs.config import resolve, resolve_hparams, resolve_saved

LIKED = Column("liked", "category", classes=("no", "yes"))
TEXTS = Spec((Column("said", "text"), Column("age", "number")), LIKED)


def test_texts_have_settings_of_their_own_that_flags_win_over() -> None:
    app = load_app("rnn")
    found = resolve_hparams(app, {"epochs": 3}, "said.csv", TEXTS)
    assert found == app.hparams(**{**app.suited["text"], "epochs": 3})
    assert found.units != app.hparams().units
    assert resolve_hparams(app, {}, "x.csv", Spec(TEXTS.inputs[1:], LIKED)) == app.hparams()


def test_settings_of_a_source_come_before_those_of_its_inputs() -> None:
    app = load_app("rnn")
    for source in ("reviews", "sunspots"):
        spec = open_source(source).spec
        assert resolve_hparams(app, {}, source, spec) == resolve(app, {"data": source})[1]


def test_another_optimizer_than_that_of_texts_has_neither_its_arguments_nor_its_rate() -> None:
    app = load_app("softmax_regression")
    assert resolve_hparams(app, {}, "said.csv", TEXTS).optimizer_settings
    other = resolve_hparams(app, {"optimizer": "adam"}, "said.csv", TEXTS)
    rate = app.suited["text"]["learning_rate"]
    assert other.optimizer_settings == {}
    assert other.learning_rate == app.hparams().learning_rate < rate
    given = {"optimizer": "adam", "learning_rate": 0.3}
    assert resolve_hparams(app, given, "said.csv", TEXTS).learning_rate == 0.3
    assert resolve_hparams(app, {"optimizer": "sgd"}, "said.csv", TEXTS) == resolve_hparams(app, {}, "said.csv", TEXTS)
    spelt_otherwise = resolve_hparams(app, {"optimizer": "SGD"}, "said.csv", TEXTS)
    assert spelt_otherwise.learning_rate == rate
    assert spelt_otherwise.optimizer_settings == app.suited["text"]["optimizer_settings"]


@pytest.mark.parametrize(
    ("app", "data", "name", "own"),
    [("rnn", "sunspots", "units", (128,)), ("translation", "dates", "length_buckets", 1)],
)
def test_a_setting_younger_than_the_run_has_its_own_default(
    tmp_path: Path, app: str, data: str, name: str, own: object
) -> None:
    """Not what was found to be better on the source since then; all else is as it was saved."""
    found = load_app(app)
    tuned = {**found.tuned[data], "epochs": 99}
    config = directory.config_of(found, *resolve(found, {"data": data, **tuned}))
    del config[name]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    checkpoint.write_sums(tmp_path)
    _, options, hparams = resolve_saved(tmp_path)
    resolved = {**vars(options), **vars(hparams)}
    assert resolved[name] == own
    assert {key: resolved[key] for key in tuned if key != name} == {key: tuned[key] for key in tuned if key != name}
