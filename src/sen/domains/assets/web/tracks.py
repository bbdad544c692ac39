"""Bridges, culverts, signs and everything else that stands on roads, as tracks of diagrams."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from django.utils.translation import gettext_lazy as _

from sen.domains.assets.catalogue import asset_types
from sen.domains.assets.choices import Condition
from sen.domains.assets.models import Asset, ConditionChoices
from sen.domains.assets.selectors import assets_along
from sen.domains.assets.web.signs import signs_of
from sen.kernel.web.tracks import Inquiry, Mark, Track, add_track

CONDITION_COLORS: Final = {
    Condition.GOOD.value: "#2e9e5b",
    Condition.FAIR.value: "#b3a52f",
    Condition.POOR.value: "#e0972f",
    Condition.BAD.value: "#cf3b3b",
}
#: Types with a row of their own; all others share one.
_OWN: Final = ("bridge", "tunnel", "culvert", "sign")
#: Names that tell their place: on a diagram one sees where it is.
_PLACE: Final = re.compile(r"\s*\(Km[^)]*\)$")
#: Of these the length along the road is an attribute.
_SPANNING: Final = ("bridge", "tunnel")


def asset_marks(inquiry: Inquiry, types: Sequence[str]) -> Iterator[Mark]:
    """Assets that stand on the roads, with the limits posted at them."""
    for road_id in inquiry.road_ids:
        for row in assets_along(inquiry.actor, road_id=road_id, types=types):
            if row.chainage_m is not None and row.type in asset_types:
                yield _mark(inquiry, road_id, row)


def _mark(inquiry: Inquiry, road_id: int, row: Asset) -> Mark:
    start, end = _span(row)
    return Mark(
        road_id,
        start,
        end,
        text=row.condition,
        side=row.side or "BOTH",
        label=_PLACE.sub("", row.name),
        url=f"assets/{row.kind.slug}/{row.pk}/",
        symbol=_symbol(inquiry, row),
        color=CONDITION_COLORS.get(row.condition, ""),
    )


def _span(row: Asset) -> tuple[float, float]:
    """From where to where it lies; a bridge is recorded by its middle."""
    at = float(row.chainage_m or 0)
    if row.to_chainage_m is not None:
        return at, float(row.to_chainage_m)
    length = row.attributes.get("length_m")
    if row.type in _SPANNING and isinstance(length, (int, float)):
        return at - length / 2, at + length / 2
    return at, at


def _symbol(inquiry: Inquiry, row: Asset) -> str:
    if row.type == "sign":
        return str(row.attributes.get("sign_code", ""))
    if row.type in _SPANNING:
        limits = [f"{sign.value} {sign.unit}" for sign in signs_of(inquiry.actor, row)]
        return ", ".join(limits[:2])
    return ""


_WORDS: Final = dict(ConditionChoices.choices)
_OTHERS: Final = tuple(kind.code for kind in asset_types if kind.code not in _OWN)

for _name, _title, _types, _shape, _order in (
    ("assets.bridges", _("Cầu, hầm"), ("bridge", "tunnel"), "structure", 30),
    ("assets.culverts", _("Cống"), ("culvert",), "structure", 31),
    ("assets.signs", _("Biển báo"), ("sign",), "mark", 32),
    ("assets.others", _("Công trình khác"), _OTHERS, "mark", 33),
):
    add_track(
        Track(
            name=_name,
            title=_title,
            shape=_shape,
            read=partial(asset_marks, types=_types),
            choices=_WORDS,
            colors=CONDITION_COLORS if _shape == "structure" else {},
            order=_order,
        )
    )


def condition_marks(inquiry: Inquiry) -> Iterator[Mark]:
    """Bridges and tunnels by their condition, as stretches that a segmentation may ask for."""
    for mark in asset_marks(inquiry, _SPANNING):
        if mark.text:
            yield Mark(
                mark.road_id, mark.from_m, mark.to_m, text=mark.text, url=mark.url, side=mark.side
            )


add_track(
    Track(
        name="assets.condition",
        title=_("Tình trạng cầu, hầm"),
        shape="band",
        read=condition_marks,
        choices=_WORDS,
        colors=CONDITION_COLORS,
        order=34,
        is_layer=True,
    )
)
