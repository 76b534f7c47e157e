"""Streams that cannot be written as they are: what is an answer, and what is shown beside it."""

import contextlib
import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kerasapps.__main__ import main
from kerasapps.errors import ConfigError, ReaderLeft
from kerasapps.streams import lenient, strict


class Failing(io.StringIO):
    """A stream that takes letters and fails when they are to leave."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def flush(self) -> None:
        raise self.error


FULL = OSError(errno.ENOSPC, "No space left on device")


def ascii_stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="")


@pytest.mark.parametrize("stream", [lenient, strict])
def test_letters_that_an_encoding_lacks_are_escaped(stream) -> None:
    written = ascii_stream()
    print("é \udcff 東", file=stream(written), flush=True)
    assert written.buffer.getvalue() == b"\\xe9 \\udcff \\u6771\n"


def test_a_note_that_cannot_be_written_is_dropped_and_an_answer_is_an_error() -> None:
    print("a", file=lenient(Failing(FULL)), flush=True)
    print("a", file=lenient(None), flush=True)
    with pytest.raises(ConfigError, match="stdout cannot be written: .*No space left"):
        print("a", file=strict(Failing(FULL)), flush=True)
    with pytest.raises(ConfigError, match="it is closed"):
        print("a", file=strict(None))
    strict(None).flush()  # nothing was to be written
    with pytest.raises(ReaderLeft):
        print("a", file=strict(Failing(BrokenPipeError())), flush=True)


@pytest.mark.parametrize(
    ("stdout", "status", "said"),
    [
        (Failing(FULL), 2, "kerasapps: error: stdout cannot be written: "),
        (None, 2, "kerasapps: error: stdout cannot be written: it is closed"),
        (Failing(BrokenPipeError()), 141, ""),
    ],
)
@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["train", "--help"], ["evaluate", "--help"]])
def test_commands_end_without_a_traceback(command, stdout, status, said, capsys) -> None:
    with contextlib.redirect_stdout(stdout):
        assert main(command) == status
    assert capsys.readouterr().err.startswith(said)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("redirected", "status"), [(">/dev/full", 2), (">&-", 2), (">&- 2>&- <&-", 2), ("2>/dev/full", 0), ("2>&-", 0)]
)
def test_processes_end_without_a_traceback(redirected: str, status: int, tmp_path: Path) -> None:
    """With a closed stream its number is free: no file of the command may have it."""
    given = {"data": "iris", "epochs": 1, "execution": "eager", "run-dir": tmp_path / "run"}
    flags = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    assert main(["train", "softmax_regression", "--no-report", *flags]) == 0
    command = f"{sys.executable} -m kerasapps evaluate {tmp_path / 'run'} {redirected}"
    root = {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, env={**os.environ, **root}, check=False
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr and ("accuracy" in done.stdout) == (status == 0)
