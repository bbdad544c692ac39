"""What is posted at an asset, ready to be drawn as the signs that stand there."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from sen.domains.assets.labels import said
from sen.domains.assets.models import Asset
from sen.domains.assets.rules import POSTED
from sen.kernel.access.scope import Actor
from sen.kernel.numbers import number_text


@dataclass(frozen=True, slots=True)
class PostedSign:
    """One limit: its number, its unit, what it limits, and the form of its sign."""

    value: str
    unit: str
    label: str
    shape: str


#: Round with a red ring for vehicles, square with a red frame for vessels.
_SHAPES = {"clearance_m": "water", "road_clearance_m": "height", "axle_limit_t": "axle"}


def signs_of(actor: Actor, row: Asset) -> list[PostedSign]:
    """The limits of an asset that the actor may see."""
    masked = actor.scope(Asset.access).masked(row)
    found: list[PostedSign] = []
    for name in POSTED:
        item, value = row.kind.by_name.get(name), row.attributes.get(name)
        if item is None or value is None or item.path in masked:
            continue
        shape = _SHAPES.get(name, "load")
        found.append(PostedSign(number_text(value), item.unit, said(item.label), shape))
    return found


def advice_of(row: Asset) -> str:
    """One sentence for whoever wants to pass; empty when nothing stands against it."""
    if row.status == Asset.Status.CLOSED:
        return _("Công trình đang tạm dừng khai thác.")
    if row.status == Asset.Status.REMOVED:
        return _("Công trình đã được dỡ bỏ.")
    limit = row.attributes.get("load_limit_t")
    if limit is not None:
        return _("Xe có tổng trọng lượng trên %(limit)s t không được qua.") % {
            "limit": number_text(limit)
        }
    return ""
