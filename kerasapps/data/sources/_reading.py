"""How a table is read: which of its columns are used, as what, and whether cells may be missing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kerasapps.data.readers import column_name, labels_of, names_of, position
from kerasapps.data.spec import TARGET_NAMES
from kerasapps.errors import ConfigError, unknown_name

KINDS = ("boolean", "category", "date", "number", "text")
"""Kinds that a column may be said to be of; numbers that float32 cannot distinguish are exact without it."""
IGNORED = "ignore"
_TASKS = {"number": "regression", "category": "classification", "boolean": "classification"}


@dataclass(frozen=True)
class Reading:
    """What the options say of a table, and in `kinds` those of the inputs that a run has; None = a new run.

    target, features: columns, by what the file calls them or by their names. kind: "COLUMN=KIND" of some columns.
    missing: "fill" = cells may be missing, and what is written in other ways is mended; "refuse" = neither.
    task: "regression" or "classification", where the target's looks are not to decide.
    """

    target: str | None = None
    features: Sequence[str] | None = None
    kind: Sequence[str] | None = None
    missing: str = "fill"
    task: str | None = None
    kinds: Collection[str] | None = None

    @property
    def fill(self) -> bool:
        """Whether cells may be missing."""
        return self.missing == "fill"


@dataclass(frozen=True)
class Chosen:
    """The columns of a table by their positions: `target`, and `inputs` in their order.

    labels: what the file calls each; names: what an exported model does. said: the kinds of those that have one by
    --kind, None of the target. named: inputs that are used whatever they look like. task: of the target, "" = by looks.
    """

    labels: Sequence[str]
    names: Sequence[str]
    target: int
    inputs: Sequence[int]
    said: Mapping[int, str]
    named: Collection[int]
    task: str = ""


def choose(header: Sequence[str], reading: Reading) -> Chosen:
    """The columns that are used; raises ConfigError for one that is not there, for unknown kinds and tasks."""
    labels = labels_of(header)
    names = names_of(labels)
    target = _target(labels, names, reading.target)
    said = _said(labels, names, reading.kind or ())
    others = [i for i in range(len(labels)) if i != target and said.get(i) != IGNORED]
    inputs = others
    if reading.features is not None:
        known = [labels[i] for i in others]
        places = [position(name, labels, names) for name in dict.fromkeys(reading.features)]
        for name, place in zip(dict.fromkeys(reading.features), places, strict=True):
            if place not in others:
                raise unknown_name("feature", name, known)
        inputs = [place for place in places if place is not None]
    own, rest = column_name(labels[target]), names[:target] + names[target + 1 :]
    names[target] = own if own.isidentifier() and own not in rest else names[target]  # it is no argument
    named = {*said, *(inputs if reading.features is not None else ())}
    return Chosen(labels, names, target, inputs, said, named, _task(labels[target], said.get(target), reading.task))


def _target(labels: Sequence[str], names: Sequence[str], wanted: str | None) -> int:
    """Where the target stands: by default that named target or label, else the last that has a name."""
    if not wanted:
        named = [i for i, label in enumerate(labels) if label != f"Unnamed: {i}"]
        return next((names.index(name) for name in TARGET_NAMES if name in names), max(named, default=0))
    place = position(wanted.strip(), labels, names)
    if place is None:
        raise unknown_name("target", wanted, labels)
    return place


def _said(labels: Sequence[str], names: Sequence[str], kinds: Sequence[str]) -> dict[int, str]:
    """The kind of each column of which it is said; the last one counts."""
    said = {}
    for text in kinds:
        label, equals, kind = text.rpartition("=")
        if not equals:
            raise ConfigError(f"kind={text}: expected COLUMN=KIND, such as {labels[0]}=category.")
        place = position(label.strip(), labels, names)
        if place is None:
            raise unknown_name("column", label, labels)
        if kind.strip() not in (*KINDS, IGNORED):
            raise unknown_name(f"kind of {label}", kind, (*KINDS, IGNORED))
        said[place] = kind.strip()
    return said


def _task(label: str, kind: str | None, task: str | None) -> str:
    """The task that --task or the kind of the target says."""
    if kind is not None and kind not in _TASKS:
        raise ConfigError(f"kind={label}={kind}: {label} is the target. Expected one of {', '.join(_TASKS)}.")
    if kind is not None and task and _TASKS[kind] != task:
        raise ConfigError(f"task={task} with kind={label}={kind}: expected one of them, or both alike.")
    return task or (_TASKS[kind] if kind else "")
