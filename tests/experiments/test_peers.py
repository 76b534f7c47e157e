"""The parts of the benchmark: operations counted, rows made and handed over, sides, ratios."""

import dataclasses
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from layouts import one_field

from experiments.peers import fit, flops, handover, measure, ours, prepare, sessions, show, worker
from experiments.peers.cases import CASES, GENERATION, Case
from experiments.peers.keras_transformers import MODELS
from experiments.peers.pytorch_schedule import share_of_rate
from kerasapps.app import load_app
from kerasapps.data.spec import Layout, Target
from kerasapps.engine.parts import build_parts
from kerasapps.engine.schedule import learning_rate
from kerasapps.hparams import Hparams
from kerasapps.runs.options import Options
from kerasapps.training.prepare import fit_preprocess


def model(app: str, *shape: int) -> Any:
    layout = one_field("image", shape, Target("classes", 10, tuple("0123456789")))
    return load_app(app).builders["functional"](load_app(app).hparams(), layout)["model"]


@pytest.mark.parametrize(
    "app, shape, products",
    [
        ("cnn", (28, 28, 1), (26**2 * 9 * 32, 11**2 * 9 * 32 * 64, 3**2 * 9 * 64 * 64, 576 * 64, 64 * 10)),
        ("cnn", (32, 32, 3), (30**2 * 27 * 32, 13**2 * 9 * 32 * 64, 4**2 * 9 * 64 * 64, 1024 * 64, 64 * 10)),
        (
            "resnet",
            (28, 28, 1),
            (
                *(14**2 * 9 * 32, 2 * 14**2 * 9 * 32 * 32, 7**2 * 9 * (32 * 64 + 64 * 64)),
                *(4**2 * 9 * (64 * 128 + 128 * 128), 128 * 10),
            ),
        ),
    ],
)
def test_operations_are_those_counted_by_hand(app: str, shape: tuple, products: tuple) -> None:
    assert flops.forward_flops(model(app, *shape)) == 2 * sum(products)


def test_a_layer_that_cannot_be_counted_is_named() -> None:
    recurrent = keras.Sequential([keras.Input([3, 2]), keras.layers.GRU(4, name="steps")])
    with pytest.raises(TypeError, match="steps is a GRU"):
        flops.forward_flops(recurrent)


def test_another_model_is_refused() -> None:
    worker.check_outputs([[1.0, 2.0]], [[1.0, 2.0]], "float32")
    with pytest.raises(ValueError, match="off by 0.5 of the largest"):
        worker.check_outputs([[1.0, 1.0]], [[1.0, 2.0]], "float32")


def recurrent_model(layout: Layout, **fields: Any) -> keras.Model:
    app = load_app("rnn")
    return app.builders["functional"](app.hparams(**fields), layout)["model"]


TWO = Target("classes", 2, ("no", "yes"))
ROWS, TEXT = one_field("sequence", (28, 28), TWO), one_field("tokens", (100,), TWO, vocabulary=50)


@pytest.mark.parametrize(
    "layout, fields, products",
    [
        (ROWS, {"units": (128,)}, (28 * (28 + 128) * 4 * 128, 128 * 2)),
        (ROWS, {"units": (128,), "bidirectional": True}, (2 * 28 * (28 + 128) * 4 * 128, 256 * 2)),
        (TEXT, {"cell": "gru", "units": (8,), "embedding": 16}, (100 * (16 + 8) * 3 * 8, 8 * 2)),
        (
            TEXT,
            {"cell": "simple", "units": (8, 4), "embedding": 16},
            (100 * (16 + 8) * 8, 100 * (8 + 4) * 4, 4 * 2),
        ),
    ],
)
def test_operations_of_steps_are_those_counted_by_hand(layout: Layout, fields: dict, products: tuple) -> None:
    assert flops.forward_flops(recurrent_model(layout, **fields)) == 2 * sum(products)


@pytest.mark.parametrize(
    "cell, bidirectional",
    [
        ("lstm", False),
        *(
            pytest.param(*other, marks=pytest.mark.slow)
            for other in (("simple", False), ("gru", False), ("lstm", True))
        ),
    ],
)
def test_fit_gets_recurrent_layers_of_keras_with_the_same_outputs(cell: str, bidirectional: bool) -> None:
    model = recurrent_model(TEXT, cell=cell, bidirectional=bidirectional, units=(6, 4), embedding=5, l2=0.1)
    clone = keras.models.clone_model(model, clone_function=prepare.stock_layer)
    stock = keras.models.model_from_json(clone.to_json())
    assert not any(type(layer).__module__.startswith("kerasapps.") for layer in stock.layers)
    stock.set_weights([weight + 0.1 for weight in model.get_weights()])
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    is_word = np.arange(100) < np.array([[100, 40, 3, 1, 0, 99, 7]]).T
    tokens = np.random.default_rng(0).integers(1, 50, (7, 100)) * is_word
    np.testing.assert_allclose(stock(tokens), model(tokens), atol=1e-5)
    assert len(stock.losses) == len(model.losses) == 3 + 2 * bidirectional


