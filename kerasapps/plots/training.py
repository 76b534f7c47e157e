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
    """Metrics of the training and the validation rows over the epochs, and the epoch that was kept."""
    history = {metric_label(metric, view.layout.target): values for metric, values in view.history.items()}
    return lines.learning_curves(history, view.kept_epoch)
