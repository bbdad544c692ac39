"""Type-ahead over everything that an actor may see, in one statement.

Each register gives at most ``CANDIDATES`` matches in any order (an early stop, however common the
word), and the few best of all are ranked here: whole name first, then the beginning, then words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, F, QuerySet, TextField, Value
from django.db.models.functions import Cast

from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store
from sen.kernel.web.register.filters import search_q
from sen.kernel.web.register.links import PUBLIC, WORK, detail_url
from sen.kernel.web.register.resource import Resource, resources
from sen.lib.text import fold

#: Key of the register, id, title, code, and what kind of thing it is where that is stored.
Candidate = tuple[str, int, str, str, str]
CANDIDATES: Final = 40
SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the palette."""

    title: str
    subtitle: str
    url: str
    icon: str
    kind: str


#: Other sources of suggestions (a place on a road, a coordinate): text, actor → suggestions.
sources: Store[Callable[[str, Actor], Sequence[Suggestion]]] = Store("suggestion source")


def suggest(text: str, actor: Actor) -> list[Suggestion]:
    """The best matches for what was typed; empty below two characters."""
    folded = fold(text)
    if len(folded) < 2:
        return []
    found: list[Suggestion] = []
    for source in sources:
        found += source(text, actor)
    base = WORK if actor.is_authenticated else PUBLIC
    by_key = {resource.key: resource for resource in _searched(actor)}
    rows = sorted(_candidates(by_key, actor, text), key=lambda row: _rank(row, folded))
    for key, row_id, title, code, kind in rows[: SHOWN - len(found)]:
        resource = by_key[key]
        what = str(resource.title)
        if kind:
            what = resource.choices_of(resource.kind_path).get(kind, kind)
        found.append(
            Suggestion(
                title=title or code,
                subtitle=f"{what} · {code}" if title else what,
                url=detail_url(resource, row_id, base),
                icon=resource.icon,
                kind=what,
            )
        )
    return found[:SHOWN]


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
            ).values_list("sen_key", "pk", "sen_title", "sen_code", "sen_kind")[:CANDIDATES]
        )
    if not parts:
        return []
    first, *rest = parts
    return list(first.union(*rest, all=True)) if rest else list(first)


def _rank(row: Candidate, folded: str) -> tuple[int, int, str]:
    _key, _id, title, code, _kind = row
    name = fold(title or "")
    if folded in (name, fold(code or "")):
        return (0, len(name), name)
    if name.startswith(folded):
        return (1, len(name), name)
    return (2 if f" {folded}" in name else 3, len(name), name)
