"""How training went, and what a metric is called."""

from kerasapps.app import View
from kerasapps.data.spec import Target
from kerasapps.figures import lines
from kerasapps.figures.canvas import Figure


def metric_label(metric: str, target: Target) -> str:
    """A metric as it is shown: with its units where those are not the data's."""
    standardised = bool(target.scale) and metric.removeprefix("val_") == "loss"
    return f"{metric} (standardised units)" if standardised else metric


def learning_curves(view: View) -> Figure:
    """Every metric over the epochs."""
    return lines.learning_curves({metric_label(m, view.layout.target): v for m, v in view.history.items()})
