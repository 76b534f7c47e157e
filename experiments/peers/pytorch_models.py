"""The applications' networks, written for PyTorch. Images come as [batch, channels, height, width], channels_last."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from experiments.peers.pytorch_transformers import decoder, encoder

_ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "elu": nn.ELU}


class Flatten(nn.Module):
    """[batch, C, H, W] -> [batch, H * W * C]: the order in memory of channels_last, which needs no copy."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Flatten."""
        return x.permute(0, 2, 3, 1).flatten(1)


def _linear(hparams: Mapping[str, Any], shape: Sequence[int], units: int, vocabulary: int) -> nn.Module:
    return nn.Linear(shape[0], units)


def _mlp(hparams: Mapping[str, Any], shape: Sequence[int], units: int, vocabulary: int) -> nn.Module:
    layers, before = [], shape[0]
    for width in hparams["hidden"]:
        layers += [nn.Linear(before, width), _ACTIVATIONS[hparams["activation"]](), nn.Dropout(hparams["dropout"])]
        before = width
    return nn.Sequential(*layers, nn.Linear(before, units))


def _cnn(hparams: Mapping[str, Any], shape: Sequence[int], units: int, vocabulary: int) -> nn.Module:
    """Unpadded, as the application is on images of at least 18x18 pixels."""
    layers, before = [], shape[-1]
    for i, filters in enumerate(hparams["filters"]):
        layers += [nn.MaxPool2d(2)] * (i > 0) + [nn.Conv2d(before, filters, 3), nn.ReLU()]
        before = filters
    features = nn.Sequential(*layers, Flatten())
    with torch.no_grad():
        flat = features(torch.zeros(1, shape[2], *shape[:2])).shape[1]
    dense = [nn.Linear(flat, hparams["dense_units"]), nn.ReLU(), nn.Dropout(hparams["dropout"])]
    return nn.Sequential(*features, *dense, nn.Linear(hparams["dense_units"], units))


class Convolution(nn.Conv2d):
    """3x3 without bias, padded as TensorFlow does: of an even image halved only to the right and below."""

    def __init__(self, before: int, channels: int, strides: int = 1) -> None:
        super().__init__(before, channels, 3, strides, bias=False, padding=0 if strides > 1 else 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pad and convolve."""
        if self.stride[0] > 1:
            above, left = (size % 2 for size in x.shape[2:])
            x = nn.functional.pad(x, (left, 1, above, 1))
        return super().forward(x)


def _norm(channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)  # Keras's momentum of 0.9


class Block(nn.Module):
    """Two convolutions and a shortcut of every other pixel, with zeros as the new channels."""

    def __init__(self, before: int, channels: int, strides: int) -> None:
        super().__init__()
        self.conv_1, self.norm_1 = Convolution(before, channels, strides), _norm(channels)
        self.conv_2, self.norm_2 = Convolution(channels, channels), _norm(channels)
        self.strides, self.new = strides, channels - before

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[batch, C, H, W] -> [batch, channels, H / strides, W / strides]."""
        y = nn.functional.relu(self.norm_1(self.conv_1(x)))
        y = self.norm_2(self.conv_2(y))
        if self.strides > 1:
            above, left = (1 - size % 2 for size in x.shape[2:])
            x = x[:, :, above::2, left::2]
        x = nn.functional.pad(x, (0, 0, 0, 0, 0, self.new)) if self.new else x
        return nn.functional.relu(x + y)


def _resnet(hparams: Mapping[str, Any], shape: Sequence[int], units: int, vocabulary: int) -> nn.Module:
    if hparams["normalization"] != "batch":
        raise ValueError(f"normalization={hparams['normalization']!r}: only batch is written for PyTorch.")
    before = width = hparams["width"]
    layers = [Convolution(shape[-1], width, hparams["stem_strides"]), _norm(width), nn.ReLU()]
    for stage in range(3):
        for number in range((hparams["depth"] - 2) // 6):
            layers.append(Block(before, width * 2**stage, 2 if stage and not number else 1))
            before = width * 2**stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, units))


