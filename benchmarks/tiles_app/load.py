"""A small HTTP client that is quick enough to be no part of the result."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence


def _ask(connection: socket.socket, request: bytes, rest: bytes) -> tuple[int, bytes, bytes]:
    """Status, body and what was read too much."""
    connection.sendall(request)
    data = rest
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, data = data.partition(b"\r\n\r\n")
    status = int(head[9:12])
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        body = b""
        while True:
            while b"\r\n" not in data:
                data += _more(connection)
            size, _, data = data.partition(b"\r\n")
            length = int(size, 16)
            while len(data) < length + 2:
                data += _more(connection)
            body += data[:length]
            data = data[length + 2 :]
            if length == 0:
                return status, body, data
    at = lower.find(b"content-length:")
    length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 and status != 304 else 0
    while len(data) < length:
        data += _more(connection)
    return status, data[:length], data[length:]


def _more(connection: socket.socket) -> bytes:
    found = connection.recv(1 << 18)
    if not found:
        raise ConnectionError("the server closed the connection")
    return found


def _request(port: int, path: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept-Encoding: gzip", "", "")
    return "\r\n".join(lines).encode()


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=120)


def get(port: int, path: str) -> tuple[int, bytes]:
    """One request on a connection of its own."""
    with _connect(port) as connection:
        status, body, _ = _ask(connection, _request(port, path), b"")
    return status, body


def rate(port: int, paths: Sequence[str], clients: int = 8) -> float:
    """Requests per second when ``clients`` work through ``paths`` together.

    Raises:
        RuntimeError: an answer was neither 200 nor 204.
    """
    todo = iter(paths)
    lock = threading.Lock()
    faults: list[str] = []

    def work() -> None:
        connection, rest = _connect(port), b""
        while True:
            with lock:
                path = next(todo, None)
            if path is None or faults:
                return connection.close()
            try:
                status, _, rest = _ask(connection, _request(port, path), rest)
            except ConnectionError:
                # A server without keep-alive.
                connection = _connect(port)
                status, _, rest = _ask(connection, _request(port, path), b"")
            if status not in (200, 204):
                faults.append(f"{status} {path}")

    threads = [threading.Thread(target=work) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(faults[0])
    return len(paths) / (time.perf_counter() - started)
