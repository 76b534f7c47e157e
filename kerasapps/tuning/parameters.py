"""The parameters of a search as KerasTuner's configuration of its space has them, and where trials lie on each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasapps.settings import text_of

if TYPE_CHECKING:
    from kerasapps.tuning.outcomes import Outcome


@dataclass(frozen=True)
class Parameter:
    """What was searched of one.

    text: its values or its range. values: of a choice, numbers in their order; () = a range of numbers. is_log: whether
    that is logarithmic. condition: under which it is active; "" = always. range: its ends; None = not known.
    """

    name: str
    text: str
    values: tuple[Any, ...] = ()
    is_log: bool = False
    condition: str = ""
    range: tuple[float, float] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The values of a choice as texts."""
        return tuple(map(text_of, self.values))

    def places(self, outcomes: "Iterable[Outcome]") -> np.ndarray:
        """Where trials lie [trials]: their numbers, or the place of their value among those of the choice.

        NaN where it is not active.
        """
        return np.array([self._place(outcome.values.get(self.name)) for outcome in outcomes])

    def _place(self, value: Any) -> float:
        return np.nan if value is None else float(self.values.index(value) if self.values else value)


def declared(space: Iterable[Mapping[str, Any]]) -> list[Parameter]:
    """Those of the space of HyperParameters.get_config(); several under different conditions may have one name."""
    return [_declared(each["class_name"], each["config"]) for each in space]


def _declared(kind: str, config: Mapping[str, Any]) -> Parameter:
    conditions = (each["config"] for each in config["conditions"])
    condition = " and ".join(f"{each['name']}={_listed(each['values'])}" for each in conditions)
    if "min_value" in config:
        is_log = config["sampling"] in ("log", "reverse_log")
        scale = "" if config["sampling"] in (None, "linear") else f", {config['sampling']}"
        text = f"{text_of(config['min_value'])} to {text_of(config['max_value'])}{scale}"
        ends = (config["min_value"], config["max_value"])
        return Parameter(config["name"], text, (), is_log, condition, ends)
    values = config["values"] if "values" in config else (False, True) if kind == "Boolean" else (config["value"],)
    return Parameter(config["name"], _listed(values), _ordered(values), condition=condition)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(text_of, values))


def _ordered(values: Sequence[Any]) -> tuple[Any, ...]:
    """Numbers by their size, others as they come."""
    return tuple(values if any(isinstance(value, (str, bool)) for value in values) else sorted(values))


def parameters_of(search: Mapping[str, Any], outcomes: "Mapping[int, Outcome]") -> list[Parameter]:
    """Each name once. Of a search that was saved without them, what the values of trials show."""
    by_name: dict[str, list[Parameter]] = {}
    for parameter in declared(search.get("parameters", ())):
        by_name.setdefault(parameter.name, []).append(parameter)
    seen: dict[str, list[Any]] = {name: [] for name in by_name}
    for outcome in outcomes.values():
        for name, value in outcome.values.items():
            seen.setdefault(name, []).append(value)
    return [_joined(name, by_name.get(name, []), values) for name, values in seen.items()]


def _joined(name: str, parts: Sequence[Parameter], seen: Sequence[Any]) -> Parameter:
    """What several parts declare of a name, and what trials have."""
    known = [value for part in parts for value in part.values]
    is_choice = known or any(isinstance(value, (str, bool)) for value in seen)
    values = _ordered(list(dict.fromkeys([*known, *seen]))) if is_choice else ()
    texts = [part.text for part in parts] or [_listed(values) or f"{text_of(min(seen))} to {text_of(max(seen))}"]
    conditions = dict.fromkeys(part.condition for part in parts)
    condition = "" if "" in conditions else " or ".join(conditions)
    is_log = any(part.is_log for part in parts)
    ends = [end for part in parts for end in part.range or ()]
    whole = (min(ends), max(ends)) if ends and not is_choice else None
    return Parameter(name, "; ".join(dict.fromkeys(texts)), values, is_log, condition, whole)
