"""Who acts in this thread and transaction, for the audit log and row-level security.

The database forgets the actor at the end of the transaction; outside one it knows nobody and
shows no guarded row. That is why every request, job and command runs inside :func:`acting_as`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connections, transaction

from sen.kernel.access.scope import (
    ANONYMOUS,
    ANY,
    MAX_CLAUSES,
    Actor,
    Clause,
    Entitlement,
    TooManyClausesError,
    system,
)


@dataclass(frozen=True, slots=True)
class Acting:
    """The actor with what the audit log wants to know of the occasion."""

    actor: Actor = ANONYMOUS
    reason: str = ""
    request_id: str = ""
    ip: str = ""
    #: Whose act it is when the house acts on behalf of somebody.
    behalf: Actor | None = None

    @property
    def person(self) -> Actor:
        """Whom the log names: whoever asked, also while the house reads or writes for them."""
        return self.behalf or self.actor


_current: ContextVar[Acting | None] = ContextVar("sen_acting", default=None)


def current() -> Acting:
    """The occasion of this thread; anonymous when nobody was named."""
    return _current.get() or Acting()


def current_actor() -> Actor:
    return current().actor


@contextmanager
def acting_as(
    actor: Actor, *, reason: str = "", request_id: str = "", ip: str = "", using: str = "default"
) -> Iterator[Actor]:
    """Run a block in a transaction as ``actor``; nested blocks give the outer actor back."""
    before = _current.get()
    behalf = before.person if before is not None and actor.is_system else None
    acting = Acting(actor, reason, request_id, ip, behalf)
    token = _current.set(acting)
    try:
        with transaction.atomic(using=using):
            _tell_database(acting, using)
            yield actor
            if before is not None and connections[using].in_atomic_block:
                _tell_database(before, using)
    except BaseException:
        # The rollback to the savepoint restores transaction-local settings by itself.
        raise
    finally:
        _current.reset(token)


@contextmanager
def as_system(reason: str, *, using: str = "default") -> Iterator[Actor]:
    """Run a block with the rights of the house: the explicit exit from row-level security."""
    outer = current()
    actor = system(reason)
    with acting_as(actor, reason=reason, request_id=outer.request_id, ip=outer.ip, using=using):
        yield actor


def settings_for(acting: Acting) -> dict[str, str]:
    """The transaction-local settings that policies and triggers read."""
    actor, person = acting.actor, acting.person
    values = {
        "sen.system": "on" if actor.is_system else "off",
        "sen.actor": "" if person.id is None else str(person.id),
        "sen.actor_name": person.username or person.kind.value,
        "sen.reason": acting.reason[:500],
        "sen.request": acting.request_id,
    }
    slots = slots_for(actor)
    for number in range(MAX_CLAUSES):
        values[f"sen.slot{number + 1}"] = slots[number] if number < len(slots) else ""
    return values


def slots_for(actor: Actor) -> list[str]:
    """One text per distinct (where, clearance): ``patterns|class|organisations|places``.

    Raises:
        TooManyClausesError: the grants are spread over more combinations than there are slots.
    """
    merged: dict[Clause, set[str]] = {}
    for entitlement in actor.entitlements:
        where = Clause(entitlement.clearance, entitlement.orgs, entitlement.areas)
        patterns = _view_patterns(entitlement)
        if patterns:
            merged.setdefault(where, set()).update(patterns)
    if len(merged) > MAX_CLAUSES:
        raise TooManyClausesError(
            f"{actor.username}: các quyền nằm ở {len(merged)} phạm vi khác nhau, tối đa "
            f"{MAX_CLAUSES}; hãy gộp bớt vai trò hoặc cấp quyền ở đơn vị cấp trên"
        )
    return [
        f"{','.join(sorted(patterns))}|{where.max_class}|{_ids(where.orgs)}|{_ids(where.areas)}"
        for where, patterns in merged.items()
    ]


def _view_patterns(entitlement: Entitlement) -> set[str]:
    return {p for p in entitlement.permissions if p.rpartition(".")[2] in ("view", "*")}


def _ids(ids: frozenset[int] | None) -> str:
    return "*" if ids is ANY else "{" + ",".join(map(str, sorted(ids))) + "}"


def _tell_database(acting: Acting, using: str) -> None:
    values = settings_for(acting)
    calls = ", ".join(["set_config(%s, %s, true)"] * len(values))
    params = [part for item in values.items() for part in item]
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {calls}", params)  # noqa: S608  only placeholders
