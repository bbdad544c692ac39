"""The band by which maps colour a record: of an IRI by rule, else the whole number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sen.domains.network.choices import IRI_GRADES, IRI_NORM
from sen.domains.network.models import RouteEvent
from sen.domains.norms import api as norms
from sen.domains.norms.data import Row
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError, RuleNotInForceError
from sen.kernel.usecase import use_case

_BATCH = 2000


def bands_of(records: Sequence[tuple[str, float | None, date]]) -> list[int | None]:
    """Bands of (kind, value, first day), in order; None for no number or without a rule."""
    found: list[int | None] = [
        None if number is None or kind == "iri" else round(number)
        for kind, number, _since in records
    ]
    by_day: defaultdict[date, list[int]] = defaultdict(list)
    for i, (kind, number, since) in enumerate(records):
        if kind == "iri" and number is not None:
            by_day[since].append(i)
    for day, places in by_day.items():
        try:
            table = norms.table_on(IRI_NORM, day).rows
        except (NotFoundError, RuleNotInForceError):
            continue
        for i in places:
            found[i] = _band(table, float(records[i][1] or 0))
    return found


def _band(table: Sequence[Row], iri: float) -> int | None:
    try:
        return IRI_GRADES.get(str(norms.decide(table, {"iri": iri})))
    except norms.NoRowError:
        return None


@use_case("network.event.change", act="network.refresh_bands")
def refresh_bands(*, actor: Actor) -> int:
    """Grade all roughness anew after the rule was changed; returns how many changed."""
    with as_system("roughness is graded alike for everybody"):
        rows = list(RouteEvent.objects.filter(kind="iri").defer("geom", "search"))
        bands = bands_of(
            [
                (row.kind, None if row.value_number is None else float(row.value_number),
                 row.valid_from)
                for row in rows
            ]
        )  # fmt: skip
        stale = [row for row, band in zip(rows, bands, strict=True) if row.band != band]
        for row, band in zip(rows, bands, strict=True):
            row.band = band
        RouteEvent.objects.bulk_update(stale, ["band"], batch_size=_BATCH)
    return len(stale)