@pytest.mark.parametrize("app, layer", [("cnn", "dropout"), ("resnet", "stem_norm")])
def test_peers_get_layers_of_keras(app: str, layer: str) -> None:
    stock = prepare.stock_layer(model(app, 28, 28, 1).get_layer(layer))
    assert type(stock).__module__.startswith("keras.") and stock.name == layer


@pytest.mark.parametrize("case", {case.app: case for case in CASES}.values(), ids=lambda case: case.app)
def test_models_of_every_application_of_a_case_can_be_handed_over_and_counted(case: Case) -> None:
    app, hparams = sessions.case_hparams(case)
    rows = sessions.case_rows(case, Options(data=case.data, rows=40))
    preprocess = fit_preprocess(app, Options(data=case.data), rows)
    parts = build_parts(app, "functional", hparams, preprocess.layout, seed=0)
    for part in parts.values():
        assert flops.forward_flops(part) > 0
        if case.app in MODELS:
            continue  # which are written by hand
        stock = keras.models.model_from_json(prepare._stock(part).to_json())
        assert [w.shape for w in stock.weights] == [w.shape for w in part.weights]
        assert all(type(layer).__module__.startswith("keras.") for layer in stock.layers)


TOKENS = one_field("tokens", (12,), Target("none", 0), vocabulary=50)
CLASSES = one_field("tokens", (12,), TWO, vocabulary=50)
SMALL = {"layers": 2, "heads": 2, "width": 8, "feed_forward": 6, "activation": "gelu", "dropout": 0.0}


def small(app: str) -> tuple[keras.Model, Hparams]:
    """A Transformer of random weights."""
    hparams = load_app(app).hparams(**SMALL)
    parts = build_parts(load_app(app), "functional", hparams, CLASSES if app == "transformer" else TOKENS, seed=0)
    generator = np.random.default_rng(0)
    parts["model"].set_weights([generator.normal(0, 0.5, weight.shape) for weight in parts["model"].get_weights()])
    return parts["model"], hparams


