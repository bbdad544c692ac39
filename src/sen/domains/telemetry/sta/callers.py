"""Who calls: a bearer key, or the same key by Basic; nobody is the public.

Keys are looked up through Django and kept for a moment, so a key that was revoked is refused
after :data:`KEEP_S` at the latest. Passwords of people are not taken: they need a second factor.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from django.db import close_old_connections

from sen.domains.telemetry.sta.answers import RefusedError
from sen.kernel.access.accounts import devices, tokens
from sen.kernel.access.context import Acting, settings_for
from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.lib.errors import gettext_noop

KEEP_S: Final = 2.0
_MOST: Final = 20_000
T = TypeVar("T")


@dataclass(slots=True)
class Caller:
    """An actor with what the database is told of them."""

    actor: Actor
    settings: dict[str, str]
    digest: str
    #: What this caller may write to, by stream; filled by the door for observations.
    streams: dict[int, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, actor: Actor) -> Caller:
        settings = settings_for(Acting(actor))
        text = repr(sorted(settings.items()))
        return cls(actor, settings, hashlib.sha256(text.encode()).hexdigest())


class Callers:
    """Keys that were shown a moment ago."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[float, Caller]] = {}
        self._public: tuple[float, Caller] | None = None

    async def of(self, authorization: bytes, ip: str) -> Caller:
        """The caller of a request.

        Raises:
            RefusedError: the key is none, or no longer one.
        """
        now = time.monotonic()
        if not authorization:
            return self._anonymous(now)
        known = self._known.get(authorization)
        if known is not None and known[0] > now:
            return known[1]
        secret = _secret(authorization)
        actor = await in_thread(_look_up, secret, ip) if secret else None
        if actor is None:
            raise RefusedError(
                401,
                "key",
                gettext_noop("Khóa không tồn tại, đã hết hạn hoặc đã bị thu hồi."),
            )
        if len(self._known) >= _MOST:
            self._known.clear()
        caller = Caller.of(actor)
        if known is not None and known[1].digest == caller.digest:
            caller = known[1]
            caller.streams.clear()
        self._known[authorization] = (now + KEEP_S, caller)
        return caller

    def forget(self) -> None:
        """Look every key up again."""
        self._known.clear()

    def _anonymous(self, now: float) -> Caller:
        if self._public is None or self._public[0] <= now:
            self._public = (now + 60.0, Caller.of(ANONYMOUS))
        return self._public[1]


def _secret(authorization: bytes) -> str:
    """The key in a header; nothing if there is none."""
    scheme, _space, rest = authorization.decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        name, _colon, word = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    if word.startswith((devices.PREFIX, tokens.PREFIX)):
        return word
    return f"{devices.PREFIX}{name}.{word}"


def _look_up(secret: str, ip: str) -> Actor | None:
    if secret.startswith(devices.PREFIX):
        return devices.authenticate_device(secret=secret)
    return tokens.actor_of(secret=secret, ip=ip)


_threads: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sta-django")


async def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Run what needs Django's connection beside the loop."""

    def run() -> T:
        close_old_connections()
        return function(*arguments)

    return await asyncio.get_running_loop().run_in_executor(_threads, run)
