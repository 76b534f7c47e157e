"""What a run says in plain lines of at most 80 columns: before training what is trained, after it what came of it.

A path or a command may be longer: it can be copied.
"""

import os
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from kerasapps.data.spec import Column
from kerasapps.distribute.cluster import command_to_go_on
from kerasapps.distribute.replicas import Replicas
from kerasapps.engine.segments import Progress
from kerasapps.plots.training import metric_label
from kerasapps.printable import on_one_line
from kerasapps.runs.record import misleading
from kerasapps.runs.run import Run
from kerasapps.training.example import NAME
from kerasapps.training.job import Job

WIDTH, LABEL = 80, 12
"""Columns of a line, and of what it begins with."""
_LISTED = 48
"""Columns that names may take before the others are only counted."""
_ZERO = 1e-6
"""Share of a range that is rounding of standardised numbers."""
_STAGES = ("import", "compile", "train", "scores")
_BASELINES = {
    "majority_accuracy": ("accuracy", "always saying the most frequent class"),
    "mean_rmse": ("rmse", "always saying the mean"),
    "linear_accuracy": ("accuracy", "a linear model of the words"),
    "persistence_rmse": ("rmse", "repeating the last step"),
    "seasonal_naive_rmse": ("rmse", "repeating the last season"),
}
"""Name of a baseline -> the metric that it is compared with, and what it does."""


def before(job: Job, at: Progress) -> list[str]:
    """What is trained on what, into what, and how; at: where training begins."""
    session, data = job.session, job.session.data
    rows = {"for training": "train", "for validation": "validation", "for the test": "test"}
    purposes = (f"{len(data.rows[split]):,} {purpose}" for purpose, split in rows.items())
    begun = f", from epoch {at.epoch + 1} on" if at.epoch or at.cycle else ""
    plan = session.program.compiler.plan
    compiled = "compiled by XLA" if plan.xla or session.replicas.compiles else "not compiled by XLA"
    about = {
        "training": f"{job.app.name} on {data.name}, {session.hparams.epochs} epochs{begun}",
        "rows": ", ".join(purposes),
        "target": _target(job),
        "inputs": _inputs(data.preprocess.spec.inputs),
        "model": f"{job.parameters:,} parameters; batches of {session.batch_size} rows, "
        f"{session.steps_per_epoch} an epoch",
        "device": f"{_devices(session.replicas)}; plan {plan.name}, {compiled}; {session.options.precision}",
    }
    return [*_labelled(about.items()), *_labelled(("note", note) for note in _notes(job))]


def _target(job: Job) -> str:
    """What has to be answered, with the range of its numbers in the rows that lie in memory."""
    data, layout = job.session.data, job.session.data.preprocess.layout
    target, column = layout.target, data.preprocess.spec.target
    if column is None or target.kind == "none":
        return "none; the model learns what the inputs are like"
    said = f"a text of at most {target.length} tokens"
    if target.kind == "classes":
        said = f"one of {target.size} classes: {_listed(target.names)}"
    if target.kind == "reals":
        labels = [target.in_units(rows["labels"]) for rows in (data.train, data.validation, data.test) if rows]
        ends = min(each.min() for each in labels), max(each.max() for each in labels)
        low, high = (end * (abs(end) > _ZERO * (ends[1] - ends[0])) for end in ends)
        several = f"the next {target.size} steps, each " if layout.forecast else f"{target.size} numbers, each "
        said = f"{several * (target.size > 1)}{'' if target.size > 1 else 'a number '}from {low:.4g} to {high:.4g}"
    return f"{column.title}, {said}" + "; learnt only where a setting says so" * job.takes_any_target


def _inputs(columns: Sequence[Column]) -> str:
    """The names of the columns of each kind, and the shapes of those that are no single numbers or words."""
    kinds: dict[str, list[str]] = {}
    for column in columns:
        shape = f" of {' x '.join(map(str, column.shape))}" if column.shape else ""
        kinds.setdefault(column.kind, []).append(f"{column.title}{shape}")
    return "; ".join(f"{kind} ({len(names)}): {_listed(names)}" for kind, names in kinds.items())


def _listed(names: Sequence[str]) -> str:
    """As many of the names as fit, and how many are left."""
    number = len(names)
    while number > 1 and len(", ".join(names[:number])) > _LISTED:
        number -= 1
    left = len(names) - number
    shown = (repr(name) if "," in name else name for name in names[:number])
    return ", ".join(map(on_one_line, shown)) + f" and {left:,} more" * (left > 0)


def _devices(replicas: Replicas) -> str:
    kind = "TPU" if replicas.compiles else "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    workers = f" of {replicas.workers} workers" if replicas.workers > 1 else ""
    return f"{replicas.number} {kind}{workers} ({replicas.name})"


