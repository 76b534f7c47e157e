"""The autoencoder errs as NumPy says, cleans of noise, and refuses what cannot be."""

import numpy as np
import pytest
import tensorflow as tf
from autoencoder_by_numpy import IMAGES, LABELS, VECTORS, by_numpy, errors_by_numpy, inputs_of, update_of
from by_hand import batch, build, classes, reals, task_of, vector_layout
from layouts import adapt, one_field
from sklearn.decomposition import PCA

import kerasapps
from kerasapps.apps.autoencoder import APP
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError
from kerasapps.noise import Noise


@pytest.mark.parametrize("layout", [IMAGES, VECTORS], ids=["images", "vectors"])
def test_the_loss_of_a_row_is_its_mean_squared_error(layout: Layout) -> None:
    """In training, in evaluation and in what is served; penalties are added once."""
    parts, hparams = build(APP, layout, widths=(8,), latents=3, l2=0.1)
    inputs = inputs_of(layout)
    latents, outputs = by_numpy(parts, inputs, layout.only.form == "image")
    errors = errors_by_numpy(inputs, outputs)
    rows = batch(inputs, LABELS)
    task = APP.task(parts, hparams, layout)
    loss, weights, made = update_of(parts, hparams, layout).loss(rows, None)
    np.testing.assert_array_equal(weights, np.ones(7))
    np.testing.assert_allclose(loss, errors, rtol=1e-5)
    np.testing.assert_allclose(made, outputs, rtol=1e-4, atol=1e-5)
    kernels = [w for part in parts.values() for w in part.get_weights() if w.ndim == 2]
    penalty = 0.1 * sum(float((np.float64(w) ** 2).sum()) for w in kernels)
    total, number = task.evaluate(rows)["loss"]
    assert float(total / number) == pytest.approx(errors.mean() + penalty, rel=1e-5)
    assert float(update_of(parts, hparams, layout).penalties()) == pytest.approx(penalty, rel=1e-5)
    asked, given = task.signatures(), {"inputs": inputs}
    np.testing.assert_allclose(asked["encode"].function(given)["latents"], latents, rtol=1e-4, atol=1e-5)
    for name in ("serving_default", "reconstruct"):
        np.testing.assert_allclose(asked[name].function(given)["error"], errors, rtol=1e-5)


def test_no_bottleneck_is_warned_of(recwarn: pytest.WarningsRecorder) -> None:
    (size,) = VECTORS.only.shape
    for fine in ({"latents": size - 1}, {"latents": size, "noise": 0.1}):
        update_of(*build(APP, VECTORS, **fine), VECTORS)
    assert not recwarn.list
    with pytest.warns(UserWarning, match=f"latents={size} are no fewer than the {size} numbers of a row"):
        update_of(*build(APP, VECTORS, latents=size), VECTORS)


def test_a_linear_autoencoder_finds_the_principal_components(tmp_path) -> None:
    """No linear one errs less (Baldi and Hornik 1989); against scikit-learn's PCA of the training rows."""
    settings = {"global_batch_size": None, "epochs": 1500, "learning_rate": 0.02, "keep": "last"}
    run = kerasapps.train(
        "autoencoder", data="wine", widths=(), latents=3, execution="loop", run_dir=str(tmp_path / "run"), **settings
    )
    inputs = run.preprocess.layout.given(run.preprocess.apply(run.read("train")))
    pca = PCA(3).fit(inputs)
    best = errors_by_numpy(inputs, pca.inverse_transform(pca.transform(inputs))).mean()
    outputs = run.parts["decoder"](run.parts["encoder"](inputs))
    error = errors_by_numpy(inputs, np.asarray(outputs)).mean()
    assert best * (1 - 1e-5) <= error <= best * 1.001
    assert run.record["history"]["loss"][-1] == pytest.approx(error, rel=1e-3)


@pytest.mark.parametrize("layout", [IMAGES, VECTORS], ids=["images", "vectors"])
def test_noise_is_drawn_and_the_target_is_clean(layout: Layout) -> None:
    parts, hparams = build(APP, layout, widths=(8,), latents=3, noise=0.3)
    inputs, update, task = inputs_of(layout), update_of(parts, hparams, layout), APP.task(parts, hparams, layout)

    def expected(noise: Noise) -> np.ndarray:
        noisy = inputs + np.float32(0.3) * np.asarray(noise.normal("noise", inputs.shape))
        noisy = np.clip(noisy, 0, 1) if layout.only.form == "image" else noisy
        return np.stack(
            [errors_by_numpy(inputs, by_numpy(parts, noisy, layout.only.form == "image")[1]), noisy_error(noisy)]
        )

    def noisy_error(noisy: np.ndarray) -> np.ndarray:
        return errors_by_numpy(inputs, noisy)

    values = {step: np.asarray(update.loss(batch(inputs, LABELS), Noise(4, step))[0]) for step in (1, 2)}
    for step, own in values.items():
        np.testing.assert_allclose(own, expected(Noise(4, step))[0], rtol=1e-4)
    assert np.abs(values[1] - values[2]).min() > 1e-5
    total, _ = task.evaluate(batch(inputs, LABELS))["loss"]
    assert float(total) == pytest.approx(expected(Noise(0, 0))[0].sum(), rel=1e-4)
    clean = errors_by_numpy(inputs, by_numpy(parts, inputs, layout.only.form == "image")[1])
    found = task.outputs({"inputs": inputs})
    np.testing.assert_allclose(found, np.stack([clean, *expected(Noise(0, 0))], axis=1), rtol=1e-4)
    served = task.signatures()["serving_default"].function({"inputs": inputs})
    np.testing.assert_allclose(served["error"], clean, rtol=1e-4)