@pytest.mark.parametrize("app", list(MODELS))
def test_transformers_written_with_keras_have_the_same_outputs(app: str) -> None:
    model, hparams = small(app)
    written = MODELS[app](dataclasses.asdict(hparams), (12,), model.output_shape[-1], 50)
    written.set_weights(model.get_weights())
    tokens = np.random.default_rng(1).integers(2, 50, (3, 12))
    np.testing.assert_allclose(written(tokens), model(tokens), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("app, last", [("transformer", 8 * 2), ("language_model", 12 * 8 * 50)])
def test_operations_of_transformers_are_those_counted_by_hand(app: str, last: int) -> None:
    """Four products of 8x8, two of 8x6 and, of 12 queries of 8 numbers with 12 keys and with 12 values, two."""
    blocks = 2 * (12 * (4 * 8 * 8 + 2 * 8 * 6) + 2 * 12 * 12 * 8)
    assert flops.forward_flops(small(app)[0]) == 2 * (blocks + last)


def test_texts_of_characters_have_no_labels_and_need_no_padding() -> None:
    rows = sessions.case_rows(GENERATION, Options(data=GENERATION.data, rows=40))
    texts = rows["train"].read()["text"]
    assert {len(text) for text in texts} == {256} and len({*"".join(texts)}) == 94


def test_steps_of_transformers_written_with_keras_are_those_of_the_whole() -> None:
    model, hparams = small("language_model")
    written = MODELS["language_model"](dataclasses.asdict(hparams), (12,), 50, 50)
    written.set_weights(model.get_weights())
    block, x = written.get_layer("block_1"), np.random.default_rng(2).normal(size=(3, 12, 8)).astype(np.float32)
    cache, steps = np.zeros((3, 2, 12, 2, 4), np.float32), []
    for at in range(12):
        step, cache = block.step(x[:, at : at + 1], cache, at)
        steps.append(step)
    np.testing.assert_allclose(np.concatenate(steps, axis=1), block(x), rtol=1e-3, atol=1e-4)


def test_a_layer_that_keras_does_not_have_is_named() -> None:
    unknown = type("Unknown", (keras.layers.Layer,), {"__module__": "kerasapps.layers.unknown"})
    with pytest.raises(TypeError, match="mine is a Unknown"):
        prepare.stock_layer(unknown(name="mine"))


def test_rows_of_noise_are_as_many_as_those_of_mnist() -> None:
    first, again = (sessions.noise("random_32x32x3", (32, 32, 3)) for _ in range(2))
    assert (first.splits["train"]["image"] == again.splits["train"]["image"]).all()
    case = Case("noise", "cnn", "random_32x32x3", {})
    session = sessions.open_session(case, 40, execution="eager", builder="functional")
    assert (
        session.data.train["inputs"]["image"].shape == (40, 32, 32, 3) and len(session.data.validation["labels"]) == 400
    )


@pytest.mark.slow
def test_texts_of_noise_know_all_their_words_and_need_no_padding() -> None:
    case = Case("noise", "rnn", "random_text_100", {}, fields={"units": (2,), "embedding": 2})
    session = sessions.open_session(case, None, execution="eager")
    layout = session.data.preprocess.layout
    tokens = layout.given(session.data.train["inputs"])
    assert tokens.shape == (3600, 100) and layout.only.vocabulary == 10_002
    assert tokens.min() == 2 and tokens.max() == 10_001
    assert prepare.share("rnn", session).vocabulary == 10_002


def test_a_case_carries_options_and_hyperparameters() -> None:
    case = Case("other", "mlp", "xor", {}, None, {"hidden": (4,)}, 2, {"seed": 7})
    session = sessions.open_session(case, None, execution="eager")
    assert (session.options.seed, session.hparams.hidden, session.batch_size) == (7, (4,), 2)


def test_what_is_handed_over_comes_back(tmp_path: Path) -> None:
    for case in CASES:
        task = handover.Task(dataclasses.replace(case, fields={}), "auto", None)
        handover.write_task(tmp_path, task)
        assert handover.read_task(tmp_path) == task
    shared = prepare.share(CASES[0].app, sessions.open_session(CASES[0], None, execution="eager"))
    handover.write_shared(tmp_path, shared)
    again = handover.read_shared(tmp_path)
    assert again.optimizers == shared.optimizers and again.hparams == shared.hparams
    assert [w.tolist() for w in again.weights()] == [w.tolist() for w in shared.weights()] and len(again.weights()) == 2


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("warmup_epochs", [0.0, 0.7, 9.0])
def test_the_rates_of_pytorch_are_ours(schedule: str, warmup_epochs: float) -> None:
    hparams = Hparams(learning_rate=0.4, epochs=3, schedule=schedule, warmup_epochs=warmup_epochs)
    rate, share = learning_rate(hparams, 10), share_of_rate(dataclasses.asdict(hparams), 10)
    expected = [float(rate(step)) if callable(rate) else rate for step in range(35)]
    np.testing.assert_allclose([0.4 * share(step) for step in range(35)], expected, rtol=1e-6, atol=1e-8)


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> dict[str, worker.Side]:
    """Ours and fit of the smallest case, in this process."""
    folder = tmp_path_factory.mktemp("sides")
    handover.write_task(folder, handover.Task(CASES[0], "auto", None))
    prepare.Preparation(folder).prepare()
    return {"ours": ours.Ours(folder), "fit": fit.Fit(handover.read_shared(folder), bare=False)}


@pytest.mark.parametrize("name", ["ours", "fit"])
def test_a_side_stops_at_the_target(sides: dict[str, worker.Side], name: str) -> None:
    """Any loss is good enough after the first epoch, of which a call of the engine does many; none is below 0."""
    side = sides[name]
    assert side.warm(0.02)["epochs"] >= 1
    reached = side.reach("loss", 1e9, 30, 0)
    assert reached["epochs"] == 1 and 0 < reached["seconds"] < 5
    assert side.reach("loss", -1.0, 2, 0) is None


@pytest.mark.parametrize("name", ["ours", pytest.param("fit", marks=pytest.mark.slow)])
def test_every_training_to_the_target_begins_anew(sides: dict[str, worker.Side], name: str) -> None:
    """By chance of the order of rows alone it differs; from weights already trained one epoch would do."""
    runs = [sides[name].reach("loss", 0.05, 100, turn)["epochs"] for turn in (0, 1, 0)]
    assert runs[0] == runs[2] and min(runs) > 2


def test_ratios_are_those_of_each_turn() -> None:
    turns = [{"ours": 1.0, "fit": 2.0}, {"ours": 2.0, "fit": 2.0}, {"ours": 1.0, "fit": 3.0}]
    case = Case("c", "cnn", "mnist_5k", {"fit": 2.5, "torch": 1.5})
    found = measure.ratios(case, turns)
    assert found["fit"] == {"median": 2.0, "least": 1.0, "most": 3.0, "at_least": 2.5, "holds": False}
    assert show.bound_text(found["fit"]) == ">= 2.5 MISSED" and show.ratio_text(found["fit"]) == "2 (1 to 3)"
    assert found["torch"]["holds"] is None and show.ratio_text(found["torch"]) == ""


def test_sides_begin_in_turn() -> None:
    asked: list[str] = []

    class Fake:
        def __init__(self, name: str) -> None:
            self.name = name

        def ask(self, do: str, epochs: int) -> float:
            asked.append(self.name)
            return float(epochs)

    turns = measure.take_turns({"a": Fake("a"), "b": Fake("b")}, {"a": 1, "b": 2}, 2)
    assert asked == ["a", "b", "b", "a"] and turns == [{"a": 1.0, "b": 2.0}] * 2
