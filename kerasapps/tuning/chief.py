"""A search by several processes or machines, as KerasTuner's variables say: a chief proposes, the others train.

KERASTUNER_TUNER_ID                           "chief", or a name for each process that trains, such as "tuner0"
KERASTUNER_ORACLE_IP, KERASTUNER_ORACLE_PORT  where the chief listens

All run the same script or command, and have the directory of the search under the same path. The chief says to each
that comes what holds for all trials, then it hands out one trial after the other: lines of JSON on a TCP connection.
Two times a second a process says that it lives. The trial of one that has gone or is silent is trained on by another.
KerasTuner's own service is not used: its chief waits for dead processes without end, and knows no rungs or reasons.
"""

import json
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from kerasapps.errors import ConfigError, TrainingError
from kerasapps.tuning.unit import Answer
from kerasapps.tuning.workers import LOOKS_EVERY, Limits, LocalWorkers

SILENCE = 60.0
"""Seconds after which a process that says nothing is taken for dead."""
PATIENCE = 3600.0
"""Seconds in which a chief has to come, or to come again; KerasTuner's."""


@dataclass(frozen=True)
class Place:
    """What the variables say of this process: its name, and where the chief is."""

    name: str
    host: str
    port: int

    @property
    def is_chief(self) -> bool:
        """As KerasTuner has it."""
        return "chief" in self.name


def place_of(environment: Mapping[str, str]) -> Place | None:
    """None without the variables; raises ConfigError where some of them are missing or wrong."""
    host = environment.get("KERASTUNER_ORACLE_IP")
    if host is None and "KERASTUNER_TUNER_ID" not in environment:
        return None
    if host is None:
        raise ConfigError("KERASTUNER_TUNER_ID is set. Set KERASTUNER_ORACLE_IP too, the address of the chief.")
    name, port = environment.get("KERASTUNER_TUNER_ID"), environment.get("KERASTUNER_ORACLE_PORT", "")
    if not name:
        raise ConfigError("KERASTUNER_ORACLE_IP is set. Set KERASTUNER_TUNER_ID too: chief, or a name such as tuner0.")
    if not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise ConfigError(f"KERASTUNER_ORACLE_PORT={port}: expected the number of the port of {host}, 1 to 65535.")
    return Place(name, host, int(port))


@dataclass(eq=False)
class Line:
    """A connection over which lines of JSON go.

    name: of the other side, once it has said it. trial: that it trains. heard: when it last said anything.
    """

    socket: socket.socket
    name: str = ""
    trial: int | None = None
    heard: float = field(default_factory=time.monotonic)
    rest: bytes = b""

    def send(self, message: Mapping[str, Any]) -> None:
        """Raises OSError where the other side has gone."""
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def received(self) -> list[dict[str, Any]]:
        """What has come; waits for something. Raises OSError where the other side has gone, ValueError for nonsense."""
        content = self.socket.recv(1 << 16)
        if not content:
            raise ConnectionResetError("it closed the connection")
        self.heard = time.monotonic()
        *lines, self.rest = (self.rest + content).split(b"\n")
        messages = [json.loads(line) for line in lines]
        if not all(isinstance(message, dict) for message in messages):
            raise ValueError("it does not say what a search understands")
        return messages


