"""Which rules judge which streams, read once and again whenever something changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sen.domains.alarms.choices import NIGHTLY, RuleKind
from sen.domains.alarms.engine.spec import Spec, parse
from sen.domains.alarms.models import Rule
from sen.domains.alarms.selectors import rules_in_force
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.scope import Actor


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule as it is evaluated, and the stream of each of its references."""

    rule_id: int
    code: str
    spec: Spec


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as the rules see it."""

    id: int
    asset_id: int | None
    asset_type: str
    property_id: int | None
    property_code: str


@dataclass(slots=True)
class Book:
    """Rules by stream and by asset.

    ``explains`` names, for a stream that explains others, its asset and observed property.
    """

    streams: dict[int, Stream] = field(default_factory=dict)
    judged: dict[int, list[Bound]] = field(default_factory=dict)
    silent: dict[int, list[Bound]] = field(default_factory=dict)
    compounds: dict[int, list[Bound]] = field(default_factory=dict)
    explains: dict[int, tuple[int, str]] = field(default_factory=dict)
    nightly: dict[int, list[Bound]] = field(default_factory=dict)
    rule_ids: set[int] = field(default_factory=set)


def read_book(actor: Actor) -> Book:
    """All rules in force, bound to the streams that exist."""
    book = Book()
    rules = [(rule, parse(rule.kind, rule.definition)) for rule in rules_in_force()]
    book.rule_ids = {rule.pk for rule, _spec in rules}
    for row in (
        telemetry.Datastream.objects.visible_to(actor)
        .filter(is_active=True)
        .values_list(
            "id",
            "thing__asset_id",
            "thing__asset__type",
            "observed_property_id",
            "observed_property__code",
        )
    ):
        stream = Stream(row[0], row[1], row[2] or "", row[3], row[4] or "")
        book.streams[stream.id] = stream
    own = {(rule.replaces, rule.datastream_id) for rule, _spec in rules if rule.datastream_id}
    for rule, spec in rules:
        if spec.kind is RuleKind.COMPOUND:
            _bind_compound(book, rule, spec)
            continue
        kept = _kept(book, spec.kind)
        for stream in _candidates(book, rule):
            if (rule.code, stream.id) not in own and _concerns(rule, stream):
                kept.setdefault(stream.id, []).append(Bound(rule.pk, rule.code, spec))
    _note_references(book)
    return book


def _kept(book: Book, kind: RuleKind) -> dict[int, list[Bound]]:
    if kind in NIGHTLY:
        return book.nightly
    return book.silent if kind is RuleKind.MISSING else book.judged


def _candidates(book: Book, rule: Rule) -> Iterable[Stream]:
    """A rule of one stream is not held against all the others."""
    if rule.datastream_id is None:
        return book.streams.values()
    stream = book.streams.get(rule.datastream_id)
    return () if stream is None else (stream,)


def _concerns(rule: Rule, stream: Stream) -> bool:
    if rule.datastream_id is not None:
        return rule.datastream_id == stream.id
    return rule.observed_property_id == stream.property_id and (
        not rule.asset_type or rule.asset_type == stream.asset_type
    )


def _bind_compound(book: Book, rule: Rule, spec: Spec) -> None:
    assets = {
        stream.asset_id
        for stream in book.streams.values()
        if stream.asset_id is not None
        and (not rule.asset_type or stream.asset_type == rule.asset_type)
    }
    for asset_id in sorted(assets):
        book.compounds.setdefault(asset_id, []).append(Bound(rule.pk, rule.code, spec))


def _note_references(book: Book) -> None:
    wanted: defaultdict[int, set[str]] = defaultdict(set)
    for stream_id, bounds in book.judged.items():
        asset_id = book.streams[stream_id].asset_id
        if asset_id is not None:
            for bound in bounds:
                wanted[asset_id] |= {ref.by for ref in bound.spec.model.references}
    taken: set[tuple[int, str]] = set()
    for stream in sorted(book.streams.values(), key=lambda item: item.id):
        if stream.asset_id is None or stream.property_code not in wanted.get(stream.asset_id, ()):
            continue
        place = (stream.asset_id, stream.property_code)
        if place not in taken:
            taken.add(place)
            book.explains[stream.id] = place
