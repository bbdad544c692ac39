from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone

from sen.domains.assets import api as assets
from sen.domains.inventory.data import RecordInput
from sen.domains.inventory.models import Campaign, Record, Team, Visit
from sen.domains.inventory.selectors import values_of
from sen.domains.inventory.services import (
    create_campaign,
    create_team,
    receive_record,
    start_campaign,
)
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, User
from sen.kernel.access.scope import Actor
from sen.kernel.access.services import put_node
from sen.kernel.testing.accounts import MakeAccount


@dataclass
class Field:
    """Two bus stations of a commune, a team of two, and a campaign that runs."""

    actor: Actor
    org: Organisation
    campaign: Campaign
    people: list[Actor] = field(default_factory=list)

    def visit(self, number: int = 0) -> Visit:
        return Visit.objects.filter(campaign=self.campaign).order_by("id")[number]

    def said(self, visit: Visit | None, **values: Any) -> dict[str, Any]:
        """What a phone sends of a visit after it changed ``values``."""
        found: dict[str, Any] = {
            "key": uuid4(),
            "campaign_id": self.campaign.pk,
            "visit_id": visit.pk if visit else None,
            "outcome": "FOUND",
            "recorded_at": timezone.now(),
        }
        if visit is not None:
            asset = assets.assets(self.actor).get(pk=visit.asset_id)
            base = values_of(asset)
            found |= {"base_version": asset.version, "base": base, "values": base | values}
        return found

    def send(self, who: int, given: dict[str, Any], **more: Any) -> Record:
        return receive_record(actor=self.people[who], given=RecordInput(**given | more))


@pytest.fixture
def ground(db: None, make_account: MakeAccount) -> Field:
    with as_system("ground of the test") as actor:
        org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        area = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        ward = put_node(Area, code="29905", name="Sa Đéc", kind="WARD", parent=area)
        unit = places.put_unit(
            actor=actor, code="29905", name="Sa Đéc", kind=UnitKind.WARD, area=ward, owner_org=org
        )
        unit.geom = MultiPolygon(Polygon.from_bbox((105.4, 10.2, 105.8, 10.5)), srid=4326)
        unit.save()
        for number in range(2):
            assets.create_asset(
                actor=actor,
                type="bus_station",
                code=f"BX-{number}",
                name=f"Bến xe {number}",
                owner_org=org,
                condition="GOOD",
                condition_at=date(2026, 1, 1),
                attributes={"grade": 3},
                geom=Point(105.6 + number / 100, 10.4, srid=4326),
            )
        for name in ("lan", "minh"):
            make_account("inventory.*.*", "assets.*.*", username=name, organisation=org)
        campaign = create_campaign(
            actor=actor,
            code="KK",
            name="Kiểm kê",
            starts_at=date(2026, 1, 1),
            ends_at=date(2026, 12, 31),
            types=["bus_station"],
            owner_org=org,
            area=area,
        )
        create_team(actor=actor, campaign=campaign, name="Tổ 1", members="lan, minh")
        campaign = start_campaign(actor=actor, row=campaign, version=None)
        assert Team.objects.count() == 1
        people = [actor_for(User.objects.get(username=name)) for name in ("lan", "minh")]
        return Field(actor, org, campaign, people)
