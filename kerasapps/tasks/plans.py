"""Which plans of execution suit a model on which kind of device, the likely fastest first: measured by bench.py.

Those for "CPU" were measured on two cores. On a GPU, launches dominate the time of small kernels, so that whole epochs
in one program are the fastest for all layers.
"""

from collections.abc import Mapping

Plans = Mapping[str, tuple[str, ...]]
"""Kind of device, "CPU" or "GPU" -> names of plans."""

ANY_LAYERS: Plans = {"CPU": ("loop", "step", "graph"), "GPU": ("loop", "step", "graph")}

# On a CPU, XLA is slower at convolutions, and a loop of them is too slow to be worth compiling.
CONVOLUTIONS: Plans = {**ANY_LAYERS, "CPU": ("graph", "step")}

# Where an encoder's step keeps one core busy, the other one computes the other half of the batch.
ATTENTION: Plans = {**ANY_LAYERS, "CPU": ("loop", "halves", "step", "graph")}

# Steps of recurrent layers are too small for several cores, but halves of a batch are not.
RECURRENT: Plans = {**ANY_LAYERS, "CPU": ("halves", "step", "loop", "graph")}
