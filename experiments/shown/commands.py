"""The reference of commands: what each takes, as its parser declares it."""

import argparse
import importlib
import inspect
from collections.abc import Iterable, Iterator

from experiments.shown.declarations import rows_of
from experiments.shown.markdown import escaped, markdown
from kerasapps import errors
from kerasapps.cli import train, tune
from kerasapps.names import COMMANDS, names_in, summary
from kerasapps.settings import settings

INTRODUCTION = """# Commands

`kerasapps COMMAND --help` shows the same as this page.

- `-` and `_` mean the same in flags.
- `none` stands for no value.
- A list is given as `--hidden 64 64`, as `--hidden 64,64`, or by repeating the flag.
- `RUN` is the directory of a run, the beginning of its name in `runs`, or `latest`.
- Progress and messages go to stderr. With `--json` the last line of stdout is JSON.
"""
SPECIAL = {"train": train, "tune": tune}
"""Commands that take settings."""
_WIDTH = 80


def page() -> str:
    """All commands, and their exit statuses."""
    sections = [text for name in names_in(COMMANDS) for text in _command(name)]
    return "\n\n".join([INTRODUCTION.rstrip(), *sections, "## Exit status", _statuses()])


def _command(name: str) -> Iterator[str]:
    yield f"## kerasapps {name}"
    yield escaped(summary(COMMANDS, name))
    if name not in SPECIAL:
        yield from _takes(importlib.import_module(f"{COMMANDS}.{name}").parser())
        return
    module = SPECIAL[name]
    usage = module.USAGE.partition("\n\n")[0].replace("usage: ", "       ").splitlines()
    yield _block("\n".join(line.removeprefix("       ") for line in usage))
    yield f"{_TAKES[name]}\nThe command itself has these options:"
    switches = {name: each for name, each in settings(module.Switches).items() if name != "help"}
    yield markdown(("Option", "Default", "Values", "Meaning"), rows_of(switches, flags=True))
    if name == "tune":
        for parser in tune.parsers().values():
            yield f"### {parser.prog}"
            yield escaped(parser.description or "")
            yield from _takes(parser)


_TAKES = {
    "train": "All [settings](settings.md) of a run and of the application are flags.",
    "tune": "All [settings](settings.md) of a run and of the application are flags, and hold for every trial.",
}


def _takes(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Usage, arguments and options."""
    actions = [each for each in parser._actions if not isinstance(each, argparse._HelpAction)]
    yield _block(_wrapped([parser.prog, *map(_usage, actions)]) if parser.usage is None else parser.usage)
    for title, wanted in (("Argument", False), ("Option", True)):
        chosen = [each for each in actions if bool(each.option_strings) is wanted]
        if chosen:
            yield markdown((title, "Default", "Meaning"), map(_row, chosen))
    if parser.epilog:
        yield escaped(parser.epilog)


def _wrapped(words: Iterable[str]) -> str:
    """Words that lines do not break, below the first of them."""
    lines = [""]
    for word in words:
        lines = [*lines, f"    {word}"] if len(lines[-1]) + len(word) > _WIDTH else [*lines[:-1], f"{lines[-1]} {word}"]
    return "\n".join(lines).strip()


def _block(text: str) -> str:
    return f"```text\n{text}\n```"


def _usage(action: argparse.Action) -> str:
    """What stands for an argument or an option in the line of usage."""
    if not action.option_strings:
        return {"*": f"[{action.metavar} ...]", "?": f"[{action.metavar}]"}.get(str(action.nargs), str(action.metavar))
    flag = " ".join([action.option_strings[0], *_value(action)])
    return flag if action.required else f"[{flag}]"


def _value(action: argparse.Action) -> Iterable[str]:
    """The name of an option's value, where it has one."""
    return [] if action.nargs == 0 else [str(action.metavar or action.dest.upper())]


def _row(action: argparse.Action) -> list[str]:
    name = " ".join([action.option_strings[0], *_value(action)]) if action.option_strings else str(action.metavar)
    choices = [f"one of {', '.join(f'`{choice}`' for choice in action.choices)}"] if action.choices else []
    meaning = [escaped(known)] if (known := _meaning(action)) else []
    return [f"`{name}`", _default(action), "; ".join([*choices, *meaning])]


def _default(action: argparse.Action) -> str:
    return "" if action.default in (None, False, "", 0) or action.nargs == "*" else f"`{action.default}`"


def _meaning(action: argparse.Action) -> str | None:
    """The help without the default, which has a column of its own."""
    said = f"default: {action.default}"
    return str(action.help).replace(f"({said})", "").replace(said, "").rstrip(" ;") if action.default else action.help


def _statuses() -> str:
    """Exit status -> what it means."""
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.KerasappsError)]
    known = {kind.exit_status: kind for kind in kinds if "exit_status" in vars(kind) and kind.exit_status > 1}
    rows = [[str(status), (inspect.getdoc(kind) or "").partition("\n")[0]] for status, kind in sorted(known.items())]
    done = ["0", "Done, also where `--stop-at-epoch` or `--max-seconds` ended the training."]
    return markdown(("Status", "Meaning"), [done, *([status, escaped(text)] for status, text in rows)])
