"""The side of generation on PyTorch: a loop in Python over a cache of keys and values that lies ready, eager.

A step's own keys and values are written into the cache in place, and attention sees a slice of it.
"""

from pathlib import Path

import torch
from torch.nn import functional

from experiments.peers import worker
from experiments.peers.decoding import Side, tokens_of
from experiments.peers.handover import read_shared
from experiments.peers.pytorch_models import load_weights, make_model
from experiments.peers.pytorch_transformers import START, Attention, Block, Decoder, turned


class Cached:
    """Makes tokens with a model."""

    def __init__(self, model: Decoder, length: int) -> None:
        self.model, self.length = model.eval(), length
        self.caches = [self._room(block.attention) for block in model.blocks.blocks]

    def _room(self, attention: Attention) -> torch.Tensor:
        return torch.zeros(2, 1, attention.heads, self.length, attention.query.in_features // attention.heads)

    def _attended(self, attention: Attention, x: torch.Tensor, cache: torch.Tensor, at: int) -> torch.Tensor:
        turn = (self.model.blocks.cosines[at : at + 1], self.model.blocks.sines[at : at + 1])
        query, key = (turned(attention.in_heads(layer(x)), turn) for layer in (attention.query, attention.key))
        cache[0, :, :, at : at + 1], cache[1, :, :, at : at + 1] = key, attention.in_heads(attention.value(x))
        attended = functional.scaled_dot_product_attention(query, cache[0, :, :, : at + 1], cache[1, :, :, : at + 1])
        return attention.outputs(attended.transpose(1, 2).flatten(2))

    def _block(self, block: Block, x: torch.Tensor, cache: torch.Tensor, at: int) -> torch.Tensor:
        x = x + self._attended(block.attention, block.norm_1(x), cache, at)
        return x + block.outputs(functional.gelu(block.hidden(block.norm_2(x))))

    @torch.inference_mode()
    def tokens(self) -> torch.Tensor:
        """The likeliest ones [length], one after the other."""
        blocks, made, last = self.model.blocks, torch.zeros(self.length, dtype=torch.long), torch.tensor([[START]])
        for at in range(self.length):
            x = blocks.embedding(last)
            for block, cache in zip(blocks.blocks, self.caches, strict=True):
                x = self._block(block, x, cache, at)
            last = functional.linear(blocks.norm(x), blocks.embedding.weight).argmax(-1)
            made[at] = last[0, 0]
        return made


def cached(folder: Path) -> Cached:
    """With the first weights of the model."""
    shared = read_shared(folder)
    model = make_model(shared.app, shared.hparams, shared.shape, shared.units, shared.vocabulary)
    load_weights(model, shared.weights())
    return Cached(model, tokens_of(shared.shape))


class Torch(Side):
    """With one thread or as many as there are cores, whichever is the faster."""

    def tokens(self) -> list[int]:
        """What it makes."""
        made = super().tokens()
        torch.set_num_threads(min((torch.get_num_threads(), 1), key=self._seconds_with))
        return made

    def _seconds_with(self, threads: int) -> float:
        torch.set_num_threads(threads)
        return min(self.turn(1) for _ in range(3))


if __name__ == "__main__":
    worker.serve(lambda folder, words: Torch(cached(folder).tokens))
