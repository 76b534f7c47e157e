"""Networks by hand: forward pass and backpropagation written out in NumPy float64, as an independent oracle.

Notation: x inputs [n, D], z weighted sums, a activations, W kernels [in, out], b biases [out]; s(z) = 1 / (1 + e^-z)
with s'(z) = s(z) (1 - s(z)). Gradients are of the mean loss over the n rows; each delta is dL/dz of its layer.
"""

import numpy as np

Weights = list[np.ndarray]


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-z)."""
    return 1 / (1 + np.exp(-z))


def softmax(z: np.ndarray) -> np.ndarray:
    """e^z_k / sum_j e^z_j of each row."""
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def three_layer_forward(weights: Weights, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hidden activations and class probabilities of the three-layer net (inputs, hidden, outputs).

    a1 = s(x W1 + b1); p = softmax(a1 W2 + b2).
    """
    w1, b1, w2, b2 = weights
    hidden = sigmoid(x @ w1 + b1)
    return hidden, softmax(hidden @ w2 + b2)


def three_layer_loss(weights: Weights, x: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy -log p[label]."""
    _, probabilities = three_layer_forward(weights, x)
    return float(-np.log(probabilities[np.arange(len(x)), labels]).mean())


def three_layer_gradients(weights: Weights, x: np.ndarray, labels: np.ndarray) -> Weights:
    """Backpropagation, with y the one-hot labels.

    delta2 = (p - y) / n          dL/dW2 = a1^T delta2    dL/db2 = sum over rows of delta2
    delta1 = delta2 W2^T * s'(z1) dL/dW1 = x^T delta1     dL/db1 = sum over rows of delta1
    """
    _, _, w2, b2 = weights
    hidden, probabilities = three_layer_forward(weights, x)
    delta2 = (probabilities - np.eye(len(b2))[labels]) / len(x)
    delta1 = delta2 @ w2.T * hidden * (1 - hidden)
    return [x.T @ delta1, delta1.sum(axis=0), hidden.T @ delta2, delta2.sum(axis=0)]


XOR_INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64)
XOR_LABELS = np.array([0, 1, 1, 0])


def xor_forward(weights: Weights, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hidden activations [n, 2] and P(class 1) [n] of the 2-2-1 net: a1 = s(x W1 + b1); p = s(a1 W2 + b2)."""
    w1, b1, w2, b2 = weights
    hidden = sigmoid(x @ w1 + b1)
    return hidden, sigmoid(hidden @ w2 + b2)[:, 0]


def xor_loss(weights: Weights, x: np.ndarray, labels: np.ndarray) -> float:
    """Mean binary cross-entropy -y log p - (1 - y) log(1 - p)."""
    _, p = xor_forward(weights, x)
    return float(-(labels * np.log(p) + (1 - labels) * np.log(1 - p)).mean())


def xor_gradients(weights: Weights, x: np.ndarray, labels: np.ndarray) -> Weights:
    """Backpropagation: delta2 = (p - y) / n, since the sigmoid's slope cancels against the cross-entropy's; the
    rest as in the three-layer net."""
    hidden, p = xor_forward(weights, x)
    delta2 = ((p - labels) / len(x))[:, None]
    delta1 = delta2 @ weights[2].T * hidden * (1 - hidden)
    return [x.T @ delta1, delta1.sum(axis=0), hidden.T @ delta2, delta2.sum(axis=0)]


def random_weights(shapes: list[tuple[int, ...]], seed: int = 0) -> Weights:
    """Normal weights of these shapes, the same for the same seed."""
    generator = np.random.default_rng(seed)
    return [generator.standard_normal(shape) for shape in shapes]


def finite_differences(loss, weights: Weights, step: float = 1e-6) -> Weights:
    """Central differences (loss(w + h) - loss(w - h)) / 2h for every single weight."""
    gradients = [np.zeros_like(w) for w in weights]
    for weight, gradient in zip(weights, gradients, strict=True):
        for index in np.ndindex(weight.shape):
            kept = weight[index]
            weight[index] = kept + step
            above = loss(weights)
            weight[index] = kept - step
            gradient[index] = (above - loss(weights)) / (2 * step)
            weight[index] = kept
    return gradients
