"""How far an import is: whoever works says it, whoever started it listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: Text, rows done, rows altogether (0: unknown).
Say = Callable[[str, int, int], None]

_listener: ContextVar[Say | None] = ContextVar("sen_import_progress", default=None)


@contextmanager
def saying(say: Say | None) -> Iterator[None]:
    """Within the block :func:`tell` speaks to ``say``."""
    token = _listener.set(say)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(text: str, done: int = 0, total: int = 0) -> None:
    """Say how far the work is; bulk services call it between their parts."""
    listener = _listener.get()
    if listener is not None:
        listener(text, done, total)
