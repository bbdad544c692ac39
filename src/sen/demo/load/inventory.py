"""A running campaign in two communes, with records and two contradictions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from django.utils import timezone

from sen.demo.load.foundation import Ground
from sen.domains.assets import api as assets
from sen.domains.inventory import api as inventory
from sen.domains.inventory.data import RecordInput
from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import User
from sen.kernel.access.scope import Actor

NAMES: Final = UUID("8a9d6a0e-3b5e-4b64-9c53-0f0d1a5c2026")
#: Commune, team, who goes out; the officer of the department may go with each.
TEAMS: Final = (
    ("29869", "Tổ phường Cao Lãnh", ["xa.caolanh", "hatang"]),
    ("28696", "Tổ xã Tân Phú Đông", ["xa.tanphudong", "hatang"]),
)
KINDS: Final = ["bridge", "culvert", "its_device"]
RECORDED: Final = 7


def load_campaign(actor: Actor, ground: Ground) -> int:
    """The campaign through its services; records as phones send them."""
    today = timezone.localdate()
    communes = [ground.areas[code].code for code, _name, _people in TEAMS if code in ground.areas]
    campaign = inventory.create_campaign(
        actor=actor,
        code="KK-2026",
        name="Kiểm kê kết cấu hạ tầng 2026 (minh họa)",
        starts_at=today - timedelta(days=10),
        ends_at=today + timedelta(days=35),
        area_codes=communes,
        types=KINDS,
        decision="QĐ 402/QĐ-SXD (minh họa)",
        owner_org=ground.org("SXD"),
        area=ground.province,
        is_demo=True,
    )
    for code, name, people in TEAMS:
        if code in communes:
            inventory.create_team(
                actor=actor, campaign=campaign, name=name, members=people, area_codes=[code]
            )
    campaign = inventory.start_campaign(actor=actor, row=campaign, version=None)
    made = 0
    for team in inventory.teams(actor, campaign):
        sent = [actor_for(User.objects.get(username=name)) for name in team.members]
        visits = list(inventory.visits(actor, team)[:RECORDED])
        for number, visit in enumerate(visits):
            made += _record(sent[0], visit, number)
        if visits and team.name == TEAMS[0][1]:
            made += _contradict(actor, sent, visits)
    return made


def _record(who: Actor, visit: Any, number: int, **changes: Any) -> int:
    asset = assets.assets(who).filter(pk=visit.asset_id).first()
    if asset is None:
        return 0
    base = inventory.values_of(asset)
    found = dict(base)
    if number % 3 == 1:
        found["condition"] = "FAIR"
    gone = number % 6 == 5
    middle = asset.geom.centroid
    at = timezone.now() - timedelta(days=2, minutes=7 * number)
    inventory.receive_record(
        actor=who,
        given=RecordInput(
            key=uuid5(NAMES, f"{visit.asset_id}-{who.username}"),
            campaign_id=visit.campaign_id,
            visit_id=visit.pk,
            outcome="NOT_FOUND" if gone else "FOUND",
            recorded_at=_on_the_minute(at),
            base_version=changes.pop("base_version", asset.version),
            base=base,
            values=found | changes,
            note="Không thấy tại vị trí ghi trong hồ sơ." if gone else "",
            lon=round(middle.x, 6),
            lat=round(middle.y, 6),
            accuracy_m=4.5,
        ),
    )
    return 1


def _contradict(actor: Actor, people: list[Actor], visits: list[Any]) -> int:
    """Two people at one asset; and an asset that the register knows otherwise since."""
    made = _record(people[1], visits[0], 0, condition="POOR")
    seen = set(assets.assets(people[0]).values_list("pk", flat=True))
    rest = inventory.visits(actor, visits[0].team)[RECORDED:]
    for later in [visit for visit in rest if visit.asset_id in seen][:1]:
        row = assets.assets(actor).get(pk=later.asset_id)
        version = row.version
        assets.update_asset(
            actor=actor, row=row, version=None, reason="kiểm tra định kỳ", condition="BAD"
        )
        made += _record(people[0], later, 0, base_version=version, condition="GOOD")
    return made


def _on_the_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
