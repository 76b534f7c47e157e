"""Whether a download can begin at all: found out in seconds, where downloaders try again for minutes."""

import queue
import socket
import threading
import time
from collections.abc import Iterable
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

SECONDS = 5.0
_PORTS = {"http": 80, "https": 443, "ftp": 21}


def unreachable(urls: Iterable[str], seconds: float = SECONDS) -> str:
    """Why none of the URLs' hosts, or of the proxies for them, let itself be connected to within so many seconds.

    "" where one did, or where there are no URLs.
    """
    peers, answers = {_peer(url) for url in urls}, queue.Queue[str]()
    for peer in peers:
        # In threads, because nothing limits how long the system looks up a name.
        threading.Thread(target=_connect, args=(*peer, seconds, answers), daemon=True).start()
    until, problem = time.monotonic() + seconds, ""
    for _ in peers:
        try:
            problem = answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            return problem or f"no answer of {', '.join(sorted(host for host, _ in peers))} within {seconds:g} s"
        if not problem:
            break
    return problem


def _peer(url: str) -> tuple[str, int]:
    """Host and port that a download speaks to first."""
    parts = urlsplit(url)
    proxies, host = getproxies(), parts.hostname or ""
    proxy = proxies.get(parts.scheme, proxies.get("all", ""))
    if proxy and not proxy_bypass(host):
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 80)


def _connect(host: str, port: int, seconds: float, answers: queue.Queue[str]) -> None:
    """Put into `answers` what failed, "" for nothing."""
    try:
        socket.create_connection((host, port), timeout=seconds).close()
        answers.put("")
    except OSError as error:
        answers.put(f"{host}:{port}: {error.strerror or error}")
