"""Who may see what: one rule, four forms.

An :class:`Actor` carries entitlements (a role held for an organisation subtree and a place
subtree). For a guarded model's :class:`AccessRule` they fold into a :class:`Scope`, a short list
of clauses. The scope is a value; this module evaluates it in Python and writes it as SQL text.
``querysets`` turns it into a QuerySet filter and ``rls`` into row-level security. A property
test holds the forms equal.

No Django here: streams and workers use it as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Final

#: Row-level security numbers an actor's clauses by the bits of a 64-bit integer; a grant that
#: would need more is refused.
MAX_CLAUSES: Final = 62
ANY: Final = None
_NAME: Final = "[a-z][a-z0-9_]*"
_PERMISSION: Final = re.compile(rf"{_NAME}\.{_NAME}\.{_NAME}")
_PATTERN: Final = re.compile(rf"({_NAME}|\*)(\.({_NAME}|\*)){{2}}")


class DataClass(IntEnum):
    """How widely a row may be known."""

    PUBLIC = 0
    INTERNAL = 1
    RESTRICTED = 2
    SECRET = 3


class ActorKind(StrEnum):
    ANONYMOUS = "ANONYMOUS"
    OFFICIAL = "OFFICIAL"
    CITIZEN = "CITIZEN"
    FIRM = "FIRM"
    SERVICE = "SERVICE"
    DEVICE = "DEVICE"
    SYSTEM = "SYSTEM"


class TooManyClausesError(ValueError):
    """The grants of one actor do not fold into ``MAX_CLAUSES`` clauses."""


@dataclass(frozen=True, slots=True)
class AccessRule:
    """How a model is guarded.

    ``resource`` is ``<domain>.<name>``; permissions are ``<resource>.<act>``. ``masks`` names
    fields that need a higher clearance than their row. ``subject_field`` names the user whom a
    row is about: that user may do ``subject_acts`` with it whatever the grants, up to RESTRICTED.
    """

    resource: str
    public: bool = True
    class_field: str = "data_class"
    org_field: str = "owner_org_id"
    area_field: str = "area_id"
    subject_field: str | None = None
    subject_acts: frozenset[str] = frozenset({"view"})
    masks: Mapping[str, DataClass] = field(default_factory=dict)

    def permission(self, act: str) -> str:
        return f"{self.resource}.{act}"

    def __hash__(self) -> int:
        return hash(self.resource)


@dataclass(frozen=True, slots=True)
class Clause:
    """Rows up to a class, of some organisations, in some places; ``None`` means any."""

    max_class: int
    orgs: frozenset[int] | None = ANY
    areas: frozenset[int] | None = ANY
    subject: int | None = None

    def admits(self, data_class: int, org: int | None, area: int | None, subject: Any) -> bool:
        return (
            data_class <= self.max_class
            and (self.orgs is ANY or org in self.orgs)
            and (self.areas is ANY or area in self.areas)
            and (self.subject is None or subject == self.subject)
        )

    def covers(self, other: Clause) -> bool:
        """Whether every row that ``other`` admits is admitted here."""
        return (
            self.max_class >= other.max_class
            and (self.orgs is ANY or (other.orgs is not ANY and other.orgs <= self.orgs))
            and (self.areas is ANY or (other.areas is not ANY and other.areas <= self.areas))
            and (self.subject is None or self.subject == other.subject)
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows of one rule that an actor may see; no clause means none."""

    rule: AccessRule
    clauses: tuple[Clause, ...]

    def allows(self, row: Mapping[str, Any] | object) -> bool:
        """Whether the actor may see ``row`` (a mapping or an object with the rule's fields)."""
        return any(self._admits(clause, row) for clause in self.clauses)

    def clearance(self, row: Mapping[str, Any] | object) -> int:
        """The highest class to which the actor is cleared for this row's owner and place; -1: none.

        It is the clause's class, not the row's: a public row may carry a restricted field.
        """
        admitting = [c.max_class for c in self.clauses if self._admits(c, row)]
        return max(admitting, default=-1)

    def masked(self, row: Mapping[str, Any] | object) -> frozenset[str]:
        """Names of the fields of ``row`` that the actor may not see."""
        level = self.clearance(row)
        return frozenset(name for name, needed in self.rule.masks.items() if level < needed)

    def _admits(self, clause: Clause, row: Mapping[str, Any] | object) -> bool:
        rule = self.rule
        subject = _get(row, rule.subject_field) if rule.subject_field else None
        return clause.admits(
            _get(row, rule.class_field),
            _get(row, rule.org_field),
            _get(row, rule.area_field),
            subject,
        )

    def sql(self, alias: str = "", *, at_least: int = 0) -> tuple[str, list[Any]]:
        """The scope as an SQL condition with its parameters.

        ``at_least`` keeps only the clauses cleared to that class: the condition of a mask.
        """
        prefix = f"{alias}." if alias else ""
        parts: list[str] = []
        params: list[Any] = []
        for clause in self.clauses:
            if clause.max_class < at_least:
                continue
            terms = [f"{prefix}{self.rule.class_field} <= %s"]
            params.append(clause.max_class)
            for column, ids in (
                (self.rule.org_field, clause.orgs),
                (self.rule.area_field, clause.areas),
            ):
                if ids is not ANY:
                    terms.append(f"{prefix}{column} = ANY(%s::bigint[])")
                    params.append(sorted(ids))
            if clause.subject is not None:
                terms.append(f"{prefix}{self.rule.subject_field} = %s")
                params.append(clause.subject)
            parts.append("(" + " AND ".join(terms) + ")")
        return ("(" + " OR ".join(parts) + ")" if parts else "FALSE"), params

    @property
    def digest(self) -> str:
        """A short stable name of the scope: part of every cache key."""
        text = repr(
            [
                (
                    c.max_class,
                    c.orgs and sorted(c.orgs),
                    c.areas and sorted(c.areas),
                    c.orgs is ANY,
                    c.areas is ANY,
                    c.subject,
                )
                for c in self.clauses
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def is_public_only(self) -> bool:
        return self.clauses == (PUBLIC_CLAUSE,)


PUBLIC_CLAUSE: Final = Clause(int(DataClass.PUBLIC))


def _get(row: Mapping[str, Any] | object, name: str) -> Any:
    return row[name] if isinstance(row, Mapping) else getattr(row, name)


def is_permission(text: str) -> bool:
    """Whether ``text`` is ``domain.resource.act``."""
    return _PERMISSION.fullmatch(text) is not None


#: First segment of the permissions over the platform itself.
KERNEL: Final = "kernel"


def is_pattern(text: str) -> bool:
    """Whether ``text`` is a permission in which ``*`` may stand for a segment."""
    return _PATTERN.fullmatch(text) is not None


def matches(pattern: str, permission: str) -> bool:
    """Whether a role's pattern (``assets.*.view``) grants ``permission``; both have 3 segments.

    ``*`` in the first place means every domain, not the kernel: whoever may see all roads may not
    for that reason see all accounts.
    """
    wanted, asked = pattern.split("."), permission.split(".")
    return (
        len(wanted) == len(asked) == 3
        and all(w in ("*", a) for w, a in zip(wanted, asked, strict=True))
        and not (wanted[0] == "*" and asked[0] == KERNEL)
    )


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One role as held: its permission patterns, clearance, and where it holds."""

    role: str
    permissions: frozenset[str]
    clearance: int
    orgs: frozenset[int] | None = ANY
    areas: frozenset[int] | None = ANY

    def grants(self, permission: str) -> bool:
        return any(matches(pattern, permission) for pattern in self.permissions)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a person, a firm, a service, a device, or the house itself."""

    kind: ActorKind
    id: int | None = None
    username: str = ""
    name: str = ""
    organisation_id: int | None = None
    organisation_name: str = ""
    entitlements: tuple[Entitlement, ...] = ()
    #: A role that this actor holds asks for a second factor.
    needs_mfa: bool = False
    #: Patterns beyond which a token does not reach, whatever its owner may do.
    limits: frozenset[str] | None = ANY

    @property
    def is_system(self) -> bool:
        return self.kind is ActorKind.SYSTEM

    @property
    def is_authenticated(self) -> bool:
        return self.kind is not ActorKind.ANONYMOUS

    def may(self, permission: str) -> bool:
        """Whether any entitlement grants ``permission`` somewhere; rows are for :meth:`scope`."""
        return self.is_system or any(e.grants(permission) for e in self.entitlements)

    def scope(self, rule: AccessRule, act: str = "view") -> Scope:
        """The rows of ``rule`` on which the actor may do ``act``."""
        if self.is_system:
            return Scope(rule, (Clause(int(DataClass.SECRET)),))
        clauses = [
            Clause(e.clearance, e.orgs, e.areas)
            for e in self.entitlements
            if e.grants(rule.permission(act))
        ]
        if act == "view" and rule.public:
            clauses.append(PUBLIC_CLAUSE)
        if self._may_as_subject(rule, act):
            clauses.append(Clause(int(DataClass.RESTRICTED), subject=self.id))
        return Scope(rule, fold(clauses))

    def _may_as_subject(self, rule: AccessRule, act: str) -> bool:
        if self.id is None or not rule.subject_field or act not in rule.subject_acts:
            return False
        permission = rule.permission(act)
        return self.limits is ANY or any(matches(p, permission) for p in self.limits)

    @property
    def initials(self) -> str:
        words = (self.name or self.username).split()
        return "".join(word[0] for word in words[-2:]).upper()


def fold(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """The same rows in fewer clauses, in a canonical order.

    Drops what another clause covers, and joins clauses that differ in one axis only.
    """
    kept = list(dict.fromkeys(clauses))
    changed = True
    while changed:
        changed = False
        for i, a in enumerate(kept):
            for j, b in enumerate(kept):
                if i < j and (joined := _join(a, b)):
                    kept = [c for k, c in enumerate(kept) if k not in (i, j)] + [joined]
                    changed = True
                    break
            if changed:
                break
    return tuple(sorted(kept, key=_order))


def _join(a: Clause, b: Clause) -> Clause | None:
    if a.covers(b):
        return a
    if b.covers(a):
        return b
    if a.max_class != b.max_class or a.subject != b.subject:
        return None
    if a.orgs == b.orgs and a.areas is not ANY and b.areas is not ANY:
        return Clause(a.max_class, a.orgs, a.areas | b.areas, a.subject)
    if a.areas == b.areas and a.orgs is not ANY and b.orgs is not ANY:
        return Clause(a.max_class, a.orgs | b.orgs, a.areas, a.subject)
    return None


def _order(clause: Clause) -> tuple[Any, ...]:
    return (
        clause.max_class,
        clause.orgs is ANY,
        sorted(clause.orgs or ()),
        clause.areas is ANY,
        sorted(clause.areas or ()),
        clause.subject or 0,
    )


ANONYMOUS: Final = Actor(ActorKind.ANONYMOUS, name="Khách")


def system(reason: str) -> Actor:
    """The house itself; ``reason`` goes to the audit log."""
    return Actor(ActorKind.SYSTEM, username="system", name=reason)
