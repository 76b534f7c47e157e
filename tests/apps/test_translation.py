"""Translation: losses by hand, padding and causality, and texts that are made as the decoder alone makes them."""

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

import kerasapps
from kerasapps.__main__ import main
from kerasapps.apps.translation import APP, Translation
from kerasapps.cli import predict
from kerasapps.data import tokenizers
from kerasapps.data.spec import Target
from kerasapps.data.tokenizers import END, TextOptions
from kerasapps.decoding.beam import normalised
from kerasapps.engine.parts import build_parts
from kerasapps.errors import ConfigError, DataError
from kerasapps.exporters import exported
from kerasapps.layers.paths import weight_paths
from kerasapps.noise import Noise
from kerasapps.runs.run import Run

TINY = {"layers": 2, "heads": 2, "width": 8, "feed_forward": 8}
SOURCE = np.array([[5, 6, 1, 0, 0], [7, 8, 9, 4, 1]], np.int32)
LABELS = np.array([[9, 1, 0, 0], [4, 5, 6, 7]], np.int32)
BATCH = {"inputs": {"inputs": SOURCE}, "labels": LABELS, "weights": np.ones(2, np.float32)}


def task_of(seed: int = 1, **hparams: object) -> Translation:
    """The task of a model with weights that are all different, of five tokens to four."""
    pieces = tokenizers.tokenizer(TextOptions(tokenizer="bytes"), [])
    target = Target("tokens", 258, length=4, tokenizer=pieces)
    layout = one_field("tokens", (5,), target, vocabulary=258, tokenizer=pieces)
    own = APP.hparams(**{**TINY, **hparams})
    task = Translation(build_parts(APP, "functional", own, layout, seed=1), own, layout)
    random = np.random.default_rng(seed)
    for part in task.parts.values():
        part.set_weights([random.normal(size=weight.shape) / 2 for weight in part.get_weights()])
    return task


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_losses_and_metrics_are_those_by_hand(smoothing: float) -> None:
    task = task_of(label_smoothing=smoothing)
    logits = task._logits(BATCH, training=False).numpy().astype(np.float64)
    logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    own = -np.take_along_axis(logs, LABELS[..., None], axis=-1)[..., 0]
    loss = task._loss(BATCH, Noise(0, 0))
    assert task.hparams.dropout == 0.1
    still = task_of(label_smoothing=smoothing, dropout=0.0)
    np.testing.assert_allclose(
        still._loss(BATCH, Noise(0, 0)).values, (1 - smoothing) * own - smoothing * logs.mean(axis=-1), rtol=1e-4
    )
    assert np.abs(loss.values - own).max() > 1e-3
    sums = {name: tuple(map(float, pair)) for name, pair in task.evaluate(BATCH).items()}
    assert sums["loss"] == pytest.approx(((own * (LABELS > 0)).sum(), 6), rel=1e-5)
    right = (logits.argmax(axis=-1) == LABELS) & (LABELS > 0)
    assert sums["accuracy"] == (right.sum(), 6)
    assert sums["sequence_accuracy"] == (sum((right | (LABELS == 0)).all(axis=1)), 2)
    assert next(iter(sums)) == "loss"


def test_a_text_is_right_where_all_of_its_tokens_are() -> None:
    task = task_of()
    logits = np.zeros((3, 4, 258), np.float32)
    for row, tokens in enumerate(([9, 1, 7, 7], [4, 5, 6, 8], [0, 0, 0, 0])):
        logits[row, range(4), tokens] = 1
    labels, weights = np.concatenate([LABELS, LABELS[:1]]), np.concatenate([np.float32(LABELS > 0), np.zeros((1, 4))])
    sums = task._metrics({"labels": labels}, type("Loss", (), {"outputs": tf.constant(logits), "weights": weights}))
    assert [float(x) for pair in sums.values() for x in pair] == [5, 6, 1, 2]


def test_padding_and_later_tokens_change_nothing() -> None:
    task = task_of()
    before = task._logits(BATCH, training=False).numpy()
    weights = {path: weight for path, weight in weight_paths(task.encoder)}
    padding = weights["embedding/embeddings"]
    padding.assign(padding.numpy() + 5 * (np.arange(258) == 0)[:, None])
    np.testing.assert_allclose(task._logits(BATCH, training=False)[0], before[0], rtol=1e-5, atol=1e-6)
    changed = {**BATCH, "labels": np.where(np.arange(4) == 2, 77, LABELS).astype(np.int32)}
    after = task._logits(changed, training=False).numpy()
    np.testing.assert_allclose(after[:, :3], before[:, :3], rtol=1e-5, atol=1e-6)
    assert np.abs(after[1, 3] - before[1, 3]).max() > 1e-3