def test_augmentation_leaves_noise_to_the_loss() -> None:
    """Shifted images are the target as well; noise is none of them."""
    assert task_of(APP, IMAGES, noise=0.5).augment is None
    images = np.zeros((3, 4, 6, 2), np.float32)
    images[:, 1, 2] = 1
    varied = task_of(APP, IMAGES, noise=0.5, flip_vertical=True).augment(batch(images, LABELS[:3]), Noise(0, 0))
    assert set(np.unique(varied["inputs"]["inputs"])) == {0, 1}


@pytest.mark.parametrize("size", [(24, 16), (21, 15)])
def test_convolutions_halve_and_double(size: tuple) -> None:
    """24x16 -> 12x8 -> 6x4 -> latents -> 6x4 -> 12x8 -> 24x16, with weights that both builders have alike.

    Sides that do not divide are rounded up, and what is too much of 24x16 is cut off.
    """
    layout = one_field("image", (*size, 3), classes(3))
    settings = {"architecture": "convolutional", "filters": (5, 7), "latents": 4}
    (parts, _), (others, _) = (build(APP, layout, builder, **settings) for builder in APP.builders)
    sizes = {"encoder": (9 * 3 * 5 + 5) + (9 * 5 * 7 + 7) + (6 * 4 * 7 * 4 + 4)}
    sizes["decoder"] = (4 * 6 * 4 * 7 + 6 * 4 * 7) + (16 * 7 * 5 + 5) + (16 * 5 * 3 + 3)
    inputs = inputs_of(layout, 2)
    for name, part in parts.items():
        assert sum(int(np.prod(v.shape)) for v in part.trainable_variables) == sizes[name]
        others[name].set_weights(part.get_weights())
    latents = parts["encoder"](inputs)
    assert latents.shape == (2, 4)
    np.testing.assert_allclose(others["encoder"](inputs), latents, rtol=1e-5, atol=1e-6)
    outputs = parts["decoder"](latents)
    assert outputs.shape == inputs.shape and 0 < float(tf.reduce_min(outputs)) < float(tf.reduce_max(outputs)) < 1
    np.testing.assert_allclose(others["decoder"](latents), outputs, rtol=1e-5, atol=1e-6)


def test_what_is_served_is_in_the_units_of_the_data(tmp_path) -> None:
    """Every signature of a table against its parts by hand; lengths are centimetres."""
    given = {"latents": 2, "epochs": 3, "execution": "eager"}
    run = kerasapps.train("autoencoder", data="iris", run_dir=str(tmp_path / "run"), **given)
    columns = run.read("test")
    raw = np.stack([columns[column.name] for column in run.preprocess.spec.inputs], axis=1)
    mean, scale = np.array(run.layout.only.units).T
    standardised = (raw - mean) / scale
    latents, outputs = by_numpy(run.parts, standardised, image=False)
    answer = run.predict(columns)
    assert answer.keys() == {"rows", "error"}
    np.testing.assert_allclose(answer["rows"], outputs * scale + mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(answer["error"], errors_by_numpy(standardised, outputs), rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(run.ask("encode", columns)["latents"], latents, rtol=1e-3, atol=1e-5)
    decoded = run.ask("decode", {"latents": latents[:3].astype(np.float32)})
    assert decoded.keys() == {"rows"}
    np.testing.assert_allclose(decoded["rows"], answer["rows"][:3], rtol=1e-4, atol=1e-5)
    assert run.record["test"]["mse"] == pytest.approx(answer["error"].mean(), rel=1e-5)
    assert run.record["test"]["loss"] == pytest.approx(run.record["test"]["mse"], rel=1e-5)
    with pytest.raises(ConfigError, match="decode of autoencoder got rows. Expected latents by name"):
        run.ask("decode", {"rows": latents})


@pytest.mark.parametrize("data", ["sunspots", "two_steps"])
def test_the_steps_of_a_series_are_put_back_into_its_units(data: str) -> None:
    source = open_source(data)
    columns = source.read("train", np.arange(40))
    preprocess = adapt(source.spec, "vector", columns)
    steps = columns[source.spec.inputs[0].name].reshape(40, -1)
    inputs = preprocess.layout.given(preprocess.apply(columns))
    assert np.abs(inputs - steps).max() > 0.1
    np.testing.assert_allclose(preprocess.layout.only.in_units(inputs), steps, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("layout", "hparams", "message"),
    [
        (IMAGES, {"latents": 0}, "latents=0: expected int >= 1"),
        (IMAGES, {"widths": (8, 0)}, "widths=0: expected int >= 1"),
        (IMAGES, {"noise": -0.1}, "noise=-0.1: expected float >= 0"),
        (IMAGES, {"normal": 3}, "normal=3: expected str, or none"),
        (IMAGES, {"normal": "cc"}, r"Unknown class \(normal\) 'cc'.*Expected one of: a, b, c"),
        (VECTORS, {"normal": "a"}, "normal='a': labels asked for where there are none: the target of the data is none"),
        (vector_layout(5, reals((0, 1))), {"normal": "a"}, "labels asked for where there are none: .* is reals"),
        (
            VECTORS,
            {"architecture": "convolutional"},
            "takes images, but the inputs are a vector of 5 numbers. Give architecture=dense",
        ),
        (IMAGES, {"mixup": 0.2}, "mixup=0.2 mixes labels, which are not learnt here"),
        (VECTORS, {"shift_pixels": 1.0}, "Augmentation varies images, but the inputs are a vector"),
    ],
)
def test_what_cannot_be_is_refused(layout: Layout, hparams: dict, message: str) -> None:
    for builder in APP.builders:
        with pytest.raises(ConfigError, match=message):
            parts, values = build(APP, layout, builder, **hparams)
            APP.task(parts, values, layout)
