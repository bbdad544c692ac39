"""What a page reads once, although several of its parts ask for it.

A page is put together from panels of several domains that know nothing of each other, so two of
them ask for the same table of law or the same road. While a request that only reads is answered,
a remembered function is asked once for the same arguments; everywhere else it is called as if it
were not remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("sen_answers", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Answers given inside are kept until its end."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Ask once a page; for functions that only read, with arguments that can be hashed.

    Whoever is given the answer does not change it. Errors are not kept.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        answers = _answers.get()
        if answers is None:
            return function(*args, **kwargs)
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = function(*args, **kwargs)
        answer: R = answers[key]
        return answer

    return call
