"""config.yaml as earlier versions wrote it."""

import pytest
import yaml

from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.errors import CheckpointError, ConfigError
from kerasapps.runs import checkpoint, directory
from kerasapps.runs.config import resolve, resolve_saved
from kerasapps.runs.migrate import FORMAT, migrated, renamed
from kerasapps.training import train as training

OLD = """
app: {app}
data: {data}
data_dir: ''
target: ''
features: []
max_tokens: 10000
sequence_length: 100
history: 0
horizon: 0
rows: 0
split_seed: 0
seed: 0
builder: functional
strategy: auto
devices: 0
execution: auto
require_xla: false
precision: float32
pipeline: auto
from_run: ''
checkpoint_every_steps: 0
gradient_accumulation_steps: 1
plateau_patience: 5
l1: 0.0
early_stopping_patience: 0
monitor: val_loss
"""
"""Of a format 1; of each app the rest follows."""
LINEAR = """
epochs: 5000
global_batch_size: 1048576
optimizer: sgd
optimizer_settings:
  momentum: 0.95
  nesterov: true
learning_rate: 0.05
schedule: constant
warmup_epochs: 0.0
decay_rate: 0.5
decay_epochs: 10.0
l2: 0.0
ema_momentum: 0.0
keep: last
"""
SPEECH = """
epochs: 40
global_batch_size: 64
optimizer: adam
optimizer_settings: {}
learning_rate: 0.004
schedule: cosine
warmup_epochs: 1.0
decay_rate: 0.5
decay_epochs: 10.0
l2: 1.0e-05
ema_momentum: 0.99
keep: last
time_shift_frames: 0
frequency_shift_bands: 2
noise: 0.0
filters: [24, 48, 64]
recurrent_units: 0
cell: gru
dropout: 0.0
"""
NONE = {"data_dir", "target", "features", "history", "horizon", "rows", "devices", "from_run", "checkpoint_every_steps"}
NONE |= {"early_stopping_patience"}


def run_of(path, text: str):
    (path / "config.yaml").write_text(text, encoding="utf-8")
    checkpoint.write_sums(path)
    return path


@pytest.mark.parametrize(
    ("app", "data", "more", "none"),
    [
        ("linear_regression", "diabetes", LINEAR, {"ema_momentum", "global_batch_size"}),
        ("speech", "speech_words", SPEECH, {"recurrent_units"}),
        ("vae", "digits", "scale: 0.0\nfree_bits: 0.0\nbeta: 0.0\nglobal_batch_size: 64\n", {"scale"}),
        ("gan", "ring", "discriminator_learning_rate: 0.0\ngradient_penalty: 0.0\n", {"discriminator_learning_rate"}),
        ("autoencoder", "iris", "normal: ''\nnoise: 0.0\nwidths: []\n", {"normal"}),
    ],
)
def test_what_marked_none_becomes_none_and_nothing_else_changes(tmp_path, app, data, more, none) -> None:
    text = OLD.format(app=app, data=data) + more
    before, after = yaml.safe_load(text), directory.read_config(run_of(tmp_path, text))
    none = none | NONE
    assert after == {name: None if name in none else value for name, value in before.items()}
    loaded, options, hparams = resolve_saved(tmp_path)
    now = {**vars(options), **vars(hparams)}
    for name, value in after.items():
        expected = tuple(value) if isinstance(value, list) else value
        assert name == "app" or now[name] == expected, name
    assert directory.config_of(loaded, options, hparams).keys() >= {*before, "format"}


def test_what_was_given_stays(tmp_path) -> None:
    text = OLD.format(app="vae", data="x.csv").replace("rows: 0", "rows: 50").replace("''", "y")
    text = text.replace("features: []", "features: [a, b]") + "scale: 0.5\nglobal_batch_size: 1000000\n"
    assert directory.read_config(run_of(tmp_path, text.replace(": 0\n", ": 3\n"))) == yaml.safe_load(
        text.replace(": 0\n", ": 3\n")
    )


def test_todays_configuration_is_left_alone() -> None:
    app, options, hparams = split("linear_regression")
    config = directory.config_of(app, options, hparams)
    assert config["format"] == FORMAT and migrated(config) == config
    assert migrated({"format": 2, "rows": 0, "global_batch_size": 1 << 21}) == {
        "format": 2,
        "rows": 0,
        "global_batch_size": 1 << 21,
    }


def split(name: str):
    app = load_app(name)
    return app, *resolve(app, {})


