"""Which layout an app is given for a source, and what is said where there is none."""

from collections.abc import Iterable, Mapping

from kerasapps.app import App, accepts, load_app
from kerasapps.data.preprocess import Preprocess, check_alone, fit, layouts
from kerasapps.data.spec import Columns, Spec
from kerasapps.data.text import SPECIAL_TOKENS, USUAL_SIZE, TextSize
from kerasapps.errors import ConfigError, DataError
from kerasapps.names import APPS, names_in


def choose_layout(
    app: App, spec: Spec, data: str, columns: Columns | Iterable[Columns], size: TextSize = USUAL_SIZE
) -> Preprocess:
    """Preprocessing fitted on `columns` (training rows, in one piece or in several) for the first layout the app takes.

    Raises ConfigError where the app cannot learn such data, DataError where there is nothing to learn in it.
    """
    check_alone(spec, data)
    statistics, tried = fit(spec, columns, size.words), []
    for kind in app.accepts:
        if kind in layouts(spec):
            preprocess = Preprocess(spec, kind, statistics, size.tokens)
            _check_size(preprocess, data, learns_target="any" not in app.accepts[kind])
            tried.append(f"{kind} -> {preprocess.layout.target.size} {preprocess.layout.target.kind}")
            if accepts(app, kind, preprocess.layout.target):
                return preprocess
    takes = ", ".join(f"{kind} -> {' or '.join(targets)}" for kind, targets in app.accepts.items())
    suited = [name for name in names_in(APPS) if _takes(load_app(name), spec, statistics)]
    offers = ", ".join(tried) or ", ".join(layouts(spec)) + " inputs"
    raise ConfigError(
        f"{app.name} cannot learn {data}: it takes {takes}; {data} offers {offers}. "
        f"Apps that take {data}: {', '.join(suited) or 'none'}." + _hint(app, spec, data)
    )


def _hint(app: App, spec: Spec, data: str) -> str:
    """How a table of numbers becomes a series, where the app would take one."""
    numbers = data.endswith(".csv") and spec.target is not None and spec.target.kind == "number"
    return " To forecast a series give --history and --horizon." if numbers and "sequence" in app.accepts else ""


def _check_size(preprocess: Preprocess, data: str, learns_target: bool) -> None:
    layout = preprocess.layout
    if 0 in layout.only.shape:
        raise DataError(f"{data} has no input that varies: every category has one value only. Expected another column.")
    if layout.only.form == "tokens" and layout.only.vocabulary == SPECIAL_TOKENS:
        raise DataError(f"{data} has no word in its texts, only signs. Expected texts of letters or digits.")
    if learns_target and layout.target.kind == "classes" and layout.target.size < 2:
        raise DataError(
            f"{data} has the single class {layout.target.names}. Expected at least two classes to tell apart."
        )


def fits(app: App, spec: Spec, columns: Columns | Iterable[Columns]) -> bool:
    """Whether `app` takes some layout of the source of which `columns` are some training rows."""
    return _takes(app, spec, fit(spec, columns))


def _takes(app: App, spec: Spec, statistics: Mapping[str, list[float]]) -> bool:
    kinds = [kind for kind in app.accepts if kind in layouts(spec)]
    return any(accepts(app, kind, Preprocess(spec, kind, statistics).layout.target) for kind in kinds)
