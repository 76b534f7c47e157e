"""An autoencoder of one hidden layer on either side, by NumPy; rows and layouts for it."""

import numpy as np
from by_hand import classes, vector_layout
from layouts import one_field

from kerasapps.apps.autoencoder import APP, AutoencoderHparams
from kerasapps.data.spec import Layout, Target

IMAGES = one_field("image", (4, 6, 2), classes(3))
VECTORS = vector_layout(5, Target("none"))
RANDOM = np.random.default_rng(0)
LABELS = np.array([0, 1, 2, 1, 0, 2, 2])


def inputs_of(layout: Layout, rows: int = 7) -> np.ndarray:
    uniform = RANDOM.uniform(size=(rows, *layout.only.shape)).astype(np.float32)
    return uniform if layout.only.form == "image" else 4 * uniform - 2


def by_numpy(parts: dict, inputs: np.ndarray, image: bool) -> tuple[np.ndarray, np.ndarray]:
    """Latents and reconstructions of one hidden ReLU layer on either side, in float64."""
    weights = [np.float64(w) for part in (parts["encoder"], parts["decoder"]) for w in part.get_weights()]
    x = np.float64(inputs).reshape(len(inputs), -1)
    latents = np.maximum(x @ weights[0] + weights[1], 0) @ weights[2] + weights[3]
    outputs = np.maximum(latents @ weights[4] + weights[5], 0) @ weights[6] + weights[7]
    outputs = 1 / (1 + np.exp(-outputs)) if image else outputs
    return latents, outputs.reshape(inputs.shape)


def errors_by_numpy(inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    return ((np.float64(inputs) - outputs) ** 2).reshape(len(inputs), -1).mean(axis=1)


def update_of(parts: dict, hparams: AutoencoderHparams, layout: Layout):
    (update,) = APP.task(parts, hparams, layout).updates()
    return update