@dataclass(eq=False)
class Chief:
    """Hands out trials to the processes that come; `jobs` at a time, of which some may wait, or one to each process."""

    jobs: int
    threads: int
    directory: Path
    limits: Limits
    place: Place
    waiting: deque[tuple[int, Mapping[str, Any]]] = field(default_factory=deque)
    lines: list[Line] = field(default_factory=list)

    def __enter__(self) -> "Chief":
        try:
            self._server = socket.create_server((self.place.host, self.place.port))
        except OSError as error:
            raise ConfigError(f"The chief cannot listen at {self.place.host}:{self.place.port}: {error}") from error
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._server, selectors.EVENT_READ)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for line in self.lines:
            with suppress(OSError), line.socket:
                if kind is None:  # else they wait for a chief that goes on
                    line.send({"done": True})
        self._selector.close()
        self._server.close()

    @property
    def has_room(self) -> bool:
        """Whether one more trial can begin."""
        return len(self.busy) < max(self.jobs, sum(bool(line.name) for line in self.lines))

    @property
    def busy(self) -> list[int]:
        """The trials that are being trained, or wait for a process."""
        return [*(line.trial for line in self.lines if line.trial is not None), *(trial for trial, _ in self.waiting)]

    def start(self, trial: int, request: Mapping[str, Any]) -> None:
        """Have a process train a trial, as soon as there is one without."""
        self.waiting.append((trial, request))

    def wait(self) -> Iterator[tuple[int, Answer]]:
        """The trials of which something is known, after LOOKS_EVERY seconds at most."""
        self._hand_out()
        for key, _ in self._selector.select(LOOKS_EVERY):
            if key.data is None:
                self._welcome(self._server.accept()[0])
            else:
                yield from self._read(key.data)
        for line in [line for line in self.lines if time.monotonic() - line.heard > SILENCE]:
            yield from self._lost(line, f"said nothing for {SILENCE:g} s")

    def _read(self, line: Line) -> Iterator[tuple[int, Answer]]:
        try:
            messages = line.received()
        except (OSError, ValueError) as error:
            yield from self._lost(line, str(error))
            return
        for message in messages:
            line.name = str(message.get("name", line.name))
            if "answer" in message and line.trial is not None:
                trial, line.trial = line.trial, None
                yield trial, message["answer"]

    def _welcome(self, connection: socket.socket) -> None:
        connection.settimeout(SILENCE)
        line = Line(connection)
        with suppress(OSError):
            line.send({"directory": str(self.directory), "threads": self.threads, "limits": self.limits})
        self.lines.append(line)
        self._selector.register(connection, selectors.EVENT_READ, line)

    def _hand_out(self) -> None:
        for line in self.lines:
            if line.name and line.trial is None and self.waiting:
                line.trial, request = self.waiting.popleft()
                with suppress(OSError):  # it has gone, as reading will say
                    line.send({"trial": line.trial, "request": request})

    def _lost(self, line: Line, why: str) -> Iterator[tuple[int, Answer]]:
        self.lines.remove(line)
        self._selector.unregister(line.socket)
        line.socket.close()
        if line.trial is not None:
            yield line.trial, {"died": f"{line.name}: {why}"}


def train_for(place: Place) -> Path:
    """Train what the chief hands out, until it has no more; the directory of the search.

    Where the chief goes away, the trial is interrupted, and the next chief is waited for. Raises TrainingError where
    none comes in an hour, and ConfigError where this machine does not have the directory of the search.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection((place.host, place.port), timeout=SILENCE) as connection:
            until = time.monotonic() + PATIENCE
            line = Line(connection)
            line.send({"name": place.name})
            directory = _trained(line, place.name)
            if directory:
                return directory
        time.sleep(LOOKS_EVERY)
    raise TrainingError(f"No chief came to {place.host}:{place.port} in {PATIENCE:g} s.")


def _trained(line: Line, name: str) -> Path | None:
    """Train for one chief; the directory of its search once that is done, None where the chief has gone."""
    messages: list[dict[str, Any]] = []
    while not messages:
        messages = line.received()
    welcome, *messages = messages
    directory = Path(welcome["directory"])
    if not (directory / "trials").is_dir():
        raise ConfigError(f"{directory}, of the chief, is not here. Expected a directory that all machines share.")
    log = directory / f"workers-{name}.log"
    with LocalWorkers(1, welcome["threads"], None, log, Limits(*welcome["limits"])) as workers, suppress(OSError):
        while not any("done" in message for message in messages):
            for message in messages:
                workers.start(message["trial"], message["request"])
            for _, answer in workers.wait() if workers.busy else ():
                line.send({"answer": answer})
            line.send({})
            messages = _waiting(line, 0.001 if workers.busy else LOOKS_EVERY)
        return directory
    return None


def _waiting(line: Line, seconds: float) -> list[dict[str, Any]]:
    """What comes in so many seconds."""
    line.socket.settimeout(seconds)
    try:
        return line.received()
    except TimeoutError:
        return []
    finally:
        line.socket.settimeout(SILENCE)
