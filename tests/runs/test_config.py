"""Settings of a run where none are given: of its source, of the kinds of its inputs, of its application."""

from kerasapps.app import load_app
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Column, Spec
from kerasapps.runs.config import resolve, resolve_hparams

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
