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
from sen.domains.telemetry.ingest.topics import MOST as MOST_STREAMS
from sen.domains.telemetry.ingest.topics import may_create
from sen.kernel.access.accounts.tokens import PREFIX
from sen.kernel.nkeys import claims_of, issuer_of, signed

logger = logging.getLogger(__name__)

SUBJECT: Final = "$SYS.REQ.USER.AUTH"
HOLDS_S: Final = 900
#: Codes that stand in a subject of the broker as they are; others are named by their number.
PLAIN: Final = re.compile(r"[A-Za-z0-9_\-]+")

#: Ids of clients that are remembered.
MOST: Final = 50_000

Find = Callable[[str], Awaitable[DeviceView | None]]
#: The name of a connection and what it may subscribe to, by API key and address.
Admit = Callable[[str, str], Awaitable[tuple[str, list[str]] | None]]


class Callout:
    """Answers the broker's question for every new connection."""

    def __init__(self, url: str, find: Find, admit: Admit) -> None:
        self._key = issuer_of(unquote(urlsplit(url.partition(",")[0]).password or ""))
        self._find = find
        self._admit = admit
        #: Whose session an id of a client is, until when its rights hold.
        self._sessions: dict[str, tuple[str, float]] = {}

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
        client = asked.get("client_info", {})
        address, session = str(client.get("host", "")), str(client.get("mqtt_id", ""))
        try:
            found = await self._rights(
                user, str(given.get("user", "")), str(given.get("pass", "")), address
            )
        except (DatabaseError, NatsError, TimeoutError) as error:
            # No answer: the broker refuses now, and the device tries again.
            logger.warning("telemetry: keys cannot be looked up: %s", error)
            return
        answer = {"type": "authorization_response", "version": 2}
        if found is None:
            answer["error"] = "key not valid or device not in use"
        elif not self._holds(session, *found):
            answer["error"] = "the client id is another's"
        else:
            answer["jwt"] = signed(self._key, found[1])
        token = signed(self._key, {"sub": user, "aud": server, "nats": answer})
        await message.respond(token.encode())

    def _holds(self, session: str, owner: str, rights: dict[str, Any]) -> bool:
        """Whether a session is its own: the broker would end that of another with the same id."""
        if not session:
            return True
        now = time.time()
        if len(self._sessions) >= MOST:
            self._sessions = {k: kept for k, kept in self._sessions.items() if kept[1] > now}
        holder, until = self._sessions.get(session, (owner, 0.0))
        if holder != owner and until > now:
            return False
        self._sessions[session] = owner, rights["exp"]
        return True

    async def _rights(
        self, user: str, name: str, word: str, address: str
    ) -> tuple[str, dict[str, Any]] | None:
        """Whose a connection is, and its claims; None when it may not be."""
        if "\0" in name or "\0" in word or not word:
            return None
        if word.startswith(PREFIX):
            admitted = await self._admit(word, address)
            if admitted is None:
                return None
            return admitted[0], _claims(user, admitted[0], [], admitted[1])
        view = await self._find(f"{name}:{word}")
        if view is None or not view.may_write:
            return None
        below = [f"sen.v1.{own}" for own in names_of(view.id, view.code)]
        write = [f"{own}.{end}" for own in below for end in ("obs", "obs.>", "raw")]
        write += may_create(int(number) for number in view.ids[:MOST_STREAMS] if number)
        read = [f"{own}.commands.>" for own in below]
        return f"device {view.id}", _claims(user, name, write, read)


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


def names_of(number: int, code: str) -> list[str]:
    """How a device may name itself in a topic: its number, and its code where that is plain.

    A code of digits alone would be the number of another device.
    """
    plain = PLAIN.fullmatch(code) and not code.isdigit()
    return [str(number), *([code] if plain else [])]
