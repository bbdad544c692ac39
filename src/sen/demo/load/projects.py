"""Projects with their histories, and the firms that build them."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from sen.demo.load import history
from sen.demo.load.foundation import Ground
from sen.demo.model import Province
from sen.demo.projects import Stretch, build_projects
from sen.domains.parties import api as parties
from sen.domains.parties.choices import PartyKind
from sen.domains.projects import api as projects
from sen.kernel.access.scope import Actor

#: Invented firms that stand in no tree of organisations.
FIRMS: Final = {
    "DN-XDCL": "Công ty Cổ phần Xây dựng giao thông Cửu Long Xanh (minh họa)",
    "DN-XDTM": "Công ty TNHH Xây dựng cầu đường Tháp Mười Việt (minh họa)",
    "DN-XDSH": "Tổng Công ty Xây dựng Sông Hậu Mới (minh họa)",
    "DN-TVTK": "Công ty Cổ phần Tư vấn thiết kế Sa Giang (minh họa)",
    "DN-TVGS": "Công ty TNHH Tư vấn giám sát Đồng Sen (minh họa)",
}


def load_projects(actor: Actor, data: Province, ground: Ground) -> int:
    """Forty projects through the service that takes projects over from other systems."""
    for code, name in FIRMS.items():
        parties.create_party(
            actor=actor,
            code=code,
            name=name,
            kind=PartyKind.ENTERPRISE.value,
            owner_org=ground.org("SXD"),
            area=ground.province,
            is_demo=True,
        )
    roads = [
        Stretch(road.code, road.number, road.start_m, road.end_m, road.manager)
        for road in data.roads
    ]
    rows = build_projects(roads, timezone.localdate())
    made = projects.bulk_put_projects(
        actor=actor, rows=rows, is_demo=True, since=history.first_day()
    )
    return len(made)
