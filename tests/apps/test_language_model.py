"""Language models: scores of texts by hand, what a step may see, and texts that are made."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

import kerasapps
from kerasapps.apps.language_model import APP, LanguageModel
from kerasapps.cli import predict
from kerasapps.data import tokenizers
from kerasapps.data.spec import Target
from kerasapps.data.tokenizers import TextOptions
from kerasapps.engine.parts import build_parts
from kerasapps.errors import ConfigError
from kerasapps.exporters import exported
from kerasapps.runs.run import Run

TINY = {"layers": 1, "heads": 2, "width": 8, "feed_forward": 8}
TEXTS = np.array(["né!", "abcdefgh"], object)


def task_of(*, length: int = 5, **hparams: object) -> LanguageModel:
    """The task of a new model of so many tokens a text."""
    made = tokenizers.tokenizer(TextOptions(tokenizer="characters"), ["é"])
    layout = one_field("tokens", (length,), Target("none"), vocabulary=len(made.tokens), tokenizer=made)
    own = APP.hparams(**{**TINY, **hparams})
    return LanguageModel(build_parts(APP, "functional", own, layout, seed=1), own, layout)


@pytest.mark.parametrize("tied", [True, False])
def test_scores_are_those_by_hand(tied: bool) -> None:
    task = task_of(tie_weights=tied)
    tokens = task.tokenizer.encode(TEXTS, 5)
    np.testing.assert_array_equal(tokens, [[2 + ord("n"), 258, 2 + ord("!"), 1, 0], [2 + ord(c) for c in "abcde"]])
    logits = task.model(tokens).numpy().astype(np.float64)
    nats = np.log(np.exp(logits).sum(axis=-1)) - np.take_along_axis(logits, tokens[..., None], axis=-1)[..., 0]
    nats *= tokens > 0
    batch = {"inputs": {"inputs": tokens}, "weights": np.ones(2, np.float32)}
    loss, number = task.evaluate(batch)["loss"]
    np.testing.assert_allclose(loss, nats.sum(), rtol=1e-5)
    assert number == 9
    outputs = task.outputs(batch["inputs"]).numpy()
    np.testing.assert_allclose(outputs, [[nats[0].sum(), 4, 3], [nats[1].sum(), 5, 5]], rtol=1e-5)
    scores = task.score(type("Answered", (), {"outputs": outputs}))
    assert scores["perplexity"] == pytest.approx(math.exp(nats.sum() / 9), rel=1e-5)
    assert scores["bits_per_character"] == pytest.approx(nats.sum() / math.log(2) / 8, rel=1e-5)


def test_a_row_without_weight_and_padding_change_nothing() -> None:
    task = task_of()
    tokens = task.tokenizer.encode(TEXTS, 5)
    weights = task.weights({"inputs": {"inputs": tokens}, "weights": np.float32([1, 0])})
    np.testing.assert_array_equal(weights, [[1, 1, 1, 1, 0], [0] * 5])
    longer = task_of(length=8).model
    longer.set_weights(task.model.get_weights())
    padded = np.pad(tokens, [[0, 0], [0, 3]])
    np.testing.assert_allclose(longer(padded)[:, :5], task.model(tokens), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_token_is_told_from_those_before_it_alone(norm: str) -> None:
    task = task_of(norm=norm, layers=2)
    random = np.random.default_rng(0)
    task.model.set_weights([random.normal(size=weight.shape) for weight in task.model.get_weights()])
    embedding = task.model.get_layer("embedding")
    tokens = task.tokenizer.encode(TEXTS, 5)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(vectors := embedding(task.model.get_layer("shifted")(tokens)))
        x = vectors
        for block in [layer for layer in task.model.layers if layer.name.startswith("block")]:
            x = block(x)
        steps = [tf.reduce_sum(x[:, step] ** 2) for step in range(5)]
    for step, total in enumerate(steps):
        sizes = np.abs(tape.gradient(total, vectors)).max(axis=(0, 2))
        assert np.all(sizes[: step + 1] > 0)
        np.testing.assert_array_equal(sizes[step + 1 :], 0)
    changed = tokens.copy()
    changed[:, 2] = 7
    before, after = task.model(tokens).numpy(), task.model(changed).numpy()
    np.testing.assert_array_equal(before[:, :3], after[:, :3])
    assert np.abs(before[:, 3:] - after[:, 3:]).max() > 1e-3


def test_words_are_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Expected characters, bytes or subwords"):
        kerasapps.train("language_model", tokenizer="words", rows=40, run_dir=str(tmp_path / "run"), **TINY)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_no_padding_is_made_even_where_it_is_the_likeliest(temperature: float) -> None:
    task = task_of()
    norm, embedding = task.model.get_layer("norm"), task.model.get_layer("embedding")
    norm.set_weights([np.zeros(8), np.ones(8)])  # so that all steps end as ones
    (vectors,) = embedding.get_weights()
    vectors[0], vectors[1] = 5, -5  # padding is likely, the end is not
    embedding.set_weights([vectors])
    choice = {"seed": tf.constant(0), "temperature": tf.constant(temperature), "top_k": 0, "top_p": tf.constant(1.0)}
    tokens, _ = task._extend(tf.zeros([2, 9], tf.int32), tf.constant([0, 4]), tf.constant(9), choice)
    assert np.all(tokens.numpy()[0] > 1) and np.all(tokens.numpy()[1, 4:] > 1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One that has seen 60 reviews."""
    given = {"rows": 60, "epochs": 1, "sequence_length": 24, "execution": "eager"}
    return kerasapps.train("language_model", run_dir=str(tmp_path_factory.mktemp("runs") / "run"), **given, **TINY)


