"""The sides' processes, as seen by who commands them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasapps.errors import ConfigError, TrainingError

ROOT = Path(__file__).parents[2]
LAST_LINES = 15


class Worker:
    """A process that is kept waiting for commands; leave it as a context to end it."""

    def __init__(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        """name: what errors call it. environment: variables besides those of this process."""
        self.name = name
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self.process = subprocess.Popen(
            [*map(str, command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            env={"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, "PYTHONPATH": path, **(environment or {})},
        )
        self._receive()

    def ask(self, do: str, **arguments: Any) -> Any:
        """Tell it to do something and wait for the answer; raises TrainingError where it died."""
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._died() from None
        return self._receive()

    def _receive(self) -> Any:
        line = self.process.stdout.readline()
        if not line.endswith("\n"):
            raise self._died()
        return json.loads(line)

    def _died(self) -> TrainingError:
        status = self.process.wait()
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        self._errors.seek(0)
        said = "".join(self._errors.readlines()[-LAST_LINES:]).strip()
        return TrainingError(
            f"The process of {self.name} {how}, expected an answer. It said last:\n{said or 'nothing'}\n"
            "Where it is short of memory give it more; or leave it out with --sides."
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self._errors.close()


_VERSIONS = """
import json, sys
from importlib import metadata
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def versions_in(python: Path, packages: Sequence[str]) -> dict[str, str]:
    """Versions of those of the packages that an interpreter's environment has; raises ConfigError."""
    try:
        done = subprocess.run([python, "-c", _VERSIONS, *packages], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise ConfigError(
            f"{python} does not run Python: {error}. Expected a path such as {sys.executable}."
        ) from error
