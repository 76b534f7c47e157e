"""Masked language models: what is hidden and how, the loss by hand, answers, and classifiers that start there."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

import kerasapps
from kerasapps.apps.masked_language_model import APP, MaskedLanguageModel, hide
from kerasapps.data import tokenizers
from kerasapps.data.spec import Target
from kerasapps.data.tokenizers import TextOptions
from kerasapps.engine.parts import build_parts
from kerasapps.errors import ConfigError
from kerasapps.noise import NO_STEP, Noise
from kerasapps.runs.run import Run

TINY = {"layers": 1, "heads": 2, "width": 8, "feed_forward": 8}
WORDS = [f"w{number}" for number in range(18)]
LENGTHS = np.array([0, 1, 3, 10, 17, 30])


def texts_of(lengths: np.ndarray, vocabulary: int = 20) -> np.ndarray:
    """Random tokens [rows, 30], as many in each row as `lengths` says, padding behind them; none is token 1."""
    tokens = np.random.default_rng(0).integers(2, vocabulary, (len(lengths), 30))
    return np.where(np.arange(30) < lengths[:, None], tokens, 0).astype(np.int32)


def task_of(**hparams: object) -> MaskedLanguageModel:
    """The task of a new model of 30 words of WORDS a text."""
    made = tokenizers.tokenizer(TextOptions(), WORDS)
    layout = one_field("tokens", (30,), Target("none"), vocabulary=len(made.tokens), tokenizer=made)
    own = APP.hparams(**{**TINY, **hparams})
    return MaskedLanguageModel(build_parts(APP, "functional", own, layout, seed=1), own, layout)


def test_of_each_text_a_share_is_told_and_never_padding() -> None:
    tokens = texts_of(LENGTHS)
    for step in range(20):
        seen, told = (values.numpy() for values in hide(tokens, 0.15, 20, Noise(3, step)))
        np.testing.assert_array_equal(told.sum(axis=1), [0, 1, 1, 2, 3, 4])  # 0.15, 0.45, 1.5, 2.55 and 4.5 rounded
        assert not told[tokens == 0].any()
        np.testing.assert_array_equal(seen[~told], tokens[~told])
    assert hide(tokens, 1.0, 20, NO_STEP).told.numpy().sum() == LENGTHS.sum()


def test_tokens_are_hidden_in_three_ways_and_at_every_place_alike() -> None:
    """Shares and counts of 60,000 told tokens, within five standard deviations of what Devlin et al. say."""
    tokens, vocabulary = texts_of(np.full(10_000, 30), 1002), 1002
    seen, told = (values.numpy() for values in hide(tokens, 0.2, vocabulary, Noise(0, 7)))
    number = told.sum()
    assert number == 60_000
    shown, were = seen[told], tokens[told]
    replaced = shown[(shown != 1) & (shown != were)]
    # A random token is the very one that was there once in a thousand times.
    shares = {(shown == 1).mean(): 0.8, len(replaced) / number: 0.0999, (shown == were).mean(): 0.1001}
    for share, expected in shares.items():
        assert abs(share - expected) < 5 * np.sqrt(expected * (1 - expected) / number)
    assert replaced.min() == 2 and replaced.max() == vocabulary - 1
    counts = np.bincount(replaced, minlength=vocabulary)[2:]
    assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 1000 + 5 * np.sqrt(2 * 1000)  # chi-squared
    places = told.sum(axis=0)
    assert np.abs(places - 2000).max() < 5 * np.sqrt(10_000 * 0.2 * 0.8)


def test_another_step_hides_other_tokens_and_the_same_step_the_same() -> None:
    tokens = texts_of(np.full(8, 30))
    first, again, other = (hide(tokens, 0.15, 20, Noise(0, step)).told.numpy() for step in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("tied", [True, False])
def test_the_loss_is_that_by_hand(tied: bool) -> None:
    task, tokens = task_of(tie_weights=tied), texts_of(LENGTHS)
    random = np.random.default_rng(1)
    task.model.set_weights([random.normal(size=weight.shape) for weight in task.model.get_weights()])
    seen, told = (values.numpy() for values in hide(tokens, 0.15, 20, NO_STEP))
    logits = task.model(seen).numpy().astype(np.float64)
    nats = np.log(np.exp(logits).sum(axis=-1)) - np.take_along_axis(logits, tokens[..., None], axis=-1)[..., 0]
    right = logits.argmax(axis=-1) == tokens
    rows = np.float32([1, 1, 0, 1, 1, 1])
    batch, counted = {"inputs": {"inputs": tokens}, "weights": rows}, told * rows[:, None]
    np.testing.assert_array_equal(task.weights(batch), [0, 1, 0, 2, 3, 4])
    for sums, values in ((task.evaluate(batch)["loss"], nats), (task.evaluate(batch)["accuracy"], right)):
        np.testing.assert_allclose(sums, [(values * counted).sum(), 10], rtol=1e-5)
    outputs = task.outputs(batch["inputs"]).numpy()
    perplexity = task.score(type("Answered", (), {"outputs": outputs}))["perplexity"]
    assert perplexity == pytest.approx(np.exp((nats * told).sum() / 11), rel=1e-5)


def test_weights_are_known_before_the_choice() -> None:
    task, tokens = task_of(), texts_of(LENGTHS)
    batch = {"inputs": {"inputs": tokens}, "weights": np.ones(6, np.float32)}
    for step in range(5):
        np.testing.assert_array_equal(task.updates()[0].loss(batch, Noise(0, step)).weights, task.weights(batch))


def test_padding_changes_nothing() -> None:
    task, tokens = task_of(), texts_of(LENGTHS)
    before = task.model(tokens).numpy()
    embeddings, *others = task.model.get_weights()
    embeddings[0] += 7  # which is a logit, too, but of padding itself
    task.model.set_weights([embeddings, *others])
    np.testing.assert_allclose(task.model(tokens).numpy()[tokens > 0][:, 1:], before[tokens > 0][:, 1:], atol=1e-5)


def test_unknown_words_alone_are_filled() -> None:
    task = task_of()
    fill, tell = (task.signatures()[name].function for name in ("fill", "serving_default"))
    tokens = task.tokenizer.encode(np.array(["W3 w4, w5!", "w3 [MASK] w5", ""], object), 30)
    told, filled = tell({"inputs": tf.constant(tokens)}), fill({"inputs": tf.constant(tokens)})
    texts = [text.decode() for text in filled["text"].numpy()]
    logits = task.model(tokens).numpy().astype(np.float64)
    likeliest = logits[1, 1, 2:].argmax() + 2
    assert texts == ["w3 w4 w5", f"w3 {WORDS[likeliest - 2]} w5", ""]
    nats = logits[1, 1, likeliest] - np.log(np.exp(logits[1, 1]).sum())
    np.testing.assert_allclose(filled["log_probability"][1, 1], nats, rtol=1e-5)
    np.testing.assert_array_equal(filled["log_probability"].numpy()[tokens == 0], 0)
    np.testing.assert_array_equal(told["tokens"], np.where(tokens > 0, logits[..., 2:].argmax(axis=-1) + 2, 0))


@pytest.mark.slow
def test_exact_tokenizers_have_no_unknown_words(tmp_path: Path) -> None:
    given = {"tokenizer": "characters", "rows": 40, "sequence_length": 12, "epochs": 1, "execution": "eager"}
    run = kerasapps.train("masked_language_model", run_dir=str(tmp_path / "run"), **given, **TINY)
    assert list(run.signatures) == ["serving_default"]
    answer = run.ask("serving_default", {"review": np.array(["It is.", "?"], object)})
    np.testing.assert_array_equal(answer["tokens"] > 0, np.arange(12) < np.array([[7], [2]]))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One that has seen 60 reviews."""
    given = {"rows": 60, "epochs": 1, "sequence_length": 24, "execution": "eager"}
    run_dir = str(tmp_path_factory.mktemp("runs") / "run")
    return kerasapps.train("masked_language_model", run_dir=run_dir, **given, **TINY)


