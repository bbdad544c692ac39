"""Who acts in this thread and transaction, for the audit log and row-level security.

The database forgets the actor at the end of the transaction; outside one it knows nobody and
shows no guarded row. That is why every request, job and command runs inside :func:`acting_as`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

from django.db import connections, transaction
from django.utils.translation import gettext as _

from sen.kernel.access.scope import (
    ANONYMOUS,
    ANY,
    MAX_CLAUSES,
    Actor,
    Clause,
    DataClass,
    TooManyClausesError,
    fold,
    is_pattern,
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
    actor: Actor,
    *,
    reason: str = "",
    request_id: str = "",
    ip: str = "",
    using: str = "default",
    reading: bool = False,
) -> Iterator[Actor]:
    """Run a block in a transaction as ``actor``; nested blocks give the outer actor back.

    After an error the rollback to the savepoint restores the settings by itself; after success
    they would outlive the block, so the outer ones are written again (nobody's, when the block
    ran inside a transaction in which nobody acted). A nested block that is only ``reading`` needs
    no savepoint: what fails in it fails the whole transaction.
    """
    before = _current.get()
    behalf = before.person if before is not None and actor.is_system else None
    acting = Acting(actor, reason, request_id, ip, behalf)
    connection = connections[using]
    nested = connection.in_atomic_block
    token = _current.set(acting)
    try:
        with transaction.atomic(using=using, savepoint=not reading):
            _tell_database(settings_for(acting), using)
            yield actor
            if nested and not connection.needs_rollback:
                _tell_database(settings_for(before) if before else NOBODY, using)
    finally:
        _current.reset(token)


@contextmanager
def as_system(reason: str, *, using: str = "default", reading: bool = False) -> Iterator[Actor]:
    """Run a block with the rights of the house: the explicit exit from row-level security."""
    outer = current()
    actor = system(reason)
    with acting_as(
        actor,
        reason=reason,
        request_id=outer.request_id,
        ip=outer.ip,
        using=using,
        reading=reading,
    ):
        yield actor


def settings_for(acting: Acting) -> dict[str, str]:
    """The transaction-local settings that policies and triggers read."""
    actor, person = acting.actor, acting.person
    return {
        "sen.system": "on" if actor.is_system else "off",
        "sen.actor": "" if person.id is None else str(person.id),
        "sen.actor_name": person.username or person.kind.value,
        "sen.reason": acting.reason[:500],
        "sen.request": acting.request_id,
        "sen.subject": json.dumps(sorted(_subject_patterns(actor))),
        **sets_for(actor),
    }


#: Ids that lie within so many numbers are an array: larger ones cost more to read than they save.
DENSE: Final = 1000
_NO_SETS: Final = dict.fromkeys(
    (
        "sen.patterns",
        "sen.classes",
        "sen.orgs",
        "sen.org_any",
        "sen.org_steps",
        "sen.org_sets",
        "sen.areas",
        "sen.area_any",
        "sen.area_steps",
        "sen.area_sets",
    ),
    "",
)
NOBODY: Final = dict.fromkeys(
    (
        "sen.system",
        "sen.actor",
        "sen.actor_name",
        "sen.reason",
        "sen.request",
        "sen.subject",
        *_NO_SETS,
    ),
    "",
)


def _subject_patterns(actor: Actor) -> Iterable[str]:
    """Resources of which the actor may see the rows about them."""
    return ["*.*"] if actor.limits is ANY else set(_viewed(actor.limits))


def sets_for(actor: Actor) -> dict[str, str]:
    """The actor's rights to see rows as the sets of clauses that ``rls`` intersects.

    Raises:
        TooManyClausesError: there are more combinations of place and clearance than bits.
    """
    if actor.is_system or not actor.entitlements:
        return _NO_SETS
    clauses, patterns = _numbered(actor)
    if len(clauses) > MAX_CLAUSES:
        raise TooManyClausesError(
            _(
                "%(user)s: các quyền nằm ở %(found)s phạm vi khác nhau, tối đa %(most)s; hãy gộp "
                "bớt vai trò hoặc cấp quyền ở đơn vị cấp trên"
            )
            % {"user": actor.username, "found": len(clauses), "most": MAX_CLAUSES}
        )
    reached = [
        _bits(i for i, c in enumerate(clauses) if level <= c.max_class) for level in DataClass
    ]
    return {
        "sen.patterns": json.dumps(patterns),
        "sen.classes": _array(reached),
        **_axis("org", [clause.orgs for clause in clauses]),
        **_axis("area", [clause.areas for clause in clauses]),
    }


def _numbered(actor: Actor) -> tuple[list[Clause], dict[str, int]]:
    """Clauses in order, and pattern of a resource → the clauses in which it may be viewed."""
    where: dict[frozenset[str], list[Clause]] = {}
    for entitlement in actor.entitlements:
        resources = frozenset(_viewed(entitlement.permissions))
        if resources:
            where.setdefault(resources, []).append(
                Clause(entitlement.clearance, entitlement.orgs, entitlement.areas)
            )
    numbers: dict[Clause, int] = {}
    patterns: dict[str, int] = {}
    for resources, clauses in where.items():
        bits = _bits(numbers.setdefault(clause, len(numbers)) for clause in fold(clauses))
        for resource in resources:
            patterns[resource] = patterns.get(resource, 0) | bits
    return list(numbers), patterns


def _viewed(permissions: Iterable[str]) -> Iterator[str]:
    """Patterns of the resources that some permissions let view."""
    for pattern in permissions:
        resource, _dot, act = pattern.rpartition(".")
        if act in ("view", "*") and is_pattern(pattern):
            yield resource


def _bits(numbers: Iterable[int]) -> int:
    return reduce(or_, (1 << number for number in numbers), 0)


def _axis(name: str, axis: Sequence[frozenset[int] | None]) -> dict[str, str]:
    """Id → bits of the clauses that admit it: an array, or steps where the ids lie far apart."""
    everywhere = _bits(i for i, ids in enumerate(axis) if ids is ANY)
    sets: dict[int, int] = {}
    for number, ids in enumerate(axis):
        for key in ids or ():
            sets[key] = sets.get(key, everywhere) | 1 << number
    low, high = min(sets, default=1), max(sets, default=0)
    dense = any_other = steps = values = ""
    if high - low < DENSE:
        array = _array(sets.get(key, everywhere) for key in range(low, high + 1))
        dense, any_other = (f"[{low}:{high}]={array}" if sets else ""), str(everywhere)
    else:
        steps, values = _steps(sets, everywhere)
    return {
        f"sen.{name}s": dense,
        f"sen.{name}_any": any_other,
        f"sen.{name}_steps": steps,
        f"sen.{name}_sets": values,
    }


def _steps(sets: Mapping[int, int], everywhere: int) -> tuple[str, str]:
    """The thresholds and the values of a step function.

    The first value holds below the first threshold, so for every id that no clause names. Ids
    that follow each other, as those of a subtree often do, are one step.
    """
    thresholds: list[int] = []
    values = [everywhere]
    following = 0
    for key in sorted(sets):
        if key > following and values[-1] != everywhere:
            thresholds.append(following)
            values.append(everywhere)
        if sets[key] != values[-1]:
            thresholds.append(key)
            values.append(sets[key])
        following = key + 1
    if values[-1] != everywhere:
        thresholds.append(following)
        values.append(everywhere)
    return _array(thresholds), _array(values)


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def _tell_database(values: Mapping[str, str], using: str) -> None:
    calls = ", ".join(["set_config(%s, %s, true)"] * len(values))
    params = [part for item in values.items() for part in item]
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {calls}", params)