@pytest.mark.parametrize(("number", "from_zero"), [("", True), ("format: 2\n", True), ("format: 3\n", False)])
def test_runs_of_formats_1_and_2_warm_up_from_zero(tmp_path, number, from_zero) -> None:
    app, options, hparams = resolve_saved(run_of(tmp_path, f"app: mlp\nwarmup_epochs: 2.0\n{number}"))
    assert hparams.warmup_from_zero is from_zero and hparams.warmup_epochs == 2.0
    assert "warmup_from_zero" not in directory.config_of(app, options, hparams)


@pytest.mark.parametrize(("said", "rows"), [("", 0), ("scored_rows: 64\n", 64)])
def test_a_run_older_than_scores_while_training_has_none(tmp_path, said, rows) -> None:
    assert resolve_saved(run_of(tmp_path, f"app: translation\nformat: 3\n{said}"))[1].scored_rows == rows


@pytest.mark.parametrize(("number", "name"), [(1, "sequence_accuracy"), (3, "sequence_accuracy"), (4, "exact_match")])
def test_metrics_of_old_translations_have_the_names_of_today(tmp_path, number, name) -> None:
    config = {"app": "translation", "format": number, "monitor": "val_exact_match"}
    assert migrated(config)["monitor"] == f"val_{name}"
    history = {"loss": [1.0], "val_exact_match": [0.5]}
    assert renamed(config, history) == {"loss": [1.0], f"val_{name}": [0.5]}
    assert renamed({**config, "app": "rnn"}, history) == history


@pytest.mark.parametrize(("number", "missing"), [("", "refuse"), ("format: 4\n", "refuse"), ("format: 5\n", "fill")])
def test_tables_of_runs_of_earlier_formats_have_no_gaps(tmp_path, number, missing) -> None:
    assert resolve_saved(run_of(tmp_path, f"app: mlp\n{number}"))[1].missing == missing


@pytest.mark.parametrize("number", [6, 0, "two", 1.5])
def test_a_format_that_is_not_known_is_refused(tmp_path, number) -> None:
    with pytest.raises(CheckpointError, match=f"config.yaml: format: {number!r} given, expected 1 to {FORMAT}"):
        directory.read_config(run_of(tmp_path, f"app: mlp\nformat: {number}\n"))


@pytest.mark.parametrize("text", ["app: mlp\nepochs: 2001-99-99\n", "app: mlp\n1: 2\n", "app: 3\n", "[app]\n"])
def test_a_damaged_configuration_is_refused(tmp_path, text) -> None:
    with pytest.raises(CheckpointError, match=r"config.yaml is damaged: "):
        directory.read_config(run_of(tmp_path, text))


@pytest.mark.parametrize(("rows", "expected"), [("none", None), ('"16"', 16), ("16", 16), ("1048576", None)])
def test_a_batch_is_read_in_any_words(tmp_path, monkeypatch, rows, expected) -> None:
    made = []
    monkeypatch.setattr(training, "train", lambda app, **given: made.append(given) or 1 / 0)
    (tmp_path / "c.yaml").write_text(f"app: mlp\nglobal_batch_size: {rows}\n", encoding="utf-8")
    with pytest.raises(ZeroDivisionError):
        main(["train", "mlp", "--config", str(tmp_path / "c.yaml")])
    assert made == [{"global_batch_size": expected}]


def test_a_file_of_a_later_format_configures_nothing(tmp_path, capsys) -> None:
    (tmp_path / "c.yaml").write_text("app: mlp\nformat: 99\n", encoding="utf-8")
    assert main(["train", "mlp", "--config", str(tmp_path / "c.yaml")]) == 2
    assert f"c.yaml: format: 99 given, expected 1 to {FORMAT}" in capsys.readouterr().err


def test_the_configuration_of_an_old_run_configures_a_new_one(tmp_path, monkeypatch) -> None:
    made = []

    def record(app: str, **given: object) -> None:
        made.append(given)
        raise ConfigError("seen")

    monkeypatch.setattr(training, "train", record)
    path = tmp_path / "old.yaml"
    path.write_text(OLD.format(app="linear_regression", data="diabetes") + LINEAR, encoding="utf-8")
    assert main(["train", "linear_regression", "--config", str(path), "--epochs", "2"]) == 2
    assert made[0]["rows"] is None and made[0]["global_batch_size"] is None and made[0]["epochs"] == 2
    assert "format" not in made[0] and "app" not in made[0]
    app, given = load_app("linear_regression"), {**made[0], "warmup_epochs": 1.0}
    assert not resolve(app, given)[1].warmup_from_zero