_CELLS = {"simple": nn.RNN, "lstm": nn.LSTM}


class Recurrent(nn.Module):
    """One layer of cells. Their second bias, which Keras does not have, is 0 and is not trained."""

    def __init__(self, cell: str, before: int, units: int, all_steps: bool) -> None:
        super().__init__()
        if cell not in _CELLS:
            raise ValueError(f"cell={cell!r} is not written for PyTorch: {', '.join(_CELLS)} are.")
        self.layer, self.all_steps = _CELLS[cell](before, units, batch_first=True), all_steps
        nn.init.zeros_(self.layer.bias_hh_l0).requires_grad_(False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[batch, time, before] -> [batch, time, units], or [batch, units] of the last step."""
        outputs, _ = self.layer(x)
        return outputs if self.all_steps else outputs[:, -1]


def _rnn(hparams: Mapping[str, Any], shape: Sequence[int], units: int, vocabulary: int) -> nn.Module:
    """Of texts that are not padded: nothing is masked."""
    if hparams["bidirectional"] or hparams["l2"]:
        raise ValueError("bidirectional and l2 are not written for PyTorch's recurrent networks: leave them out.")
    layers, before = [], hparams["embedding"] if vocabulary else shape[-1]
    if vocabulary:
        layers += [nn.Embedding(vocabulary, before), nn.Dropout(hparams["dropout"])]
    for number, width in enumerate(hparams["units"], start=1):
        recurrent = Recurrent(hparams["cell"], before, width, all_steps=number < len(hparams["units"]))
        layers += [recurrent, nn.Dropout(hparams["dropout"])]
        before = width
    return nn.Sequential(*layers, nn.Linear(before, units))


_MODELS: Mapping[str, Callable] = {
    "linear_regression": _linear,
    "logistic_regression": _linear,
    "softmax_regression": _linear,
    "mlp": _mlp,
    "cnn": _cnn,
    "resnet": _resnet,
    "rnn": _rnn,
    "transformer": encoder,
    "language_model": decoder,
}


def make_model(
    app: str, hparams: Mapping[str, Any], shape: Sequence[int], units: int, vocabulary: int = 0
) -> nn.Module:
    """The network of an application; raises KeyError for one that is not written yet.

    shape, vocabulary: of the inputs; the latter is 0 where they are no tokens.
    """
    if app not in _MODELS:
        raise KeyError(f"{app} is not written for PyTorch; expected one of {', '.join(_MODELS)}. Add it to {__file__}.")
    return _MODELS[app](hparams, shape, units, vocabulary).to(memory_format=torch.channels_last)


def load_weights(model: nn.Module, weights: Sequence[Any]) -> None:
    """Put a Keras model's weights, in its order, into the same network."""
    remaining = [torch.from_numpy(weight) for weight in weights]
    for module in model.modules():
        if not any(True for _ in module.children()):
            for tensor in _tensors(module):
                value = remaining.pop(0)
                tensor.data.copy_(_turned(module, value))
    if remaining:
        raise ValueError(f"The network for PyTorch has {len(remaining)} weights less than Keras's, expected the same.")


def _turned(module: nn.Module, value: torch.Tensor) -> torch.Tensor:
    """A weight of Keras's with the axes that PyTorch has."""
    if value.dim() == 4:
        return value.permute(3, 2, 0, 1)
    return value.T if value.dim() == 2 and not isinstance(module, nn.Embedding) else value


def _tensors(module: nn.Module) -> list[torch.Tensor]:
    """Weight, bias and moving averages of a layer, in Keras's order, as is that of an LSTM's gates."""
    names = ("weight", "weight_ih_l0", "weight_hh_l0", "bias", "bias_ih_l0", "running_mean", "running_var")
    found = (getattr(module, name, None) for name in names)
    return [tensor for tensor in found if isinstance(tensor, torch.Tensor)]
