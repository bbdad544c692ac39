"""Tickets: what Django knows about a client, signed, so that the stream need not ask. No Django.

A ticket opens streams for a minute. It carries, per topic, the clauses of the actor's scope, so
each message is judged by the same rule as a page.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
import zlib
from typing import Final

import msgspec

from sen.kernel.access.scope import AccessRule, Clause, DataClass, Scope

LIFETIME_S: Final = 60
MAX_TEXT: Final = 16_000
MAX_PLAIN: Final = 256_000
SALT: Final = b"sen.kernel.live.ticket"


class TicketError(ValueError):
    """The ticket is forged, damaged or too old; ``reason`` is its short name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ClauseText(msgspec.Struct, frozen=True, array_like=True):
    """A :class:`~sen.kernel.access.scope.Clause` as JSON."""

    max_class: int
    orgs: list[int] | None
    areas: list[int] | None
    subject: int | None


class TopicGrant(msgspec.Struct, frozen=True, omit_defaults=True):
    """One topic with what of it may be seen; ``key`` narrows it to one thing."""

    topic: str
    resource: str
    clauses: list[ClauseText]
    masks: dict[str, int] = {}
    by_subject: bool = False
    hz: float = 1.0
    key: str = ""

    @classmethod
    def of(cls, topic: str, scope: Scope, *, hz: float = 1.0, key: str = "") -> TopicGrant:
        return cls(
            topic=topic,
            resource=scope.rule.resource,
            clauses=[
                ClauseText(
                    clause.max_class,
                    None if clause.orgs is None else sorted(clause.orgs),
                    None if clause.areas is None else sorted(clause.areas),
                    clause.subject,
                )
                for clause in scope.clauses
            ],
            masks={name: int(level) for name, level in scope.rule.masks.items()},
            by_subject=scope.rule.subject_field is not None,
            hz=hz,
            key=key,
        )

    def scope(self) -> Scope:
        """The scope over :class:`~sen.kernel.live.messages.Audience`, whatever the row's names."""
        rule = AccessRule(
            self.resource,
            subject_field="subject_id" if self.by_subject else None,
            masks={name: DataClass(level) for name, level in self.masks.items()},
        )
        clauses = tuple(
            Clause(
                clause.max_class,
                None if clause.orgs is None else frozenset(clause.orgs),
                None if clause.areas is None else frozenset(clause.areas),
                clause.subject,
            )
            for clause in self.clauses
        )
        return Scope(rule, clauses)

    @property
    def digest(self) -> str:
        """Equal for all clients that see the same."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:20]


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who may open a stream, from which page, until when."""

    expires: int
    session: str
    origin: str
    topics: list[TopicGrant]
    actor: int | None = None

    def is_due(self, now: float) -> bool:
        return now > self.expires


_decoder: Final = msgspec.json.Decoder(Ticket)


def signing_key(secret: str) -> bytes:
    """The key of tickets, derived from the secret of the house."""
    return hmac.digest(secret.encode(), SALT, "sha256")


def sign(ticket: Ticket, key: bytes) -> str:
    """The ticket as text for an address."""
    plain = zlib.compress(msgspec.json.encode(ticket), 6)
    seal = hmac.digest(key, plain, "sha256")[:20]
    return base64.urlsafe_b64encode(seal + plain).rstrip(b"=").decode()


def verify(text: str, key: bytes, *, now: float | None = None) -> Ticket:
    """The ticket again.

    Raises:
        TicketError: ``missing``, ``invalid`` or ``expired``.
    """
    if not text:
        raise TicketError("missing")
    if len(text) > MAX_TEXT:
        raise TicketError("invalid")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise TicketError("invalid") from error
    seal, plain = raw[:20], raw[20:]
    if not hmac.compare_digest(seal, hmac.digest(key, plain, "sha256")[:20]):
        raise TicketError("invalid")
    ticket = _decoder.decode(zlib.decompressobj().decompress(plain, MAX_PLAIN))
    if ticket.is_due(time.time() if now is None else now):
        raise TicketError("expired")
    return ticket
