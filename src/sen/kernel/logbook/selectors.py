"""Reading the log: by filters, a page at a time, with what the reader may not see withheld."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db import connection, models
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import JSONObject

from sen.kernel.access.context import as_system
from sen.kernel.access.models import ScopedModel, User
from sen.kernel.access.rls import guarded_models
from sen.kernel.access.scope import Actor
from sen.kernel.audit.models import AuditEntry, RowVersion
from sen.kernel.errors import PermissionDeniedError
from sen.lib.text import fold

VIEW: Final = "kernel.audit.view"
VERIFY: Final = "kernel.audit.verify"
#: Accounts that a name may mean at most.
MOST_PEOPLE: Final = 200


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What is asked of the log; empty values ask nothing. ``until`` is exclusive."""

    since: datetime | None = None
    until: datetime | None = None
    who: str = ""
    kind: str = ""
    act: str = ""
    resource: str = ""
    object_id: str = ""
    ip: str = ""
    text: str = ""
    transaction: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as its reader may see it; what is withheld is empty."""

    entry: AuditEntry
    who: str
    is_withheld: bool
    found: bool = field(default=False)


def readable(actor: Actor) -> QuerySet[AuditEntry]:
    """Entries that ``actor`` may read: all, or those of the people of their organisations.

    Raises:
        PermissionDeniedError: the log is not theirs to read.
    """
    granting = [held for held in actor.entitlements if held.grants(VIEW)]
    if not granting and not actor.is_system:
        raise PermissionDeniedError(VIEW)
    entries = AuditEntry.objects.all()
    if actor.is_system or any(held.orgs is None for held in granting):
        return entries
    orgs = reduce(or_, (held.orgs or frozenset() for held in granting))
    people = User.objects.filter(organisation__in=orgs).values("pk")
    return entries.filter(actor_id__in=people)


def entries_of(actor: Actor, asked: LogFilter) -> QuerySet[AuditEntry]:
    """The entries that a filter leaves, the latest first."""
    entries = readable(actor)
    if asked.since:
        entries = entries.filter(at__gte=asked.since)
    if asked.until:
        entries = entries.filter(at__lt=asked.until)
    for name in ("kind", "act", "resource", "object_id", "ip"):
        if value := getattr(asked, name):
            entries = entries.filter(**{name: value})
    if asked.who:
        entries = entries.filter(_by(asked.who))
    if asked.transaction is not None:
        entries = entries.filter(txid=asked.transaction)
    if words := fold(asked.text):
        # The words as they stand: two conditions would look rarer to the planner than they are.
        entries = entries.filter(search__contains=words)
    return entries.order_by("-at", "-id")


def _by(who: str) -> Q:
    """Entries of the accounts that a name or a part of it means."""
    found = User.objects.filter(Q(username__icontains=who) | Q(full_name__unaccent__icontains=who))
    ids = list(found.values_list("pk", flat=True)[:MOST_PEOPLE])
    return Q(actor_id__in=ids) if ids else Q(actor_name=who)


def page_of(
    actor: Actor, asked: LogFilter, *, behind: tuple[datetime, int] | None, size: int
) -> list[AuditEntry]:
    """Entries behind a place in the order, one more than asked when there are more."""
    entries = entries_of(actor, asked)
    if behind is not None:
        at, number = behind
        # The first condition bounds the range of the index, the second is exact.
        entries = entries.filter(at__lte=at).exclude(at=at, id__gte=number)
    return list(entries[: size + 1])


def lines_of(actor: Actor, entries: Sequence[AuditEntry]) -> list[Line]:
    """Entries with the full names of people, and without what ``actor`` may not see of rows.

    Who may see a row now may read what is said of it; of a deleted row, who might see it last.
    """
    ids = {entry.actor_id for entry in entries if entry.actor_id}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "full_name"))
    seen = _Sight(actor, entries)
    lines = []
    for entry in entries:
        withheld = seen.withholds(entry)
        if withheld:
            entry.object_label = entry.reason = ""
            entry.detail = {}
        lines.append(
            Line(
                entry=entry,
                who=names.get(entry.actor_id or 0) or entry.actor_name,
                is_withheld=withheld,
                found=seen.finds(entry),
            )
        )
    return lines


class _Sight:
    """Which guarded rows of some entries an actor may see, asked in two statements."""

    def __init__(self, actor: Actor, entries: Iterable[AuditEntry]) -> None:
        self.actor = actor
        self.wanted: dict[str, set[int]] = defaultdict(set)
        self.models: dict[str, list[type[ScopedModel]]] = defaultdict(list)
        for model in guarded_models():
            self.models[model.access.resource].append(model)
        for entry in entries:
            if entry.resource in self.models and entry.object_id.isdecimal():
                self.wanted[entry.resource].add(int(entry.object_id))
        self.allowed: dict[tuple[str, int], bool] = {}
        self.present: set[tuple[str, int]] = set()
        if self.wanted:
            with as_system("tell which rows of the log its reader may see"):
                self._look_at_rows()
                self._look_at_deleted()

    def withholds(self, entry: AuditEntry) -> bool:
        """A row that is nowhere to be found was never in the reader's sight."""
        if entry.resource not in self.models or not entry.object_id.isdecimal():
            return False
        return not self.allowed.get((entry.resource, int(entry.object_id)), False)

    def finds(self, entry: AuditEntry) -> bool:
        """Whether the row exists and the reader may see it."""
        if not entry.object_id.isdecimal():
            return False
        key = (entry.resource, int(entry.object_id))
        return key in self.present and self.allowed[key]

    def _look_at_rows(self) -> None:
        parts = [
            self._axes(model, resource, ids)
            for resource, ids in self.wanted.items()
            for model in self.models[resource]
        ]
        for resource, row_id, axes in parts[0].union(*parts[1:], all=True):
            self.present.add((resource, row_id))
            self._note(resource, row_id, axes)

    @staticmethod
    def _axes(model: type[ScopedModel], resource: str, ids: set[int]) -> QuerySet[Any, Any]:
        names = _axis_names(model)
        return (
            model.base.filter(pk__in=ids)
            .order_by()
            .annotate(
                what=Value(resource, models.CharField()),
                axes=JSONObject(**{name: F(name) for name in names}),
            )
            .values_list("what", "pk", "axes")
        )

    def _look_at_deleted(self) -> None:
        tables = {
            model._meta.db_table: resource
            for resource in self.wanted
            for model in self.models[resource]
        }
        gone = [
            Q(table=table, row_id__in=missing)
            for table, resource in tables.items()
            if (missing := {n for n in self.wanted[resource] if (resource, n) not in self.present})
        ]
        if not gone:
            return
        found = RowVersion.objects.filter(reduce(or_, gone), op="D")
        for table, row_id, image in found.values_list("table", "row_id", "image"):
            self._note(tables[table], row_id, image)

    def _note(self, resource: str, row_id: int, row: dict[str, Any]) -> None:
        """Rows of several models may share a resource and an id: all must be in sight."""
        rule = self.models[resource][0].access
        try:
            may = self.actor.scope(rule).allows(row)
        except KeyError:
            may = False
        key = (resource, row_id)
        self.allowed[key] = may and self.allowed.get(key, True)


def _axis_names(model: type[ScopedModel]) -> list[str]:
    rule = model.access
    names = [rule.class_field, rule.org_field, rule.area_field]
    return names + ([rule.subject_field] if rule.subject_field else [])


def estimated_entries() -> int:
    """About how many entries the log holds: an exact count would read it all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass",
            [AuditEntry._meta.db_table],
        )
        (number,) = cursor.fetchone()
    return int(number)


def last_days(days: int, now: datetime) -> datetime:
    """The start of the day so many days ago."""
    return (now - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
