"""Spectrograms of sounds, in seconds and hertz."""

from collections.abc import Sequence

import numpy as np

from kerasapps.figures.canvas import TITLE_WIDTH, Figure, new_panels

_HERTZ = (100, 300, 1000, 3000, 6000, 12000)


def spectrogram_grid(
    spectrograms: np.ndarray, seconds: float, hertz: np.ndarray, titles: Sequence[str], title: str, columns: int
) -> Figure:
    """Spectrograms [rows, frames, bands], 0 = -100 dB to 1 = 0 dB, of sounds of so many seconds, bands at `hertz`."""
    figure, axes = new_panels(len(spectrograms), columns, (2.6, 2.1), around=(0.9, 0.5), least=TITLE_WIDTH)
    rows, columns = axes.shape
    ticks = [value for value in _HERTZ if hertz[0] <= value <= hertz[-1]]
    bands = np.interp(ticks, hertz, np.arange(len(hertz)) + 0.5)
    for i, (ax, values, text) in enumerate(zip(axes.flat, spectrograms, titles, strict=False)):
        image = ax.imshow(
            100 * values.T - 100,
            cmap="magma",
            vmin=-100,
            vmax=0,
            origin="lower",
            aspect="auto",
            extent=(0, seconds, 0, len(hertz)),
        )
        ax.set_title(text, fontsize=9)
        ax.set_yticks(bands, [f"{value:,}" for value in ticks] if i % columns == 0 else [])
        ax.tick_params(labelsize=8)
    for ax in axes[:, 0]:
        ax.set_ylabel("Hz", fontsize=9)
    for ax in axes.flat[max(0, len(spectrograms) - columns) : len(spectrograms)]:
        ax.set_xlabel("seconds", fontsize=9)
    figure.colorbar(image, ax=axes, label="dB", shrink=min(1.0, 1.5 / rows))
    figure.suptitle(title, fontsize=11)
    return figure