@pytest.mark.parametrize(
    ("norm", "beams"),
    [("pre", 3), ("post", 1), *(pytest.param(*case, marks=pytest.mark.slow) for case in [("pre", 1), ("post", 3)])],
)
def test_texts_are_made_as_the_decoder_over_whole_texts_makes_them(beams: int, norm: str) -> None:
    """Beam search in plain Python, each step by the model over all tokens so far, without a memory of its own."""
    task = task_of(seed=3, beams=beams, length_penalty=0.0, norm=norm, key_value_heads=1)
    tokens, scores = task._search({"inputs": SOURCE})
    for row in range(2):
        kept = [((), 0.0)]
        for _ in range(4):
            grown = [item for item in kept if END in item[0]]
            for text, total in [item for item in kept if END not in item[0]]:
                padded = np.zeros((1, 4), np.int32)
                padded[0, : len(text)] = text
                batch = {"inputs": {"inputs": SOURCE[row : row + 1]}, "labels": padded}
                logits = task._logits(batch, training=False).numpy()[0, len(text)].astype(np.float64)
                logs = logits - np.log(np.exp(logits).sum())
                grown += [((*text, token), total + logs[token]) for token in range(1, 258)]
            kept = sorted(grown, key=lambda item: -item[1])[:beams]
        text, total = kept[0]
        np.testing.assert_array_equal(tokens[row], text + (0,) * (4 - len(text)))
        np.testing.assert_allclose(scores[row], total, rtol=1e-4)


def test_the_longest_texts_have_scores_with_the_greatest_length_penalty() -> None:
    with pytest.raises(ConfigError, match="length_penalty"):
        APP.hparams(length_penalty=8.1)
    scores = normalised(tf.constant([-1.0, -2.0]), tf.constant([100_000, 100_000]), 8.0).numpy()
    assert scores[1] < scores[0] < 0


def test_words_are_refused_and_so_are_pairs_without_a_target(tmp_path: Path) -> None:
    given = {"rows": 40, "run_dir": str(tmp_path / "run"), **TINY}
    with pytest.raises(ConfigError, match="Expected characters, bytes or subwords"):
        kerasapps.train("translation", tokenizer="words", **given)
    with pytest.raises(ConfigError, match="translation cannot learn reviews"):
        kerasapps.train("translation", data="reviews", **given)


def assert_bad_texts_are_refused(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """On the command line, in Python and by what is exported; signs that no training text has are no bad ones."""
    monkeypatch.setattr(predict, "load_run", lambda path: run)
    translate = exported(run.signatures["translate"], run.preprocess)
    for text in ("", " \t", "a\udcff"):
        assert main(["predict", "run", text]) == 3
        assert "The text given: " in capsys.readouterr().err
        with pytest.raises(DataError, match="column source: .*Expected a text that is not empty"):
            run.predict([text])
        with pytest.raises(tf.errors.InvalidArgumentError, match="source: expected a text that is not empty"):
            translate(source=tf.constant([text.encode("utf-8", "surrogateescape")]))
    given = ["say a", "東京", "say a " * 20_000]
    answers = run.predict(given)
    assert translate(source=tf.constant(given))["text"].numpy().tolist() == [text.encode() for text in answers["text"]]
    assert main(["predict", "run", *given, "--json"]) == 0
    assert [row["text"] for row in json.loads(capsys.readouterr().out)] == answers["text"].tolist()


@pytest.mark.slow
def test_own_pairs_are_translated_in_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("".join(f"say {word}\tsag {word}é\n" for word in ("a", "b", "c", "d")) * 10, encoding="utf-8")
    run = kerasapps.train(
        "translation",
        data=str(pairs),
        run_dir=str(tmp_path / "run"),
        tokenizer="characters",
        sequence_length=8,
        epochs=50,
        global_batch_size=4,
        execution="graph",
        learning_rate=0.01,
        **{**TINY, "layers": 1, "width": 32, "feed_forward": 32},
    )
    assert_bad_texts_are_refused(run, monkeypatch, capsys)
    learnt = run.read("train")
    answer = run.ask("translate", learnt["source"])
    assert answer["text"].tolist() == [f"sag {text[-1]}é" for text in learnt["source"]]
    found = run.evaluate("train")
    assert found["exact_match"] == 1.0 and found["chrf"] > 99
    history, last = run.record["history"], run.record["validation"]
    for name in ("exact_match", "bleu", "chrf", "sequence_accuracy"):
        assert len(history[f"val_{name}"]) == 50 and history[f"val_{name}"][-1] == pytest.approx(last[name])
