"""What only the GAN promises: its losses, who moves when, classes on demand, and that collapse is said."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from by_hand import batch, build, classes, vector_layout
from layouts import one_field

import kerasapps
from kerasapps.app import Answered, Parts, load_app
from kerasapps.data.sources.ring import CENTRES, DEVIATION
from kerasapps.data.spec import Layout, Target
from kerasapps.engine.cycle import make_cycle
from kerasapps.engine.segments import Segment
from kerasapps.engine.session import Session
from kerasapps.errors import ConfigError, TrainingError
from kerasapps.losses import adversarial
from kerasapps.metrics.quality import modes_reached
from kerasapps.noise import Noise
from kerasapps.runs.config import resolve
from kerasapps.training.prepare import open_session

APP = load_app("gan")
NOISE = np.random.default_rng(5)
TINY = {"latents": 3, "generator_units": (5,), "discriminator_units": (5,)}
PLAIN = {"adversarial_loss": "non_saturating", "schedule": "constant", "learning_rate": 2e-4, "ema_momentum": None}
"""The defaults, in the place of what suits the ring."""
NONE = Target("none")


def session(**given: Any) -> Session:
    """On the ring, nothing on disk."""
    small = {**TINY, **PLAIN, "data": "ring", "rows": 70, "global_batch_size": 32, "execution": "eager", **given}
    return open_session(APP, *resolve(APP, small))


def weights(part: Any) -> list[np.ndarray]:
    return [np.array(variable) for variable in part.variables]


@pytest.mark.parametrize("kind", adversarial.LOSSES)
def test_an_update_moves_its_own_network_only(kind: str) -> None:
    own = session(adversarial_loss=kind)
    batch = tf.nest.map_structure(lambda values: tf.constant(values[:32]), own.data.train) | {"weights": tf.ones([32])}
    for update, other in (own.updates, own.updates[::-1]):
        before = {name: weights(part) for name, part in own.parts.items()}
        make_cycle([update], own.optimizers, seed=0)(batch, 0)
        for old, new in zip(before[other.name], weights(own.parts[other.name]), strict=True):
            np.testing.assert_array_equal(new, old)
        for old, new in zip(before[update.name], weights(own.parts[update.name]), strict=True):
            # What the bias of the scores adds to a real row, it takes from a generated one.
            assert np.any(new != old) or old.ndim == 1


def test_the_discriminator_steps_so_often_on_fresh_noise() -> None:
    own, seen = session(discriminator_steps=3), []
    deceive, draws = own.updates[0].loss, []

    def observed(batch: Any, noise: Any) -> Any:
        draws.append(int(noise.step))
        seen.append(np.array(own.data.preprocess.layout.given(batch["inputs"])))
        return deceive(batch, noise)

    object.__setattr__(own.updates[0], "loss", observed)
    own.program.run(Segment(epoch=0, cycle=0, epochs=1, full=2, tail=0, ends=0))
    assert [int(own.optimizers[name].iterations) for name in ("discriminator", "generator")] == [6, 2]
    assert draws == [0, 1, 2, 4, 5, 6]
    np.testing.assert_array_equal(seen[0], seen[2])
    assert not np.array_equal(seen[2], seen[3])


def test_a_schedule_lasts_for_all_of_the_discriminators_steps() -> None:
    """In the middle of training a cosine is at half its height, for either."""
    own = session(
        discriminator_steps=3, schedule="cosine", epochs=2, learning_rate=2e-4, discriminator_learning_rate=1e-3
    )
    own.program.run(Segment(epoch=0, cycle=0, epochs=1, full=own.program.full, tail=1, ends=1))
    rates = [float(own.optimizers[name].learning_rate) for name in ("discriminator", "generator")]
    np.testing.assert_allclose(rates, [5e-4, 1e-4], rtol=1e-4)


def only(mover: str, **given: Any) -> np.ndarray:
    """The losses of a network over 150 steps on twelve rows, while the other stands still."""
    rates = {"learning_rate": 1e-12, "discriminator_learning_rate": 1e-12}
    rates["learning_rate" if mover == "generator" else "discriminator_learning_rate"] = 0.03
    own = session(rows=12, execution="graph", epochs=150, **rates, **given)
    index = own.metrics.index(f"{mover}_loss")
    return own.program.run(Segment(epoch=0, cycle=0, epochs=150, full=1, tail=0, ends=1))[:, index]


def test_either_network_learns_to_beat_one_that_stands_still() -> None:
    """What holds in the place of the law that an app overfits one batch."""
    assert "can learn" in APP.exempt
    for mover, given in (("discriminator", {"discriminator_units": (32, 32)}), ("generator", {})):
        losses = only(mover, **given)
        assert losses[-20:].mean() < 0.1 * losses[0], mover


def identity(layout: Layout) -> tuple[Parts, Any]:
    """A generator that makes standard normal rows of its noise."""
    parts, hparams = build(APP, layout, latents=2, generator_units=(), discriminator_units=(4,))
    parts["generator"].set_weights([np.eye(2), np.zeros(2)])
    return parts, hparams


def test_collapse_is_said() -> None:
    layout = vector_layout(2, NONE)
    parts, hparams = identity(layout)
    rows = NOISE.standard_normal((500, 2)).astype(np.float32)

    def scores() -> dict[str, float]:
        return APP.task(parts, hparams, layout).score(Answered({"inputs": rows}, None, np.zeros((500, 0))))

    good = scores()
    assert good["collapsed"] == 0.0 and good["diversity"] == pytest.approx(1, abs=0.1)
    assert good["duplicates"] < 0.1 and good["real_duplicates"] == pytest.approx(0.05, abs=0.005)
    parts["generator"].set_weights([np.zeros((2, 2)), np.ones(2)])
    bad = scores()
    assert bad == {**good, "duplicates": 1.0, "diversity": pytest.approx(0, abs=1e-6), "collapsed": 1.0}
    parts["generator"].set_weights([np.eye(2) * 0.4, np.zeros(2)])
    assert scores()["collapsed"] == 1.0


def test_one_row_has_no_scores() -> None:
    layout = vector_layout(2, NONE)
    task = APP.task(*identity(layout), layout)
    assert task.score(Answered({"inputs": np.zeros((1, 2), np.float32)}, None, np.zeros((1, 0)))) == {}


def test_samples_are_in_the_units_of_the_data() -> None:
    units = ((5.0, 2.0), (-1.0, 0.5))
    layout = one_field("vector", (2,), NONE, ("x", "y"), units=units)
    parts, hparams = identity(layout)
    sample = APP.task(parts, hparams, layout).signatures()["serving_default"].function
    rows = sample({}, seed=tf.constant(3), number=tf.constant(20_000))["rows"].numpy()
    np.testing.assert_allclose(rows.mean(axis=0), [5, -1], atol=0.06)
    np.testing.assert_allclose(rows.std(axis=0), [2, 0.5], rtol=0.03)
    few = sample({}, seed=tf.constant(3), number=tf.constant(7))["rows"]
    np.testing.assert_allclose(few, rows[:7], rtol=1e-6)
    assert not np.allclose(few, sample({}, seed=tf.constant(4), number=tf.constant(7))["rows"])


@pytest.mark.parametrize("architecture", ["dense", "dcgan"])
@pytest.mark.parametrize("builder", ["functional", "subclassed"])
def test_a_label_changes_rows_and_scores(architecture: str, builder: str) -> None:
    layout = one_field("image", (8, 4, 2), classes(3))
    given = {**TINY, "architecture": architecture, "conditional": True, "filters": (4, 2)}
    parts, hparams = build(APP, layout, builder, **given)
    task = APP.task(parts, hparams, layout)
    sample = task.signatures()["serving_default"].function
    images = sample({}, seed=tf.constant(0), labels=tf.constant([0, 1, 2]))["images"].numpy()
    same = sample({}, seed=tf.constant(0), labels=tf.constant([2, 1, 0]))["images"].numpy()
    np.testing.assert_allclose(images[1], same[1], rtol=1e-5)
    assert not np.allclose(images[0], same[0], rtol=1e-3) and images.shape == (3, 8, 4, 2)
    scores = task.signatures()["discriminate"].function({"inputs": tf.constant(images)})["scores"].numpy()
    each = [
        parts["discriminator"]({"rows": images, "classes": np.eye(3, dtype=np.float32)[[label] * 3]})
        for label in range(3)
    ]
    np.testing.assert_allclose(scores, np.stack(each, axis=1), rtol=1e-4, atol=1e-6)
    assert np.all(np.ptp(scores, axis=1) > 0)
    in_turn = sample({}, seed=tf.constant(0), labels=tf.constant(np.arange(64) % 3))["images"]
    np.testing.assert_allclose(task.samples(), in_turn, rtol=1e-4, atol=1e-6)
    # The projection: what a label adds is the product of its embedding and the hidden values.
    last = parts["discriminator"].layers[-1]
    hidden = tf.constant(NOISE.standard_normal((3, last.kernel.shape[0])), tf.float32)
    told = last(hidden, tf.one_hot([2, 0, 1], 3)) - last(hidden, tf.zeros([3, 3]))
    expected = np.sum(last.embeddings.numpy()[[2, 0, 1]] * hidden.numpy(), axis=1)
    np.testing.assert_allclose(told, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("weight", [0.0, 2.5])
def test_the_penalty_has_its_weight_and_the_rows_classes(weight: float) -> None:
    layout, labels = one_field("vector", (2,), classes(3)), np.array([0, 2, 1, 1, 2])
    given = {**TINY, "conditional": True, "adversarial_loss": "wasserstein", "gradient_penalty": weight}
    parts, hparams = build(APP, layout, **given)
    rows, noise, told = batch(NOISE.standard_normal((5, 2)), labels), Noise(7, 3), tf.one_hot(labels, 3)
    fake = parts["generator"](tf.concat([noise.normal("prior", [5, 3]), told], axis=1))
    real, false = (parts["discriminator"]({"rows": x, "classes": told}) for x in (rows["inputs"]["inputs"], fake))
    slopes = adversarial.gradient_penalty(
        lambda x: parts["discriminator"]({"rows": x, "classes": told}),
        rows["inputs"]["inputs"],
        fake,
        noise.uniform("mixing", [5]),
    )
    update = APP.task(parts, hparams, layout).updates()[0]
    np.testing.assert_allclose(update.loss(rows, noise)[0], false - real + weight * slopes, rtol=1e-5, atol=1e-6)


def test_images_of_both_architectures_are_in_their_range() -> None:
    layout = one_field("image", (12, 20, 3), NONE)
    for architecture in ("dense", "dcgan"):
        parts, hparams = build(APP, layout, **{**TINY, "architecture": architecture, "filters": (4, 2)})
        for variable in parts["generator"].trainable_variables:
            variable.assign(variable * 30)
        sample = APP.task(parts, hparams, layout).signatures()["serving_default"].function
        images = sample({}, seed=tf.constant(0), number=tf.constant(9))["images"].numpy()
        assert images.shape == (9, 12, 20, 3) and 0 <= images.min() < 0.1 and 0.9 < images.max() <= 1


@pytest.mark.parametrize("builder", list(APP.builders))
def test_a_dcgan_makes_and_judges_images_of_sides_that_do_not_divide(builder: str) -> None:
    """Every pixel is made of the noise, and every pixel is looked at."""
    layout = one_field("image", (7, 9, 1), NONE)
    parts, _ = build(APP, layout, builder, **{**TINY, "architecture": "dcgan", "filters": (4, 2)})
    images = parts["generator"](NOISE.standard_normal((8, 3)).astype(np.float32))
    assert images.shape == (8, 7, 9, 1) and np.ptp(images, axis=0).min() > 0
    with tf.GradientTape() as tape:
        tape.watch(images)
        scores = parts["discriminator"](images)
    assert scores.shape == (8,) and np.abs(tape.gradient(scores, images)).max(axis=0).min() > 0


def test_rows_of_a_dcgan_do_not_depend_on_each_other() -> None:
    parts, _ = build(APP, one_field("image", (8, 8, 1), NONE), **{**TINY, "architecture": "dcgan", "filters": (4, 2)})
    noise = NOISE.standard_normal((5, 3)).astype(np.float32)
    alone, together = parts["generator"](noise[:1]), parts["generator"](np.concatenate([noise[:1], 9 * noise]))
    np.testing.assert_allclose(together[:1], alone, rtol=1e-5, atol=1e-6)
    images = NOISE.random((5, 8, 8, 1)).astype(np.float32)
    alone, together = (parts["discriminator"](x) for x in (images[:1], np.concatenate([images[:1], 9 * images])))
    np.testing.assert_allclose(together[:1], alone, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("layout", "given", "named"),
    [
        (vector_layout(2, NONE), {"conditional": True}, "conditional=True.*is none.*conditional=False"),
        (vector_layout(2, Target("reals", 1)), {"conditional": True}, "is reals"),
        (vector_layout(2, NONE), {"architecture": "dcgan"}, "takes images, .* vector of 2 numbers.*architecture=dense"),
    ],
)
def test_what_cannot_be_built_is_refused(layout: Layout, given: dict, named: str) -> None:
    for builder in APP.builders:
        with pytest.raises(ConfigError, match=named):
            build(APP, layout, builder, **given)


@pytest.mark.parametrize("given", [{"latents": 0}, {"adversarial_loss": "minmax"}, {"discriminator_steps": 0}])
def test_settings_out_of_range_are_named(given: dict) -> None:
    with pytest.raises(ConfigError, match=next(iter(given))):
        APP.hparams(**given)


def test_a_run_that_diverges_keeps_its_last_good_checkpoint(tmp_path) -> None:
    path = tmp_path / "run"
    given = {**TINY, "rows": 70, "global_batch_size": 70, "epochs": 500, "execution": "graph", "run_dir": str(path)}
    wild = {"adversarial_loss": "wasserstein", "gradient_penalty": 0.0, "optimizer": "sgd", "learning_rate": 1.0}
    wild |= {"schedule": "constant", "ema_momentum": None, "checkpoint_every_steps": 20}
    with pytest.raises(TrainingError, match="not finite"):
        kerasapps.train("gan", data="ring", **given, **wild)
    run = kerasapps.load(path)
    assert run.record["status"] == "failed" and len(run.record["history"]["generator_loss"]) > 1
    assert np.isfinite(run.predict({"seed": 0, "number": 5})["rows"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_ring_has_eight_modes(seed: int, tmp_path) -> None:
    run = kerasapps.train("gan", data="ring", seed=seed, run_dir=str(tmp_path / "run"))
    modes, near = modes_reached(run.predict({"seed": 1, "number": 10_000})["rows"], CENTRES, 3 * DEVIATION)
    assert modes == 8 and near >= 0.9
    assert run.record["test"]["collapsed"] == 0.0


@pytest.mark.slow
def test_classes_are_made_on_demand(tmp_path) -> None:
    run = kerasapps.train("gan", data="ring", conditional=True, run_dir=str(tmp_path / "run"))
    labels = np.arange(800, dtype=np.int32) % 8
    rows = run.predict({"seed": 1, "labels": labels})["rows"]
    nearest = np.linalg.norm(rows[:, None] - CENTRES, axis=2).argmin(axis=1)
    assert np.mean(nearest == labels) > 0.95
