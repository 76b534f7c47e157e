"""What lies on disk of a search: what it is of, a run directory for each trial, and how each trial ended.

DIR/search.json          what is searched, and how
DIR/trials/0007          the run directory of trial 7; those of several runs lie in it
DIR/trials/0007.json     its outcome, once it has ended
DIR/trials/0007.log      what it printed
DIR/trials/0007.rungs    its scores on the way
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kerasapps.app import Direction
from kerasapps.errors import CheckpointError, ConfigError, shown
from kerasapps.runs.checkpoint import write_bytes
from kerasapps.runs.directory import locked, written
from kerasapps.settings import settings, text_of
from kerasapps.tuning.options import SearchOptions
from kerasapps.tuning.space import Values

_MAY_DIFFER = ("trials", "parameters")
"""More trials go on with a search; parameters follow from the rest, and searches were saved without them before."""
_MOMENTS = 10.0
_DIGITS = 10
_KEYS = {"app": str, "objective": str, "direction": str, "given": dict}
"""Of search.json, without which nothing can be said of a search."""
_TYPES: dict[str, Any] = {
    **{"trial": int, "values": dict, "fields": dict, "reason": str, "metrics": dict, "epochs": int},
    **{"seconds": (int, float), "scores": list, "stopped": str},
}


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    values: of the parameters of the space. fields: hyperparameters that differ from those of the search for it. score:
    of the objective, None where it failed. reason: why it failed. metrics: of the validation rows. seconds: in all.
    rungs: epoch that it was looked at -> the score there. scores: of its runs, of which score and metrics are means.
    stopped: why it did not train to its end.
    """

    trial: int
    values: Values
    fields: dict[str, Any]
    score: float | None = None
    reason: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    epochs: int = 0
    seconds: float = 0.0
    rungs: dict[int, float | None] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)
    stopped: str = ""

    @property
    def changes(self) -> str:
        """What differs from the settings that all trials share."""
        return ", ".join(f"{name} {text_of(value)}" for name, value in self.fields.items()) or "defaults"

    @property
    def line(self) -> str:
        """How it ended."""
        said = f"failed in {self.seconds:.1f} s: {self.reason}"
        if self.score is not None:
            said = f"{text_of(self.score)} in {self.seconds:.1f} s" + ", stopped early" * bool(self.stopped)
        return f"trial {self.trial}: {said}; {self.changes}"


def trial_path(directory: Path, trial: int) -> Path:
    """The run directory of a trial."""
    return directory / "trials" / f"{trial:04d}"


def first_run(directory: Path) -> Path:
    """The run directory of a trial, or the first one in it where the trial has several runs."""
    return directory / "0" if (directory / "0").exists() else directory


def config_of_trial(named: Path) -> Path:
    """config.yaml of the trial DIR/NUMBER, of a trial with several runs DIR/NUMBER/RUN; raises ConfigError."""
    for directory, trial, run in ((named.parent, named.name, ""), (named.parent.parent, named.parent.name, named.name)):
        if trial.isdecimal() and len(trial) < _DIGITS and (directory / "search.json").exists():
            if read_search(directory).get("trainer", "app") != "app":
                raise ConfigError(
                    f"{directory} is a search of a model of your own, which no app repeats. Its best model is "
                    "kerasapps.tune(...).best."
                )
            run_dir = trial_path(directory, int(trial)) / run
            if (run_dir / "config.yaml").exists():
                return run_dir / "config.yaml"
            runs = sorted(path.parent.name for path in run_dir.glob("*/config.yaml"))
            trials = len(list((directory / "trials").glob("[0-9]*.json")))
            known = f"one of its runs, such as {named}/{runs[0]}" if runs else f"one of the {trials} trials, from 0 on"
            raise ConfigError(f"from_trial={named}: there is no such run. Expected {known}.")
    raise ConfigError(
        f"from_trial={shown(str(named))}: expected the directory of a search and the number of a trial, such as "
        "searches/wine/7."
    )


