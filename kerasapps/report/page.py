"""The page that says all of a run: scores, plots, data, settings, environment, and how to train it again."""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from kerasapps import document
from kerasapps.document import safe, table
from kerasapps.plots.training import metric_label
from kerasapps.runs.directory import read_config
from kerasapps.runs.record import misleading
from kerasapps.runs.run import Run
from kerasapps.settings import text_of

_SPLITS = ("validation", "test")


def page(run: Run, pictures: Sequence[tuple[str, bytes]]) -> str:
    """The whole page of a run; pictures: captions and PNGs or GIFs."""
    title = f"{run.app.name} on {Path(run.options.source).name}"
    body = [
        f"<p>{safe(_lead(run.record))}</p>",
        "<h2>Scores</h2>",
        *_scores(run),
        *_per_class(run.record),
        "<h2>Plots</h2>" * bool(pictures),
        *(document.picture(content, caption) for caption, content in pictures),
        "<h2>Data and training</h2>",
        _pairs(_told(run)),
        *(f"<p>{safe(note)}</p>" for note in run.record.get("notes", ())),
        "<h2>Settings</h2>",
        _pairs({name: text_of(value) for name, value in read_config(run.directory).items() if name != "format"}),
        "<h2>Environment</h2>",
        _pairs(_environment(run)),
        "<h2>Train it again</h2>",
        f"<pre>{safe(_command(run))}</pre>",
    ]
    return document.page(title, body)


def _lead(record: Mapping[str, Any]) -> str:
    """ "completed after 12 epochs in 3.4 s; the weights of epoch 9 were kept"."""
    text = f"{record.get('status', 'interrupted')} after {len(next(iter(record['history'].values()), [])):,} epochs"
    if "seconds" in record:
        text += f" in {record['seconds']['total']:.1f} s"
    return text + (f"; the weights of epoch {record['best_epoch']:,} were kept." if "best_epoch" in record else ".")


def _scores(run: Run) -> list[str]:
    """A row for each metric, and for each of what needs no model, by split."""
    record, target = run.record, run.layout.target
    splits = [split for split in _SPLITS if split in record]
    if not splits:
        return ["<p>Validation and test were not evaluated.</p>"]
    metrics = {split: record[split] | record.get("baselines", {}).get(split, {}) for split in splits}
    names = dict.fromkeys(name for split in splits for name in metrics[split])
    rows = [[metric_label(name, target), *(metrics[split].get(name) for split in splits)] for name in names]
    beware = [text for split in splits if (text := misleading(record, split))]
    return [_cells(["metric", *splits], rows), *(f"<p><strong>{safe(text)}.</strong></p>" for text in beware)]


def _per_class(record: Mapping[str, Any]) -> list[str]:
    """Results of each class on test, where the record has them: class -> metric -> value."""
    classes = record.get("classes", {}).get("test", {})
    if not classes:
        return []
    heads = list(dict.fromkeys(name for values in classes.values() for name in values))
    rows = [[name, *(values.get(head) for head in heads)] for name, values in classes.items()]
    return ["<h2>Classes on test</h2>", _cells(["class", *heads], rows)]


def _told(run: Run) -> dict[str, str]:
    """What was trained on what, and where the time went."""
    record, spec = run.record, run.preprocess.spec
    rows = ", ".join(f"{split} {number:,}" for split, number in record.get("rows", {}).items())
    inputs = [f"{column.title} ({column.kind})" for column in spec.inputs]
    seconds = ", ".join(f"{stage} {spent:.1f}" for stage, spent in record.get("seconds", {}).items())
    found = {
        "data": run.options.source,
        "rows": rows,
        "inputs": ", ".join(inputs[:20]) + f", and {len(inputs) - 20:,} more" * (len(inputs) > 20),
        "target": f"{spec.target.title} ({run.layout.target.kind})" if spec.target else "none",
        "parameters": f"{record['parameters']:,}" if "parameters" in record else "",
        "seconds": seconds,
        "run directory": str(run.directory),
    }
    return {name: text for name, text in found.items() if text}


def _environment(run: Run) -> dict[str, str]:
    """What environment.json says, and how the training loop was compiled; a damaged file is left out."""
    found: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        found = json.loads((run.directory / "environment.json").read_text(encoding="utf-8"))
    execution, strategy = run.record.get("execution", {}), run.record.get("strategy", {})
    found |= {"plan": execution["chosen"]} if "chosen" in execution else {}
    found |= {"strategy": strategy["name"]} if "name" in strategy else {}
    return {name: text_of(value) for name, value in found.items()}


def _command(run: Run) -> str:
    return shlex.join(["kerasapps", "train", run.app.name, "--config", str(run.directory / "config.yaml")])


def _pairs(values: Mapping[str, str]) -> str:
    return table(["", ""], [(safe(name), safe(text)) for name, text in values.items()])


def _cells(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table of names and numbers, of which some may be missing."""
    return table(heads, [["" if cell is None else safe(text_of(cell)) for cell in row] for row in rows])
