"""Who rests on which rule: declared by the domains above, shown before a rule changes.

A domain declares in its ``handlers.py`` (beside what it does when the rule changed)::

    rests_on(RuleUse(
        name="corridors.road",
        norms=("corridor.road",),
        title=_("Hành lang an toàn đường bộ"),
        kind=UseKind.CORRIDOR,
        url="/ql/corridors/corridors/",
        reckon=reckon_corridors,
    ))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store
from sen.lib.errors import gettext_noop

#: What a table says in a case; None where it is silent.
Decide = Callable[[Mapping[str, Any]], Any]


class UseKind(StrEnum):
    """What rests on a rule."""

    PAGE = "PAGE"
    ASSET = "ASSET"
    CORRIDOR = "CORRIDOR"
    DOSSIER = "DOSSIER"
    DEADLINE = "DEADLINE"
    REPORT = "REPORT"


KIND_NAMES = {
    UseKind.PAGE: gettext_noop("Trang"),
    UseKind.ASSET: gettext_noop("Tài sản"),
    UseKind.CORRIDOR: gettext_noop("Hành lang"),
    UseKind.DOSSIER: gettext_noop("Hồ sơ đang giải quyết"),
    UseKind.DEADLINE: gettext_noop("Thời hạn"),
    UseKind.REPORT: gettext_noop("Báo cáo, công bố"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a draft would change of one rule on a date.

    ``before`` and ``after`` answer a case as the rule in force and the draft would; where no
    version is in force they answer None.
    """

    norm: str
    on: date
    before: Decide
    after: Decide


@dataclass(frozen=True, slots=True)
class Affected:
    """One row whose result changes."""

    title: str
    url: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Effect:
    """How many rows rest on the rule, how many change, and the first of them."""

    total: int
    changed: int
    rows: tuple[Affected, ...] = ()


#: Counts what changes, among the rows that the actor may see.
Reckon = Callable[[Actor, Change], Effect]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUse:
    """Something that rests on rules; without ``reckon`` it is named but not counted."""

    name: str
    norms: tuple[str, ...]
    title: Any
    kind: UseKind
    url: str = ""
    reckon: Reckon | None = None


uses: Store[RuleUse] = Store("use of rules")


def rests_on(use: RuleUse) -> RuleUse:
    """Declare a use."""
    return uses.add(use.name, use)


def uses_of(norm: str) -> list[RuleUse]:
    """What rests on a rule, in the order of declaration."""
    return [use for use in uses if norm in use.norms]
