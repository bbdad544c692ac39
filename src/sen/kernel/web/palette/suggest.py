"""Type-ahead over everything that an actor may see, in one statement.

Each register gives at most ``CANDIDATES`` matches in any order (an early stop, however common the
word), and the few best of all are ranked here: whole name first, then the beginning, then words;
of equal matches the thing itself before the records that bear its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, F, QuerySet, TextField, Value
from django.db.models.functions import Cast

from sen.kernel.access.scope import Actor
from sen.kernel.plans import planned_for_values
from sen.kernel.registry import Store
from sen.kernel.web.register.filters import search_q
from sen.kernel.web.register.links import PUBLIC, WORK, detail_url
from sen.kernel.web.register.resource import Resource, resources
from sen.lib.text import fold

#: Key of the register, id, title, code, what kind of thing it is where that is stored, and what
#: tells it from others of its name.
Candidate = tuple[str, int, str, str, str, str]
CANDIDATES: Final = 40
SHOWN: Final = 12
#: Of one kind, as long as others have matches too: a canal has fifty stretches of one name.
SHOWN_OF_ONE: Final = 4


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the palette; what only mentions the words stands ``behind`` what bears them."""

    title: str
    subtitle: str
    url: str
    icon: str
    kind: str
    behind: bool = False


#: Other sources of suggestions (a place on a road, a coordinate): text, actor → suggestions.
sources: Store[Callable[[str, Actor], Sequence[Suggestion]]] = Store("suggestion source")


def suggest(text: str, actor: Actor) -> list[Suggestion]:
    """The best matches for what was typed; empty below two characters."""
    folded = fold(text)
    if len(folded) < 2:
        return []
    found: list[Suggestion] = []
    behind: list[Suggestion] = []
    for source in sources:
        for item in source(text, actor):
            (behind if item.behind else found).append(item)
    base = WORK if actor.is_authenticated else PUBLIC
    by_key = {resource.key: resource for resource in _searched(actor)}
    with planned_for_values():
        candidates = _candidates(by_key, actor, text)
    rows = sorted(
        candidates,
        key=lambda row: _rank(row, folded, derived=by_key[row[0]].palette_derived),
    )
    for key, row_id, title, code, kind, hint in _mixed(rows, SHOWN - len(found) - len(behind)):
        resource = by_key[key]
        what = str(resource.title)
        if kind:
            what = resource.choices_of(resource.kind_path).get(kind, kind)
        found.append(
            Suggestion(
                title=title or code,
                subtitle=f"{what} · {hint or code}" if title else what,
                url=detail_url(resource, row_id, base),
                icon=resource.icon,
                kind=what,
            )
        )
    return [*found, *behind][:SHOWN]


def _searched(actor: Actor) -> list[Resource[Any]]:
    return [r for r in resources if r.search and r.in_palette and r.may(actor, "view")]


def _candidates(by_key: dict[str, Resource[Any]], actor: Actor, text: str) -> list[Candidate]:
    parts: list[QuerySet[Any, Any]] = []
    for resource in by_key.values():
        rows = resource.rows(actor).filter(search_q(text)).order_by()
        parts.append(
            rows.annotate(
                sen_key=Value(resource.key, output_field=CharField()),
                sen_title=Cast(F(resource.label_path), TextField()),
                sen_code=Cast(F(resource.code_path), TextField()),
                sen_kind=Cast(F(resource.kind_path), TextField())
                if resource.kind_path
                else Value("", output_field=TextField()),
                sen_hint=Cast(resource.palette_hint or Value(""), TextField()),
            ).values_list("sen_key", "pk", "sen_title", "sen_code", "sen_kind", "sen_hint")[
                :CANDIDATES
            ]
        )
    if not parts:
        return []
    first, *rest = parts
    return list(first.union(*rest, all=True)) if rest else list(first)


def _mixed(rows: Sequence[Candidate], room: int) -> list[Candidate]:
    """The best of each kind, then whatever else there is room for, in the order given."""
    taken: Counter[tuple[str, str]] = Counter()
    chosen: list[int] = []
    rest: list[int] = []
    for at, row in enumerate(rows):
        register_and_kind = (row[0], row[4])
        taken[register_and_kind] += 1
        (chosen if taken[register_and_kind] <= SHOWN_OF_ONE else rest).append(at)
    return [rows[at] for at in sorted([*chosen, *rest][:room])]


def _rank(row: Candidate, folded: str, *, derived: bool) -> tuple[int, bool, int, str]:
    name = fold(row[2] or "")
    if folded in (name, fold(row[3] or "")):
        match = 0
    elif name.startswith(folded):
        match = 1
    else:
        match = 2 if f" {folded}" in name else 3
    return (match, derived, len(name), name)
