"""The command `kerasapps`: runs one command of kerasapps.cli and turns errors into messages and exit statuses."""

import importlib
import os
import shutil
import sys
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from kerasapps import __version__
from kerasapps.cli._arguments import filled
from kerasapps.errors import Interrupted, KerasappsError, ReaderLeft, unknown_name
from kerasapps.names import COMMANDS, names_in, summary
from kerasapps.printable import printable
from kerasapps.streams import fill_descriptors, lenient, strict


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: the process's arguments) and return its exit status.

    0 done, 2 bad arguments, 3 bad data, 4 training failed, 5 bad model or checkpoint, 130 interrupted. An unexpected
    error keeps its traceback. Where stderr cannot be written, notes and progress are dropped; where stdout cannot, the
    status is 2.
    """
    with redirect_stderr(lenient(sys.stderr)), redirect_stdout(strict(sys.stdout)), _plain_warnings():
        return _status(list(sys.argv[1:] if argv is None else argv))


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Warnings for users without the place in the source that they come from."""
    before = warnings.formatwarning

    def formatted(
        message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
    ) -> str:
        if issubclass(category, UserWarning):
            return _for_terminal(f"kerasapps: warning: {printable(str(message))}") + "\n"
        return before(message, category, filename, lineno, line)

    warnings.formatwarning = formatted
    try:
        yield
    finally:
        warnings.formatwarning = before


def _for_terminal(text: str) -> str:
    """A text that a terminal breaks at no word: in lines of its width. Elsewhere it stays as it is."""
    if not sys.stderr.isatty():
        return text
    wrapper = textwrap.TextWrapper(shutil.get_terminal_size().columns, break_long_words=False, break_on_hyphens=False)
    return "\n".join(map(wrapper.fill, text.splitlines()))


def _status(arguments: list[str]) -> int:
    try:
        status = _ended(arguments)
        sys.stdout.flush()
    except ReaderLeft as left:
        return left.exit_status
    except KerasappsError as error:
        kind = "" if isinstance(error, Interrupted) else "error: "
        print(_for_terminal(f"kerasapps: {kind}{error}"), file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("kerasapps: interrupted", file=sys.stderr)
        return 130
    return status


def _ended(arguments: list[str]) -> int:
    try:
        _dispatch(arguments)
    except SystemExit as stop:
        # argparse ends so: 0 after --help, 2 after a usage error.
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def _dispatch(arguments: list[str]) -> None:
    command = arguments[0] if arguments else "--help"
    if command in ("-h", "--help"):
        print(_help())
    elif command == "--version":
        print(f"kerasapps {__version__}")
    elif command in names_in(COMMANDS):
        importlib.import_module(f"kerasapps.cli.{command}").run(arguments[1:])
    else:
        raise unknown_name("command", command, names_in(COMMANDS))


def _help() -> str:
    commands = "\n".join(filled(summary(COMMANDS, name), 12, f"  {name}") for name in names_in(COMMANDS))
    more = filled("kerasapps COMMAND --help tells more; kerasapps train APP --help lists all that can be set.", 0)
    about = "usage: kerasapps COMMAND ...\n\nDeep-learning applications on TensorFlow/Keras."
    return f"{about}\n\ncommands:\n{commands}\n\n{more}"


def entry() -> None:
    """The installed command. It ends at once: what TensorFlow frees at exit takes seconds, and nobody needs it."""
    fill_descriptors()
    status = main()
    for stream in (sys.stdout, sys.stderr):
        lenient(stream).flush()
    os._exit(status)


if __name__ == "__main__":
    entry()
