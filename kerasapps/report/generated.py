"""Generated images as a classifier of the same data sees them, and as training rows of another run."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from kerasapps.data.readers.idx import write_folder
from kerasapps.engine.parts import build_parts
from kerasapps.errors import ConfigError
from kerasapps.metrics import quality
from kerasapps.runs.run import Run
from kerasapps.tasks.targets import classes_of

PIECE = 500
"""Images that are made or looked at in one call."""


def quality_of(run: Run, classifier: Run, split: str = "test") -> dict[str, float]:
    """Compare the images of a split with as many generated ones, in the features of `classifier`, by name of metric.

    Features are the inputs of the last dense layer. Metrics: frechet_distance_in_<app>_features, which is comparable
    only with the same classifier; precision; recall; near_duplicates among generated and among real images; and
    covered_classes. Conditional runs also have right_classes: the share of images that are classified as the requested
    class. Raises ConfigError for runs that do not match, DataError for data that changed since the training.
    """
    _check(run, classifier)
    real = run.read(split, beside=2 * run.layout.row_bytes)  # the generated are as many
    inputs = run.layout.given(run.preprocess.apply(real))
    labels = run.preprocess.labels(real) if _is_conditional(run) else None
    see = _seeing(classifier)
    features, (made, seen) = see(inputs)[0], see(generate(run, len(inputs), labels))
    precision, recall = quality.precision_and_recall(features, made)
    shares = quality.near_duplicates(features, made)
    found = {
        f"frechet_distance_in_{classifier.app.name}_features": quality.frechet_distance(features, made),
        "precision": precision,
        "recall": recall,
        "near_duplicates": round(shares[0] * len(made)),
        "real_near_duplicates": round(shares[1] * len(made)),
        "covered_classes": quality.covered_classes(seen, classifier.layout.target.size),
        "classes": classifier.layout.target.size,
    }
    return found | ({} if labels is None else {"right_classes": float(np.mean(seen == labels))})


def generate(run: Run, number: int, labels: np.ndarray | None = None) -> np.ndarray:
    """`number` images [number, H, W, C] in [0, 1], the same at every call; labels [number]: of a conditional run."""
    pieces = []
    for seed, first in enumerate(range(0, number, PIECE)):
        count = min(PIECE, number - first)
        told = {"number": count} if labels is None else {"labels": labels[first : first + count]}
        pieces.append(run.predict({"seed": seed, **told})["images"])
    return np.concatenate(pieces)


def save_with_generated(run: Run, folder: str | Path, number: int) -> Path:
    """Write the run's training images and `number` generated ones, the classes in turn, as a folder for --data.

    Its test and validation images are the run's. Of grey images of a conditional run; raises ConfigError for others.
    """
    if number < 0:
        raise ConfigError(f"number={number}: expected 0 or more generated images.")
    if not (_is_conditional(run) and run.layout.only.shape[2:] == (1,)):
        raise ConfigError(f"{run} has no grey images by class. Expected a run of gan with conditional=True on such.")
    image, label = run.preprocess.spec.inputs[0].name, run.preprocess.spec.required_target.name
    own = {split: run.read(split) for split in ("train", "validation", "test")}
    splits = {split: (columns[image], columns[label]) for split, columns in own.items()}
    if number:
        labels = np.arange(number, dtype=np.int32) % run.layout.target.size
        made = np.rint(255 * generate(run, number, labels)).astype(np.uint8), labels
        images, classes = (np.concatenate(pair) for pair in zip(splits["train"], made, strict=True))
        splits["train"] = images, classes
    write_folder(Path(folder), {split: (images[..., 0], labels) for split, (images, labels) in splits.items()})
    return Path(folder)


def _is_conditional(run: Run) -> bool:
    return run.layout.only.form == "image" and "labels" in run.signatures["serving_default"].arguments


def _check(run: Run, classifier: Run) -> None:
    """Raise ConfigError where images of `run` cannot be seen by `classifier`."""
    if run.layout.only.form != "image" or "seed" not in run.signatures["serving_default"].arguments:
        raise ConfigError(
            f"{run} generates no images of a seed alone. Expected a run of gan on images; of any other, leave "
            "--classifier out."
        )
    own, theirs = run.layout, classifier.layout
    if "model" not in classifier.parts or theirs.only.form != "image" or not theirs.target.class_names:
        raise ConfigError(f"The classifier {classifier} is none of images. Expected a run of cnn on the same data.")
    if own.only.shape != theirs.only.shape or own.target != theirs.target:
        raise ConfigError(
            f"The classifier {classifier} sees images {theirs.only.shape} of {theirs.target.size} classes "
            f"({', '.join(theirs.target.names[:3])}, ...), but {run} was trained on {own.only.shape} of "
            f"{own.target.size} ({', '.join(own.target.names[:3])}, ...). Expected a run of cnn on the same data."
        )
    if (run.options.data, run.options.split_seed) != (classifier.options.data, classifier.options.split_seed):
        raise ConfigError(
            f"The classifier {classifier} was trained on {classifier.options.data} with split_seed="
            f"{classifier.options.split_seed}, but {run} on {run.options.data} with {run.options.split_seed}. Expected "
            "a run of cnn on the same data and split: another may have been trained on these test images."
        )


def _seeing(classifier: Run) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """images [rows, H, W, C] -> features [rows, D] that the last layer gets, and class numbers [rows]."""
    given = (classifier.hparams, classifier.layout, classifier.options.seed, classifier.options.precision)
    # Of a subclassed one nobody knows what lies within.
    model = build_parts(classifier.app, "functional", *given)["model"]
    model.set_weights(classifier.model.get_weights())
    both = keras.Model(model.inputs, [model.layers[-1].input, model.outputs[0]])
    look = tf.function(lambda images: both(images, training=False), autograph=False)

    def see(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        pieces = [look(tf.constant(images[i : i + PIECE])) for i in range(0, len(images), PIECE)]
        features, logits = (np.concatenate([np.asarray(piece[k], np.float32) for piece in pieces]) for k in (0, 1))
        return features, np.asarray(classes_of(logits))

    return see
