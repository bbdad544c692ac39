"""A round as a phone takes it along: assets, their fields, and the lists to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language

from sen.domains.assets.api import AssetType, asset_types
from sen.domains.inventory.labels import conditions, field_label
from sen.domains.inventory.models import Team
from sen.domains.inventory.rules import ATTRIBUTE
from sen.domains.inventory.selectors import round_of, values_of
from sen.domains.network import api as network
from sen.kernel.access.scope import Actor


def round_json(actor: Actor, team: Team) -> dict[str, Any]:
    """Everything that a team needs without a network."""
    items = [_item(*found) for found in round_of(actor, team)]
    campaign = team.campaign
    kinds = {item["type"] for item in items} | set(campaign.types)
    return {
        "campaign": {
            "id": campaign.pk,
            "code": campaign.code,
            "name": campaign.name,
            "ends_at": campaign.ends_at.isoformat(),
        },
        "team": team.name,
        "types": {kind.code: _type(kind) for kind in asset_types if kind.code in kinds},
        "conditions": conditions(),
        "items": items,
    }


def _type(kind: AssetType) -> dict[str, Any]:
    language = get_language()
    plain: Iterable[str] = ("name", "condition", "opened_year")
    return {
        "name": kind.name.said(language),
        "labels": {name: field_label(kind.code, name) for name in plain},
        "fields": [
            {
                "name": f"{ATTRIBUTE}{item.name}",
                "label": field_label(kind.code, f"{ATTRIBUTE}{item.name}"),
                "kind": item.kind.value,
                "required": item.required,
                "choices": {code: text.said(language) for code, text in item.choices.items()},
            }
            for item in kind.attributes
        ],
    }


def _item(visit: Any, asset: Any, hidden: frozenset[str]) -> dict[str, Any]:
    point = asset.geom.centroid if asset.geom is not None and "geom" not in hidden else None
    chainage = "" if asset.chainage_m is None else network.label(round(float(asset.chainage_m)))
    road = asset.road.number or asset.road.name if asset.road else ""
    return {
        "visit": visit.pk,
        "state": visit.state,
        "code": asset.code,
        "name": asset.name,
        "type": asset.type,
        "place": " ".join(filter(None, [chainage, road])),
        "area": asset.area.name,
        "version": asset.version,
        "lon": None if point is None else round(point.x, 7),
        "lat": None if point is None else round(point.y, 7),
        "values": values_of(asset, hidden),
    }
