"""The reference of settings: those of every run, and those of each application."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from experiments.shown.markdown import escaped, markdown
from kerasapps.app import App, accepted_forms, load_app
from kerasapps.cli._arguments import ALIASES, flag
from kerasapps.cli.describe import search_space
from kerasapps.data.augment import Augmentation
from kerasapps.data.options import DataOptions, FieldOptions, SourceOptions
from kerasapps.engine.options import EngineOptions
from kerasapps.hparams import Hparams
from kerasapps.layers.transformer import BlockHparams, EncoderHparams
from kerasapps.names import APPS, names_in, summary
from kerasapps.runs.options import Options
from kerasapps.settings import Limits, Setting, settings, text_of

INTRODUCTION = """# Settings

You can give a setting in three ways:

- as a flag of `kerasapps train`: `--learning-rate 1e-3`
- as a line of a YAML file for `--config`: `learning_rate: 1e-3`
- as an argument of `kerasapps.train`: `learning_rate=1e-3`

In Python `none` is `None`.

A setting takes the first of these values that there is:

1. the value that you give
2. the value that the application has for this data set
3. the value that the application has for this kind of input
4. the application's own default
5. the default in these tables

`kerasapps train APP --data SOURCE --help` shows the values that apply."""
RUN = {
    "Data": (SourceOptions, FieldOptions, DataOptions),
    "Computation": (EngineOptions,),
    "Run": (Options,),
}
"""Title -> the classes that declare these settings of every run."""
SHARED = {
    Augmentation: "Image augmentation",
    BlockHparams: "Transformer blocks",
    EncoderHparams: "Transformer encoders",
}
"""Classes of settings that several applications have."""
HEADER = ("Setting", "Default", "Values", "Meaning")
KINDS = {int: "int", float: "float", str: "text", bool: "`true`, `false`", dict: "mapping"}
FORMS = {"image": "images", "vector": "tables", "sequence": "sequences", "tokens": "texts"}
TARGETS = {"classes": "classes", "binary": "two classes", "reals": "numbers", "tokens": "texts", "any": "any or none"}


def page() -> str:
    """All settings."""
    runs = [text for title, kinds in RUN.items() for text in (f"### {title}", _declared_by(*kinds))]
    shared = [text for kind, title in SHARED.items() for text in (f"### {title}", _used_by(kind), _declared_by(kind))]
    apps = [text for name in names_in(APPS) for text in _app(load_app(name))]
    every = ["## Every run", *runs, "## Every application", _declared_by(Hparams)]
    return "\n\n".join([INTRODUCTION, *every, "## Several applications", *shared, "## Each application", *apps])


def rows_of(fields: Mapping[str, Setting], flags: bool = False) -> Iterator[list[str]]:
    """A row for each setting: name, default, values, meaning."""
    for name, each in fields.items():
        others = [other for other, field in ALIASES.items() if field == name]
        names = ", ".join(f"`{flag(one) if flags else one}`" for one in (name, *others))
        yield [names, f"`{each.default_text}`", _values(each), escaped(each.help)]


def _values(each: Setting) -> str:
    """Type and range, or the choices."""
    if each.choices:
        wanted = ", ".join(f"`{choice}`" for choice in each.choices)
    else:
        kind = f"list of {KINDS[each.kind]}" if each.many else KINDS[each.kind]
        wanted = f"{kind} {_range(each.limits)}".rstrip()
    return f"{wanted}, `none`" if each.optional else wanted


def _range(limits: Limits) -> str:
    """The range of a number, such as "≥ 0 and &lt; 1"."""
    signs = {">=": "≥", "<=": "≤", "<": "&lt;"}
    return " and ".join(f"{signs.get(sign, sign)} {end:.10g}" for sign, end in limits.bounds.items())


def _own(name: str, kind: type) -> type:
    """The class that declares a setting of `kind`."""
    return [base for base in kind.__mro__ if name in inspect.get_annotations(base)][-1]


def _declared_by(*kinds: type) -> str:
    """A table of the settings that these classes declare themselves."""
    fields = {name: each for kind in kinds for name, each in settings(kind).items() if _own(name, kind) is kind}
    return markdown(HEADER, rows_of(fields))


def _used_by(kind: type) -> str:
    names = [name for name in names_in(APPS) if issubclass(load_app(name).hparams, kind)]
    return f"Of {', '.join(f'[{name}](#{name})' for name in names)}."


def _app(app: App) -> Iterator[str]:
    yield f"### {app.name}"
    yield escaped(summary(APPS, app.name))
    yield "\n".join(f"- **{title}**: {text}" for title, text in _facts(app) if text)
    own = {
        name: each for name, each in settings(app.hparams).items() if _own(name, app.hparams) not in (Hparams, *SHARED)
    }
    if own:
        yield markdown(HEADER, rows_of(own))
    yield markdown(("Other defaults", "Settings"), _other_defaults(app))
    yield markdown(("Search space", "Values"), [[f"`{name}`", text] for name, text in search_space(app).items()])


def _facts(app: App) -> Iterator[tuple[str, str]]:
    forms = accepted_forms(app).items()
    yield (
        "Inputs",
        "; ".join(f"{_joined(FORMS, form, ' with ')} (target: {_joined(TARGETS, to)})" for form, to in forms),
    )
    yield "Default data", f"`{app.default_data}`"
    goals = ((name, goal.metric, Limits(goal.at_least, maximum=goal.at_most)) for name, goal in app.goals.items())
    yield "Goals on test rows", ", ".join(f"`{name}` {metric} {_range(limits)}" for name, metric, limits in goals)
    yield "Plots", ", ".join(name.replace("_", " ") for name in app.plots)
    shared = [title for kind, title in SHARED.items() if issubclass(app.hparams, kind)]
    yield "Also has", ", ".join(f"[{title}](#{title.lower().replace(' ', '-')})" for title in shared)


def _joined(names: Mapping[str, str], keys: Iterable[str], by: str = ", ") -> str:
    return by.join(names[key] for key in keys)


def _other_defaults(app: App) -> Iterator[list[str]]:
    """Where the application has other defaults: always, for kinds of input, and for data sets."""
    always = {
        name: each.default
        for name, each in settings(app.hparams).items()
        if each.default != settings(_own(name, app.hparams))[name].default
    }
    if always or app.options:
        yield ["always", _assigned({**always, **app.options})]
    for kind, values in app.suited.items():
        yield [f"{kind} inputs", _assigned(values)]
    same: dict[str, list[str]] = {}
    for source, values in app.tuned.items():
        same.setdefault(_assigned(values), []).append(f"`{source}`")
    yield from ([", ".join(sources), text] for text, sources in same.items())


def _assigned(values: Mapping[str, Any]) -> str:
    return ", ".join(f"`{name}={text_of(value)}`" for name, value in values.items())
