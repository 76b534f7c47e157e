"""Searches by KerasTuner's variables: what the chief and the processes that train for it say to each other."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_tune import GIVEN, found, wait_for

from kerasapps.errors import ConfigError
from kerasapps.tuning import chief
from kerasapps.tuning.chief import Chief, Line, Place, place_of, train_for
from kerasapps.tuning.outcomes import read_outcomes
from kerasapps.tuning.tune import tune
from kerasapps.tuning.workers import Limits


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def place() -> Place:
    return Place("chief", "127.0.0.1", free_port())


def connected(place: Place, name: str) -> Line:
    line = Line(socket.create_connection((place.host, place.port), timeout=10))
    line.send({"name": name})
    return line


def next_message(line: Line) -> dict:
    (message,) = line.received()
    return message


def waited(workers: Chief, seconds: float = 10) -> list[tuple[int, dict]]:
    """What is known first."""
    until, known = time.monotonic() + seconds, []
    while not known and time.monotonic() < until:
        known = list(workers.wait())
    return known


def test_trials_are_handed_out_and_handed_out_again(place: Place, tmp_path: Path) -> None:
    with Chief(2, 3, tmp_path, Limits(5.0), place) as workers:
        workers.start(7, {"seed": 1})
        workers.start(8, {"seed": 2})
        assert workers.busy == [7, 8] and not workers.has_room
        first = connected(place, "tuner0")
        list(workers.wait())
        assert next_message(first) == {"directory": str(tmp_path), "threads": 3, "limits": [5.0, None]}
        wait_for(lambda: not list(workers.wait()) and workers.lines[0].trial == 7)
        assert next_message(first) == {"trial": 7, "request": {"seed": 1}}
        first.send({})
        first.send({"answer": {"score": 0.5}})
        assert waited(workers) == [(7, {"score": 0.5})] and workers.busy == [8] and workers.has_room
        list(workers.wait())
        assert next_message(first)["trial"] == 8
        first.socket.close()
        assert waited(workers) == [(8, {"died": "tuner0: it closed the connection"})] and workers.busy == []
        second, third = connected(place, "tuner1"), connected(place, "tuner2")
        wait_for(lambda: not list(workers.wait()) and [line.name for line in workers.lines] == ["tuner1", "tuner2"])
        workers.jobs = 1
        workers.start(8, {})
        assert workers.has_room  # for each process that has come there is a trial
    assert {"done": True} in second.received() + third.received()


def test_one_that_says_nothing_is_taken_for_dead(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Chief(1, 1, tmp_path, Limits(), place) as workers:
        silent = connected(place, "tuner0")
        workers.start(0, {})
        wait_for(lambda: not list(workers.wait()) and workers.lines and workers.lines[0].trial == 0)
        monkeypatch.setattr(chief, "SILENCE", 0.2)
        assert waited(workers) == [(0, {"died": "tuner0: said nothing for 0.2 s"})]
    silent.socket.close()


def test_strangers_get_no_trial(place: Place, tmp_path: Path) -> None:
    with Chief(1, 1, tmp_path, Limits(), place) as workers:
        workers.start(0, {})
        with socket.create_connection((place.host, place.port)) as stranger:
            wait_for(lambda: not list(workers.wait()) and workers.lines)
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            wait_for(lambda: not list(workers.wait()) and not workers.lines)
        assert workers.busy == [0] and not workers.has_room


def test_a_machine_without_the_directory_is_refused(place: Place, tmp_path: Path) -> None:
    with socket.create_server((place.host, place.port)) as server:
        server.settimeout(10)

        def welcome() -> None:
            connection, _ = server.accept()
            with connection:
                Line(connection).send({"directory": str(tmp_path / "other"), "threads": 1, "limits": [None, None]})

        thread = threading.Thread(target=welcome)
        thread.start()
        with pytest.raises(ConfigError, match="of the chief, is not here. Expected a directory that all machines"):
            train_for(place)
        thread.join()


VARIABLES = {"KERASTUNER_ORACLE_IP": "127.0.0.1", "KERASTUNER_ORACLE_PORT": "8000", "KERASTUNER_TUNER_ID": "chief"}


def test_the_variables_are_those_of_kerastuner() -> None:
    assert place_of({}) is None
    with pytest.raises(ConfigError, match="Set KERASTUNER_ORACLE_IP too"):
        place_of({"KERASTUNER_TUNER_ID": "tuner0"})
    assert place_of(VARIABLES) == Place("chief", "127.0.0.1", 8000)
    assert place_of(VARIABLES).is_chief and not place_of({**VARIABLES, "KERASTUNER_TUNER_ID": "tuner1"}).is_chief


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"KERASTUNER_TUNER_ID": ""}, "Set KERASTUNER_TUNER_ID too"),
        ({"KERASTUNER_ORACLE_PORT": "http"}, "KERASTUNER_ORACLE_PORT=http: expected the number of the port"),
    ],
)
def test_wrong_variables_are_refused(change: dict, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        place_of({**VARIABLES, **change})


def test_a_port_that_is_taken_is_refused(place: Place, tmp_path: Path) -> None:
    with (
        socket.create_server((place.host, place.port)),
        pytest.raises(ConfigError, match="The chief cannot listen at"),
        Chief(1, 1, tmp_path, Limits(), place),
    ):
        pass


@contextlib.contextmanager
def running(place: Place, name: str, directory: Path, **changes: Any) -> Iterator[subprocess.Popen]:
    """The same search, as one of the processes."""
    given = json.dumps({**GIVEN, **changes, "directory": str(directory)})
    program = (
        "import json; from kerasapps.tuning.tune import tune\n"
        f"search = tune('mlp', **json.loads('''{given}'''))\nprint(search.ranked[0].trial)"
    )
    own = {**VARIABLES, "KERASTUNER_ORACLE_PORT": str(place.port), "KERASTUNER_TUNER_ID": name}
    process = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, **own}, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("killed", ["tuner0", "chief"])
def test_processes_that_are_killed_change_nothing(killed: str, place: Place, tmp_path: Path) -> None:
    """A chief and two that train: the search ends as one on this machine does, and all say what is best."""
    changes = {"epochs": 3000, "tuner": "bayesian", "threads": 1}
    whole = tune("mlp", **{**GIVEN, **changes}, directory=str(tmp_path / "whole"))
    directory = tmp_path / "search"
    with contextlib.ExitStack() as stack:
        begin = lambda name: stack.enter_context(running(place, name, directory, **changes))  # noqa: E731
        processes = {name: begin(name) for name in ("chief", "tuner0", "tuner1")}
        logs = [directory / "trials" / f"{trial:04d}.log" for trial in (0, 1)]
        wait_for(lambda: all(log.exists() and "epoch 2" in log.read_text() for log in logs))
        processes[killed].send_signal(signal.SIGKILL)
        processes[killed].wait()
        processes[killed] = begin(killed)
        said = [process.communicate(timeout=300)[0] for process in processes.values()]
    assert found(read_outcomes(directory)) == found(whole.outcomes)
    assert [int(text.split()[-1]) for text in said] == [whole.ranked[0].trial] * 3