def made(run: Run, **asked: object) -> str:
    return run.ask("generate", asked)["text"][0]


def test_a_text_begins_with_its_prompt_and_is_the_same_for_a_seed(run: Run) -> None:
    prompt = "Überall 数学"
    texts = [made(run, prompt=prompt, max_tokens=20, seed=seed) for seed in (1, 1, 2)]
    assert all(text.startswith(prompt) for text in texts)
    assert texts[0] == texts[1] != texts[2]
    assert made(run, prompt="", max_tokens=1, temperature=0.0) == made(run, max_tokens=1, top_k=1, seed=9)


def test_a_prompt_may_be_longer_than_texts_of_training(run: Run) -> None:
    prompt = "It is long. " * 30
    assert len(made(run, prompt=prompt, max_tokens=5, temperature=0.0)) > len(prompt)


@pytest.fixture(scope="module")
def generate(run: Run) -> tf.types.experimental.ConcreteFunction:
    """What the exported file answers with."""
    return exported(run.signatures["generate"], run.preprocess)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", 0),
        ("max_tokens", 5000),
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("top_k", -1),
        ("top_p", 0.0),
        ("top_p", 1.1),
        ("seed", -1),
        ("prompt", "\udcff"),  # the byte 0xff on the command line, which is no UTF-8
        pytest.param("prompt", "a" * 100_000, id="prompt-long"),
    ],
)
def test_what_cannot_be_asked_is_refused_everywhere(
    run: Run, generate: Callable, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    """With exit status 2 and a short message on the command line, in Python, and by what is exported."""
    with pytest.raises(ConfigError, match=f"^{name}=.*Expected ") as refused:
        run.ask("generate", {name: value})
    monkeypatch.setattr(predict, "load_run", lambda path: run)
    with pytest.raises(ConfigError) as told:
        predict.run(["run", "--signature", "generate", f"{name}={value}"])
    assert told.value.exit_status == 2 and str(told.value) == str(refused.value) and len(str(told.value)) < 500
    given = dict(run.signatures["generate"].examples)
    bad = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    given[name] = np.array(bad, given[name].dtype)
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"{name}: expected "):
        generate(**{key: tf.constant(one) for key, one in given.items()})