def test_its_accuracy_is_not_compared_with_that_of_classes(run: Run) -> None:
    assert run.layout.target.kind == "classes" and "accuracy" in run.record["test"]
    assert "baselines" not in run.record


@pytest.mark.parametrize("own", [{}, pytest.param({"norm": "post"}, marks=pytest.mark.slow)], ids=str)
def test_a_classifier_takes_the_whole_encoder(run: Run, own: dict, tmp_path: Path) -> None:
    """With its preprocessing; only the last layer is new."""
    given = {"rows": 20, "epochs": 1, "execution": "eager", "learning_rate": 1e-30, "from_run": str(run.directory)}
    classifier = kerasapps.train("transformer", run_dir=str(tmp_path / "run"), **given, **TINY, **own)
    started = classifier.record["warm_start"]
    assert started["preprocessing"] == "taken over"
    layers = {path.split("/")[1] for path in started["taken"]}
    assert layers == {"embedding", "block_1", *([] if own else ["norm"])}
    assert started["left_new"] == ["model/outputs/kernel", "model/outputs/bias"] and not started["resized"]
    taken = classifier.model.get_layer("embedding").embeddings.numpy()
    np.testing.assert_allclose(taken, run.model.get_layer("embedding").embeddings.numpy(), rtol=1e-6)


def test_a_classifier_of_a_table_has_the_words_of_text_files(tmp_path: Path) -> None:
    """Its own words would have other numbers; only its classes are fitted."""
    (tmp_path / "story.txt").write_text(
        "".join(f"the {('sea', 'sky')[i % 2]} is {i % 9} miles off\n" for i in range(80))
    )
    rows = [f'"a {("poor", "fine")[i % 2]} day at the sea, {i} miles off",{("no", "yes")[i % 2]}' for i in range(40)]
    (tmp_path / "table.csv").write_text("\n".join(["message,label", *rows]))
    given = {"epochs": 1, "execution": "eager", "rows": 20, **TINY}
    first = kerasapps.train(
        "masked_language_model", data=str(tmp_path / "story.txt"), run_dir=str(tmp_path / "1"), **given
    )
    given |= {"data": str(tmp_path / "table.csv"), "from_run": str(first.directory)}
    classifier = kerasapps.train("transformer", run_dir=str(tmp_path / "2"), **given)
    assert classifier.record["warm_start"]["preprocessing"] == "taken over"
    assert "model/embedding/embeddings" in classifier.record["warm_start"]["taken"]
    assert classifier.layout.target.names == ("no", "yes")
    words, own = classifier.preprocess.statistics["message"], first.preprocess.statistics["text"]
    assert words == own and "sky" in words and "poor" not in words
    assert kerasapps.load(classifier.directory).preprocess == classifier.preprocess


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"mask_share": 0.0}, "mask_share=0.0"), ({"mask_share": 1.1}, "mask_share=1.1"), ({"width": 12}, "even width")],
)
def test_what_hides_nothing_or_makes_no_network_is_refused(fields: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        APP.hparams(**fields)