def _notes(job: Job) -> Iterator[str]:
    """What was mended or left out."""
    data = job.session.data
    yield from data.notes
    for column, texts in data.texts.items():
        if texts["cut"]:
            number = f"{texts['cut']:,} of {len(data.rows['train']):,} texts"
            yield f"{number} of {column} are cut at {texts['tokens']} tokens"


def after(run: Run) -> list[str]:
    """What came of a run, what it has to be compared with, and what can be done with it."""
    record, path = run.record, _short(run.directory)
    splits = [split for split in ("validation", "test") if split in record]
    metrics = ((split, _metrics(run, split)) for split in splits)
    lines = _labelled([("result", _result(record)), ("time", _time(record)), *_kept(run), *metrics])
    for split in splits[-1:]:
        lines += _labelled(_compared(record, split))
    if record["status"] == "interrupted":
        reason = record.get("stopped", "Stopped as asked before the last epoch.")
        lines += [f"{reason} Go on: {command_to_go_on(record['app'], run.directory)}"]
    lines += [f"run directory: {run.directory}"]
    example = [
        f"{path}/{text}" if text.startswith(f"{NAME}.") else shlex.quote(text) for text in record.get("example", ())
    ]
    commands = [f"report {path}", *_asked(run, path, example), f"export {path}"] if splits else []
    labels = ("next", *[""] * len(commands))
    return [*lines, *(f"{label:<{LABEL}} kerasapps {each}" for label, each in zip(labels, commands, strict=False))]


def _asked(run: Run, path: str, example: Sequence[str]) -> Iterator[str]:
    """How the run is asked: with the example, and for something new where a further signature makes it of a seed."""
    if example:
        yield " ".join(["predict", path, *example])
    for name, signature in run.signatures.items():
        if run.signatures["serving_default"].columns and not signature.columns and "seed" in signature.arguments:
            yield f"predict {path} --signature {name}"


def _result(record: Mapping[str, Any]) -> str:
    """Of all processes that trained."""
    said = f"{record['app']} on {record['data']}: {record['status']}"
    calls, epochs = record["seconds"].get("calls"), record.get("epochs")
    return said if calls is None or epochs is None else f"{said}; {epochs} epochs took {calls:.1f} s of training"


def _short(path: Path) -> str:
    """A path as a shell takes it here."""
    inside = os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else str(path)
    return shlex.quote(inside)


def _kept(run: Run) -> Iterator[tuple[str, str]]:
    record = run.record
    if not record.get("best_epoch"):
        return
    epochs, best, monitor = len(next(iter(record["history"].values()))), record["best_epoch"], run.hparams.monitor
    said = f"epoch {best} of {epochs}, the last"
    if run.hparams.keep == "best":
        way = "lowest" if run.task.directions[monitor.removeprefix("val_")] == "min" else "highest"
        said = f"epoch {best} of {epochs}: it has the {way} {monitor}, {record['history'][monitor][best - 1]:.4g}"
    if record.get("stopped") and record["status"] == "completed":
        said += f". Training ended early: {record['stopped']}"
    yield "kept", said


def _metrics(run: Run, split: str) -> str:
    target = run.layout.target
    return ", ".join(f"{metric_label(name, target)} {value:.4g}" for name, value in run.record[split].items())


def _compared(record: Mapping[str, Any], split: str) -> Iterator[tuple[str, str]]:
    """What simple answers reach on a split, and whether accuracy misleads."""
    found = {**record[split], **record.get("baselines", {}).get(split, {})}
    for name, (metric, what) in _BASELINES.items():
        if name in found and metric in found:
            yield "compare", f"{split} {metric} {found[metric]:.4g}; {what} gets {found[name]:.4g}"
    if why := misleading(record, split):
        yield "beware", why


def _time(record: Mapping[str, Any]) -> str:
    """Of this process, also of its stages, and the pace: "9.0 s (import 5.0, train 4.0), 80 examples/s once warm"."""
    seconds, rate = record["seconds"], record.get("examples_per_second")
    stages = ", ".join(f"{stage} {seconds[stage]:.1f}" for stage in _STAGES if stage in seconds)
    total = f"{seconds['total']:.1f} s" + (f" ({stages})" if stages else "")
    return f"{total}, {rate:,.0f} examples/s once warm" if rate else total


def _labelled(texts: Iterable[tuple[str, str]]) -> list[str]:
    """A label and a text each, the text wrapped beside it."""
    indent = " " * (LABEL + 1)
    return [
        line
        for label, text in texts
        for line in textwrap.wrap(
            on_one_line(text),
            WIDTH,
            initial_indent=f"{label:<{LABEL}} ",
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
