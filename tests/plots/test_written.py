"""Plots of texts: tables have what models made, lines the losses of each place, maps what attention looks at."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

from kerasapps.apps import language_model, transformer, translation
from kerasapps.data import tokenizers
from kerasapps.data.spec import Column, Spec, Target
from kerasapps.data.tokenizers import TextOptions
from kerasapps.engine.parts import build_parts
from kerasapps.figures.heatmaps import attention_maps
from kerasapps.layers.attention import Attention
from kerasapps.plots import attention, written

BYTES = tokenizers.tokenizer(TextOptions(tokenizer="bytes"), [])
TINY = {"layers": 2, "heads": 2, "width": 8, "feed_forward": 8}
TEXTS = np.array(["in a longer text", "seven b", "x"], object)
TIME, NOTHING = 9, Target("none")


def view_of(app, target: Target = NOTHING, **own: object) -> SimpleNamespace:
    """What plots need of a run of a new model on TEXTS."""
    layout = one_field("tokens", (TIME,), target, vocabulary=258, tokenizer=BYTES, columns=("text",))
    hparams = app.APP.hparams(**TINY)
    task = app.APP.task(build_parts(app.APP, "functional", hparams, layout, seed=1), hparams, layout)
    return SimpleNamespace(
        layout=layout,
        spec=Spec((Column("text", "text"),), Column("wanted", "text")),
        task=task,
        columns={"test": {"text": TEXTS}},
        apply=lambda columns: BYTES.encode(columns["text"], TIME),
        **own,
    )


def lines_of(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_translations_are_told_apart_by_whether_they_are_wanted() -> None:
    answer = {"text": np.array(["eins", "zwei", "drei"], object), "score": np.array([-0.5, -0.1, -0.2])}
    view = view_of(language_model, predict=lambda columns: answer)
    view.columns["test"]["wanted"] = np.array(["eins", "zwo", "vier"], object)
    lines = lines_of(written.translations(view))
    assert lines[0] == "Other than wanted, surest first (2 of 3 test texts)"
    assert lines[1:5] == ["score -0.100", "seven b → zwei (wanted: zwo)", "score -0.200", "x → drei (wanted: vier)"]
    assert lines[5:] == ["As wanted, surest first", "score -0.500", "in a longer text → eins"]


def test_a_translation_without_letters_is_seen() -> None:
    answer = {"text": np.array(["", "zwei", "drei"], object), "score": np.array([-0.1, -0.2, -0.3])}
    view = view_of(language_model, predict=lambda columns: answer)
    view.columns["test"]["wanted"] = np.array(["eins", "zwei", "drei"], object)
    assert lines_of(written.translations(view))[2] == "in a longer text → (nothing) (wanted: eins)"


def test_losses_are_means_over_texts_that_have_the_place() -> None:
    view = view_of(language_model)
    (line,) = written.loss_by_position(view).axes[0].lines
    tokens = BYTES.encode(TEXTS, TIME)
    logits = view.task.model(tokens).numpy().astype(np.float64)
    logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    nats = -np.take_along_axis(logs, tokens[..., None], axis=-1)[..., 0]
    expected = [nats[tokens[:, place] > 0, place].mean() for place in range(TIME)]
    np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-4)
    assert list(line.get_xdata()) == list(range(1, TIME + 1))


def test_samples_of_some_epochs_are_shown_as_text() -> None:
    samples = {epoch: BYTES.encode(np.array([f"epoch {epoch}\n"], object), 12) for epoch in range(1, 40)}
    lines = lines_of(written.generated(view_of(language_model, samples=samples)))
    assert lines[:2] == ["After epoch 1", "epoch 1\\n"] and lines[-1] == "epoch 39\\n"
    assert len(lines) == 12
    assert written.generated(view_of(language_model, samples={})) is None


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("heads", "shared"), [(2, None), (4, 1)])
def test_weights_shown_are_those_of_the_attention(heads: int, shared: int | None, causal: bool) -> None:
    layer = Attention(heads, shared, rotary=9.0, causal=causal)
    x = tf.constant(np.random.default_rng(0).normal(size=(2, 5, 8)), tf.float32)
    seen = tf.constant([[True] * 5, [True] * 3 + [False] * 2])
    expected = layer(x, mask=seen)
    keys, values = layer.keys_and_values(x)
    weights = layer.attention_weights(x, (keys, values), seen).numpy()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)
    whole = np.repeat(values, heads // (shared or heads), axis=2)
    mixed = np.einsum("bhqk,bkhd->bqhd", weights, whole).reshape(2, 5, 8)
    np.testing.assert_allclose(layer.outputs(mixed), expected, rtol=1e-3, atol=1e-4)


def test_maps_have_a_panel_a_head_and_the_names_of_tokens() -> None:
    maps = [np.full((2, 2, 3), 0.5), np.eye(3)[None, :2].repeat(2, axis=0)]
    figure = attention_maps(maps, ["a", "b"], ["x", "y", "z"], "title")
    assert [ax.get_title() for ax in figure.axes] == [f"block {b}, head {h}" for b in (1, 2) for h in (1, 2)]
    np.testing.assert_array_equal(figure.axes[3].images[0].get_array(), np.eye(3)[:2])
    assert [label.get_text() for label in figure.axes[2].get_xticklabels()] == ["x", "y", "z"]
    assert figure.get_suptitle() == "title"


@pytest.mark.parametrize("app", [transformer, language_model])
def test_attention_of_a_text_that_can_be_read(app) -> None:
    """Of two blocks with two heads; "seven b" and its end have eight tokens, the longer text has no end."""
    target = Target("classes", 2, ("a", "b")) if app is transformer else NOTHING
    figure = attention.self_attention(view_of(app, target))
    assert len(figure.axes) == 4
    shown = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    whole = [*"in␣a␣long"]
    assert shown == (whole if app is transformer else ["<start>", *whole[:-1]])
    image = np.asarray(figure.axes[1].images[0].get_array())
    assert image.shape == (9, 9)
    assert (np.abs(np.triu(image, 1)).max() == 0) == (app is language_model)


def test_attention_to_the_source() -> None:
    target = Target("tokens", 258, length=5, tokenizer=BYTES)
    figure = attention.source_attention(view_of(translation, target))
    assert len(figure.axes) == 4
    assert np.asarray(figure.axes[0].images[0].get_array()).shape[1] == 9


def test_of_empty_texts_there_is_no_map() -> None:
    view = view_of(transformer, Target("classes", 2, ("a", "b")))
    view.columns["test"]["text"] = np.array([], object)
    assert attention.self_attention(view) is None
