"""Hosts are asked with a limit of time: reached, refused, silent, and behind a proxy."""

import socket
import time
from collections.abc import Iterator

import pytest

from kerasapps.data.sources._network import unreachable


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def open_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """One that takes no further connection: its queue of one is full, so that Linux answers nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, socket.socket() as first:
        first.connect(server.getsockname())
        yield server.getsockname()[1]


def test_a_host_that_listens_is_reached(open_port: int, closed_port: int) -> None:
    assert unreachable([f"http://127.0.0.1:{open_port}/a.gz"]) == ""
    assert unreachable([f"http://127.0.0.1:{closed_port}/a.gz", f"https://127.0.0.1:{open_port}/b.gz"]) == ""
    assert unreachable([]) == ""


def test_a_host_that_refuses_is_named(closed_port: int) -> None:
    assert unreachable([f"http://127.0.0.1:{closed_port}/a.gz"]) == f"127.0.0.1:{closed_port}: Connection refused"


def test_a_host_that_is_silent_costs_no_more_than_the_limit(silent_port: int) -> None:
    begun = time.monotonic()
    problem = unreachable([f"https://127.0.0.1:{silent_port}/a.gz"], seconds=0.1)
    assert "127.0.0.1" in problem and ("timed out" in problem or "within 0.1 s" in problem)
    assert time.monotonic() - begun < 2


def test_names_that_nobody_looks_up_cost_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = socket.getaddrinfo
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *given: server.accept() and answer(*given))  # for ever
        assert unreachable(["https://example.org/a"], seconds=0.1) == "no answer of example.org within 0.1 s"
        monkeypatch.setattr(socket, "getaddrinfo", answer)
        socket.create_connection(server.getsockname()).close()  # ends the thread


def test_where_there_is_a_proxy_it_is_what_must_answer(
    open_port: int, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"127.0.0.1:{open_port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port}")
    assert unreachable(["https://no-such-host.invalid/a"]) == ""
    assert f"127.0.0.1:{closed_port}: " in unreachable(["http://no-such-host.invalid/a"])
