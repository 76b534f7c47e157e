"""Which layout an app is given for a source, and what is said where there is none."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from kerasapps.app import App, accepted_forms, accepts, load_app
from kerasapps.data import readers
from kerasapps.data.preprocess import Preprocess, check_alone, fit, layouts, target_of
from kerasapps.data.spec import Columns, Form, Spec
from kerasapps.data.tokenizers import SPECIAL_TOKENS, USUAL, TextOptions
from kerasapps.errors import ConfigError, DataError
from kerasapps.names import APPS, names_in


def choose_layout(
    app: App, spec: Spec, data: str, columns: Columns | Iterable[Columns], texts: TextOptions = USUAL
) -> Preprocess:
    """Preprocessing fitted on `columns` (training rows, in one piece or in several) for the first layout the app takes.

    `columns` are read once for each layout that is tried. Raises ConfigError where the app cannot learn such data,
    DataError where there is nothing to learn in it.
    """
    alone = {forms[0] for forms in accepted_forms(app) if len(forms) == 1}
    if len(alone) == len(accepted_forms(app)):
        check_alone(spec, data, alone)
    tried = []
    for forms in _candidates(app, spec):
        preprocess = Preprocess(spec, forms, fit(spec, columns, texts, forms), texts)
        target = preprocess.layout.target
        _check_size(preprocess, data, learns_target="any" not in accepted_forms(app)[forms])
        tried.append(f"{' + '.join(forms)} -> {target.size} {target.kind}")
        if accepts(app, forms, target):
            return preprocess
    takes = ", ".join(f"{' + '.join(forms)} -> {' or '.join(kinds)}" for forms, kinds in accepted_forms(app).items())
    statistics = fit(spec, columns, texts)
    suited = [name for name in names_in(APPS) if fits(load_app(name), spec, statistics)]
    offers = ", ".join(tried) or ", ".join(map(" + ".join, layouts(spec))) + " inputs"
    raise ConfigError(
        f"{app.name} cannot learn {data}: it takes {takes}; {data} offers {offers}. "
        f"Apps that take {data}: {', '.join(suited) or 'none'}." + _hint(app, spec, data)
    )


def _candidates(app: App, spec: Spec) -> list[tuple[Form, ...]]:
    """Each layout that the app takes and the source has."""
    possible = layouts(spec)
    return [forms for forms in accepted_forms(app) if forms in possible]


def _hint(app: App, spec: Spec, data: str) -> str:
    """How a table becomes a series or texts, where the app would take such."""
    if not readers.is_table(Path(data)):
        return ""
    if spec.inputs_of("category") and any("tokens" in forms for forms in accepted_forms(app)):
        return " Cells are texts where most have several words, with blanks between them, and more than half differ."
    real = spec.target is not None and not spec.target.classes
    return " To forecast a series give --history and --horizon." if real and "sequence" in app.accepts else ""


def _check_size(preprocess: Preprocess, data: str, learns_target: bool) -> None:
    layout = preprocess.layout
    if SPECIAL_TOKENS in (field.vocabulary for field in layout.inputs):
        raise DataError(f"{data} has no word in its texts, only signs. Expected letters, digits or emoji.")
    if any(field.packed and not field.features for field in layout.inputs):
        raise DataError(f"{data} has no word that two texts for training have. Expected texts that share words.")
    if any(0 in field.shape for field in layout.inputs):
        raise DataError(
            f"{data} has no input that varies: every category has one value at most in the rows for training. Expected "
            "another column."
        )
    if learns_target and len(layout.target.class_names) == 1:
        media = preprocess.spec.inputs_of("image") or preprocess.spec.inputs_of("audio")
        hint = ": images or sounds of each in a folder of its own" if media else ""
        raise DataError(f"{data} has the single class {layout.target.names}. Expected at least two classes{hint}.")


def fits(app: App, spec: Spec, statistics: Mapping[str, list]) -> bool:
    """Whether `app` takes some layout of the source; statistics: what `fit` finds in some training rows."""
    target, _ = target_of(spec, statistics, USUAL)
    return any(accepts(app, forms, target) for forms in _candidates(app, spec))