def runs_of(directory: Path, repeats: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The run directories of a trial, and what the arguments of each differ in."""
    paths = [directory / str(number) for number in range(len(repeats))] if len(repeats) > 1 else [directory]
    return {str(path): dict(own) for path, own in zip(paths, repeats, strict=True)}


@contextmanager
def opened(directory: Path, config: Mapping[str, Any]) -> Iterator[int]:
    """The directory of this search, for this process and those that inherit the descriptor; made, where there is none.

    Raises ConfigError where it is that of another search, saying what differs, or where another process has it.
    """
    try:
        (directory / "trials").mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise ConfigError(f"directory={shown(str(directory))} cannot be made: {error}. Give another one.") from error
    with _soon_locked(directory) as lock:
        file = directory / "search.json"
        if file.exists():
            _refuse_difference(directory, read_search(directory), json.loads(json.dumps(config)))
        write_bytes(file, (json.dumps(config, indent=1) + "\n").encode())
        yield lock


@contextmanager
def _soon_locked(directory: Path) -> Iterator[int]:
    """The descriptor of the directory's lock; the workers of a search that was killed give it up within moments."""
    until = time.monotonic() + _MOMENTS
    with ExitStack() as stack:
        while True:
            try:
                file = stack.enter_context(locked(directory))
                break
            except ConfigError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        assert file is not None, "only a chief searches"
        yield file.fileno()


def _refuse_difference(directory: Path, saved: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    # Of what is new since then.
    defaults = {"trainer": "app", **{name: each.default for name, each in settings(SearchOptions).items()}}
    may_differ = _MAY_DIFFER if given["tuner"] != "hyperband" else _MAY_DIFFER[1:]  # whose brackets hang on them
    saved, given = ({**config["given"], **_without(may_differ, {**defaults, **config})} for config in (saved, given))
    for name in sorted(saved.keys() | given.keys()):
        if saved.get(name) != given.get(name):
            raise ConfigError(
                f"{directory} is another search: it has {name}={shown(saved.get(name))}, but "
                f"{name}={shown(given.get(name))} was given. Give another directory, or the same arguments."
            )


def _without(names: Sequence[str], config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in (*names, "given")}


def read_search(directory: Path) -> dict[str, Any]:
    """What search.json says; raises CheckpointError where there is no search."""
    content = _read(directory / "search.json")
    for name, kind in _KEYS.items():
        if not isinstance(content, dict) or not isinstance(content.get(name), kind):
            raise CheckpointError(
                f"{directory / 'search.json'} is damaged: expected a mapping with {name} of the type {kind.__name__}."
            )
    if content["direction"] not in ("min", "max") or not isinstance(content.get("parameters", []), list):
        raise CheckpointError(f"{directory / 'search.json'} is damaged: direction or parameters make no sense.")
    return content


def read_outcomes(directory: Path) -> dict[int, Outcome]:
    """The outcomes of the trials that have ended, by number; raises CheckpointError for a damaged file."""
    outcomes = {}
    for file in sorted((directory / "trials").glob("[0-9]*.json")):
        try:
            saved = _read(file)
            saved["rungs"] = {int(epochs): score for epochs, score in saved["rungs"].items()}
            outcome = Outcome(**saved)
            _check_types(outcome, int(file.stem))
            outcomes[outcome.trial] = outcome
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise CheckpointError(f"{file} is damaged: {error}. Remove it: the trial is then trained again.") from error
    return outcomes


def _check_types(outcome: Outcome, trial: int) -> None:
    """Raise TypeError for what no search has written."""
    number = (int, float, type(None))
    whole = all(isinstance(getattr(outcome, name), kind) for name, kind in _TYPES.items())
    scores = (outcome.score, *outcome.rungs.values())
    if not whole or not all(isinstance(score, number) and score == score for score in scores):
        raise TypeError("a value has the wrong type")
    if outcome.trial != trial:
        raise TypeError(f"it is of trial {outcome.trial}")


def write_outcome(directory: Path, outcome: Outcome) -> None:
    """Keep how a trial ended; the file appears whole or not at all."""
    with written(directory):
        file = trial_path(directory, outcome.trial).with_suffix(".json")
        write_bytes(file, (json.dumps(asdict(outcome), indent=1) + "\n").encode())


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"{file.parent} is not a search directory: it has no {file.name}.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{file} is damaged: {error}") from error


def ranked(outcomes: Mapping[int, Outcome], direction: Direction) -> list[Outcome]:
    """Those with a score, the best first; of equal ones the earlier trial."""
    sign = -1 if direction == "max" else 1
    scored = [(sign * outcome.score, trial) for trial, outcome in outcomes.items() if outcome.score is not None]
    return [outcomes[trial] for _, trial in sorted(scored)]
