"""Transformers written for PyTorch: blocks with rotary positions, normalised first, on its own fused attention."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

EPSILON = 1e-3
"""Of Keras's layer normalisation."""
START = 1
"""The token before the first one of a text."""


def turning(steps: int, size: int, longest_wave: float, first: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines [steps, size] of the angles of steps, those of each plane at its two places."""
    waves = longest_wave ** (torch.arange(0, size, 2, dtype=torch.float64) / size)
    angles = (torch.arange(first, first + steps)[:, None] / waves).repeat(1, 2)
    return angles.cos().float(), angles.sin().float()


def turned(vectors: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """[batch, heads, steps, size]: entries i and i + size / 2 turned by their angles (Su et al. 2021)."""
    first, second = vectors.chunk(2, dim=-1)
    return vectors * turn[0] + torch.cat([-second, first], dim=-1) * turn[1]


class Attention(nn.Module):
    """Of several heads; modules in the order of Keras's weights."""

    def __init__(self, width: int, heads: int, causal: bool) -> None:
        super().__init__()
        self.query, self.outputs = nn.Linear(width, width), nn.Linear(width, width)
        self.key, self.value = nn.Linear(width, width), nn.Linear(width, width)
        self.heads, self.causal = heads, causal

    def in_heads(self, vectors: torch.Tensor) -> torch.Tensor:
        """[batch, steps, width] -> [batch, heads, steps, size]."""
        return vectors.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """[batch, steps, width] -> the same shape."""
        queries, keys = turned(self.in_heads(self.query(x)), turn), turned(self.in_heads(self.key(x)), turn)
        values = self.in_heads(self.value(x))
        attended = functional.scaled_dot_product_attention(queries, keys, values, is_causal=self.causal)
        return self.outputs(attended.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Attention, then a feed-forward layer, each normalised before and added."""

    def __init__(self, hparams: Mapping[str, Any], causal: bool) -> None:
        super().__init__()
        if (hparams["norm"], hparams["activation"]) != ("pre", "gelu") or hparams["key_value_heads"]:
            raise ValueError("For PyTorch blocks of norm=pre, activation=gelu and as many keys as heads are written.")
        width = hparams["width"]
        self.attention = Attention(width, hparams["heads"], causal)
        self.hidden, self.outputs = nn.Linear(width, hparams["feed_forward"]), nn.Linear(hparams["feed_forward"], width)
        self.norm_1, self.norm_2 = nn.LayerNorm(width, EPSILON), nn.LayerNorm(width, EPSILON)
        self.dropout = nn.Dropout(hparams["dropout"])

    def forward(self, x: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """[batch, steps, width] -> the same shape."""
        x = x + self.dropout(self.attention(self.norm_1(x), turn))
        return x + self.dropout(self.outputs(functional.gelu(self.hidden(self.norm_2(x)))))


class Blocks(nn.Module):
    """Embedded tokens, blocks and a normalisation: [batch, steps] -> [batch, steps, width]."""

    def __init__(self, hparams: Mapping[str, Any], steps: int, vocabulary: int, causal: bool) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hparams["width"])
        self.blocks = nn.ModuleList(Block(hparams, causal) for _ in range(hparams["layers"]))
        self.norm = nn.LayerNorm(hparams["width"], EPSILON)
        cosines, sines = turning(steps, hparams["width"] // hparams["heads"], hparams["longest_wave"])
        self.register_buffer("cosines", cosines)
        self.register_buffer("sines", sines)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Of tokens that are not padded: nothing is masked."""
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, (self.cosines, self.sines))
        return self.norm(x)


class Encoder(nn.Module):
    """Tokens [batch, steps] -> logits [batch, units] of the mean of all steps."""

    def __init__(self, hparams: Mapping[str, Any], steps: int, units: int, vocabulary: int) -> None:
        super().__init__()
        if hparams["pooling"] != "mean" or hparams["positions"] != "rotary":
            raise ValueError("For PyTorch encoders of pooling=mean and positions=rotary are written.")
        self.blocks = Blocks(hparams, steps, vocabulary, causal=False)
        self.outputs = nn.Linear(hparams["width"], units)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Logits."""
        return self.outputs(self.blocks(tokens).mean(1))


class Decoder(nn.Module):
    """Tokens [batch, steps] -> logits [batch, steps, vocabulary] of each from those before it, of tied vectors."""

    def __init__(self, hparams: Mapping[str, Any], steps: int, vocabulary: int) -> None:
        super().__init__()
        if not hparams["tie_weights"]:
            raise ValueError("For PyTorch decoders of tie_weights=true are written.")
        self.blocks = Blocks(hparams, steps, vocabulary, causal=True)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Logits."""
        before = functional.pad(tokens[:, :-1], (1, 0), value=START)
        return functional.linear(self.blocks(before), self.blocks.embedding.weight)


def encoder(hparams: Mapping[str, Any], shape: Sequence[int], units: int, vocabulary: int) -> nn.Module:
    """The application transformer."""
    return Encoder(hparams, shape[0], units, vocabulary)


def decoder(hparams: Mapping[str, Any], shape: Sequence[int], units: int, vocabulary: int) -> nn.Module:
    """The application language_model."""
    return Decoder(hparams, shape[0], vocabulary)
