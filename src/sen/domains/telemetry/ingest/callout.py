"""Who may connect to the broker by MQTT: the broker asks, the keys of devices answer.

No list of devices lies in a configuration that would have to be written anew: a key that is given
works at once. A connection holds for a quarter of an hour and is then asked for again; that of a
key that was revoked, and of a device in quarantine, is ended before (:mod:`ending`).
"""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import msgspec
from django.db import DatabaseError
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from sen.domains.telemetry.ingest.directory import DeviceView
from sen.kernel.nkeys import claims_of, issuer_of, signed

logger = logging.getLogger(__name__)

SUBJECT: Final = "$SYS.REQ.USER.AUTH"
HOLDS_S: Final = 900
#: Codes that stand in a subject of the broker as they are; others are named by their number.
PLAIN: Final = re.compile(r"[A-Za-z0-9_\-]+")

Find = Callable[[str], Awaitable[DeviceView | None]]


class Callout:
    """Answers the broker's question for every new connection."""

    def __init__(self, url: str, find: Find) -> None:
        self._key = issuer_of(unquote(urlsplit(url.partition(",")[0]).password or ""))
        self._find = find

    async def start(self, client: Client) -> Subscription:
        return await client.subscribe(SUBJECT, cb=self._answer)

    async def _answer(self, message: Msg) -> None:
        try:
            asked = claims_of(message.data.decode())["nats"]
            user, server = asked["user_nkey"], asked["server_id"]["id"]
            given = asked.get("connect_opts", {})
        except (ValueError, KeyError, msgspec.MsgspecError) as error:
            logger.warning("telemetry: the broker's question is not understood: %r", error)
            return
        word = f"{given.get('user', '')}:{given.get('pass', '')}"
        try:
            view = await self._find(word)
        except DatabaseError as error:
            # No answer: the broker refuses now, and the device tries again.
            logger.warning("telemetry: keys cannot be looked up: %s", error)
            return
        answer = {"type": "authorization_response", "version": 2}
        if view is None or not view.may_write:
            answer["error"] = "key not valid or device not in use"
        else:
            rights = self._rights(user, view, str(given.get("user", "")))
            answer["jwt"] = signed(self._key, rights)
        token = signed(self._key, {"sub": user, "aud": server, "nats": answer})
        await message.respond(token.encode())

    def _rights(self, user: str, view: DeviceView, key_id: str) -> dict[str, Any]:
        ends = int(time.time() + HOLDS_S * random.uniform(0.8, 1.2))  # noqa: S311  spreads them
        names = [f"sen.v1.{name}" for name in names_of(view)]
        return {
            "sub": user,
            "aud": "$G",
            # By it the connections of a key are found when the key ends (`ending.py`).
            "name": key_id,
            "exp": ends,
            "nats": {
                "type": "user",
                "version": 2,
                "subs": -1,
                "data": -1,
                "payload": -1,
                "pub": {"allow": [f"{n}.{end}" for n in names for end in ("obs", "obs.>", "raw")]},
                "sub": {"allow": [*(f"{name}.commands.>" for name in names), "$MQTT.sub.>"]},
            },
        }


def names_of(view: DeviceView) -> list[str]:
    """How a device may name itself in a topic: its number, and its code where that is plain."""
    return [str(view.id), *([view.code] if PLAIN.fullmatch(view.code) else [])]
