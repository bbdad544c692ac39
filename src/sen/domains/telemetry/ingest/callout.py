"""Who may connect to the broker by MQTT: the broker asks, the keys of devices answer.

No list of devices lies in a configuration that would have to be written anew: a key that is given
works at once. A connection holds for a quarter of an hour and is then asked for again; that of a
key that was revoked, and of a device in quarantine, is ended before (:mod:`ending`).

API keys of people and services may come too (any user name, the key as the password): they only
subscribe, to the datastreams that they see.
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
from nats.errors import Error as NatsError

from sen.domains.telemetry.ingest.directory import DeviceView
from sen.domains.telemetry.ingest.topics import may_create
from sen.kernel.access.accounts.tokens import PREFIX
from sen.kernel.nkeys import claims_of, issuer_of, signed

logger = logging.getLogger(__name__)

SUBJECT: Final = "$SYS.REQ.USER.AUTH"
HOLDS_S: Final = 900
#: Codes that stand in a subject of the broker as they are; others are named by their number.
PLAIN: Final = re.compile(r"[A-Za-z0-9_\-]+")

Find = Callable[[str], Awaitable[DeviceView | None]]
#: The name of a connection and what it may subscribe to, by API key and address.
Admit = Callable[[str, str], Awaitable[tuple[str, list[str]] | None]]


class Callout:
    """Answers the broker's question for every new connection."""

    def __init__(self, url: str, find: Find, admit: Admit) -> None:
        self._key = issuer_of(unquote(urlsplit(url.partition(",")[0]).password or ""))
        self._find = find
        self._admit = admit

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
        address = str(asked.get("client_info", {}).get("host", ""))
        try:
            rights = await self._rights(
                user, str(given.get("user", "")), str(given.get("pass", "")), address
            )
        except (DatabaseError, NatsError, TimeoutError) as error:
            # No answer: the broker refuses now, and the device tries again.
            logger.warning("telemetry: keys cannot be looked up: %s", error)
            return
        answer = {"type": "authorization_response", "version": 2}
        if rights is None:
            answer["error"] = "key not valid or device not in use"
        else:
            answer["jwt"] = signed(self._key, rights)
        token = signed(self._key, {"sub": user, "aud": server, "nats": answer})
        await message.respond(token.encode())

    async def _rights(self, user: str, name: str, word: str, address: str) -> dict[str, Any] | None:
        """The claims of a connection; None when it may not be."""
        if "\0" in name or "\0" in word or not word:
            return None
        if word.startswith(PREFIX):
            admitted = await self._admit(word, address)
            return admitted and _claims(user, admitted[0], [], admitted[1])
        view = await self._find(f"{name}:{word}")
        if view is None or not view.may_write:
            return None
        below = [f"sen.v1.{own}" for own in names_of(view)]
        write = [f"{own}.{end}" for own in below for end in ("obs", "obs.>", "raw")]
        write += may_create(int(number) for number in view.ids if number)
        return _claims(user, name, write, [f"{own}.commands.>" for own in below])


def _claims(user: str, name: str, write: list[str], read: list[str]) -> dict[str, Any]:
    return {
        "sub": user,
        "aud": "$G",
        # By it the connections of a key are found when the key ends (`ending.py`).
        "name": name,
        "exp": int(time.time() + HOLDS_S * random.uniform(0.8, 1.2)),  # noqa: S311  spreads them
        "nats": {
            "type": "user",
            "version": 2,
            "subs": -1,
            "data": -1,
            "payload": -1,
            # An empty list of what is allowed would allow all.
            "pub": {"allow": write} if write else {"deny": [">"]},
            "sub": {"allow": [*read, "$MQTT.sub.>"]},
        },
    }


def names_of(view: DeviceView) -> list[str]:
    """How a device may name itself in a topic: its number, and its code where that is plain."""
    return [str(view.id), *([view.code] if PLAIN.fullmatch(view.code) else [])]
