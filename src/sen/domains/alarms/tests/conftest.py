"""A bridge with a deflection and a temperature, and rules on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from sen.domains.alarms.models import Rule
from sen.domains.alarms.runner.process import RulesProcess
from sen.domains.alarms.services import create_rule, enforce_rule
from sen.domains.assets import api as assets
from sen.domains.places import api as places
from sen.domains.places.choices import UnitKind
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.services import put_node

#: 2026-06-01 08:00 in Đồng Tháp.
START_US = 1_780_275_600_000_000
US = 1_000_000


@dataclass
class Bridge:
    """The bridge of the tests; streams by the code of what they observe."""

    org: Organisation
    area: Area
    asset: Any
    streams: dict[str, Any] = field(default_factory=dict)

    def rule(self, code: str, kind: str = "THRESHOLD", **values: Any) -> Rule:
        """A rule in force on the deflection unless told otherwise."""
        on = values.pop("on", "deflection")
        definition = {"levels": [{"severity": 2, "raise": 20, "clear": 18}], **values.pop("d", {})}
        stream = self.streams[on]
        with as_system("set up a test") as house:
            row = create_rule(
                actor=house,
                code=code,
                name=f"Quy tắc {code}",
                kind=kind,
                observed_property=None if kind == "COMPOUND" else stream.observed_property,
                definition=definition,
                owner_org=self.org,
                area=self.area,
                **values,
            )
            return enforce_rule(actor=house, row=row)

    def batch(self, *values: float, on: str = "deflection", at_s: int = 0) -> telemetry.Batch:
        """Values a second apart from a second on."""
        times = [START_US + (at_s + n) * US for n in range(len(values))]
        return telemetry.Batch.of(
            device=0,
            received_us=times[-1],
            streams=[self.streams[on].pk] * len(values),
            times_us=times,
            values=values,
        )


@pytest.fixture
def bridge(db: None) -> Bridge:
    with as_system("set up a test") as house:
        org = put_node(Organisation, code="SXD", name="Sở Xây dựng", kind="DEPARTMENT")
        area = put_node(Area, code="82", name="Đồng Tháp", kind="PROVINCE")
        ward = places.put_unit(
            actor=house, code="82001", name="Sa Đéc", kind=UnitKind.WARD, area=area, owner_org=org
        )
        ward.geom = MultiPolygon(Polygon.from_bbox((105.4, 10.2, 105.8, 10.4)), srid=4326)
        ward.save()
        asset = assets.create_asset(
            actor=house,
            type="bridge",
            code="C1",
            name="Cầu Cái Tàu",
            owner_org=org,
            geom=Point(105.6, 10.3, srid=4326),
            attributes={"length_m": 40},
        )
        found = Bridge(org, area, asset)
        sensor = telemetry.create_sensor(
            actor=house, code="LVDT", name="Cảm biến chuyển vị", owner_org=org, area=area
        )
        thing = telemetry.create_thing(
            actor=house,
            code="T1",
            name="Nhịp 2",
            asset=asset,
            position="Nhịp 2, dầm giữa",
            owner_org=org,
            area=area,
        )
        for code, unit in (("deflection", "mm"), ("temperature", "Cel")):
            observed = telemetry.create_observed_property(
                actor=house, code=code, name=code, unit=unit, owner_org=org, area=area
            )
            found.streams[code] = telemetry.create_datastream(
                actor=house,
                code=f"T1-{code}",
                name=code,
                thing=thing,
                sensor=sensor,
                observed_property=observed,
                unit=unit,
            )
    return found


@pytest.fixture
def judge(bridge: Bridge) -> Callable[..., RulesProcess]:
    """Begins a life of the process and gives it messages; without NATS."""
    lives: list[RulesProcess] = []

    def run(*batches: telemetry.Batch, write: bool = True) -> RulesProcess:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        life = RulesProcess(None)  # type: ignore[arg-type]
        lives.append(life)
        life.begin()
        if not write:
            # It dies before it comes to its first writing.
            life._write_at = float("inf")
        from sen.domains.telemetry.wire import encode

        first = life.seq
        for number, batch in enumerate(batches, first + 1):
            life.turn([telemetry.Entry(number, "obs.batch", encode(batch), 0)])
        if write:
            life.write()
        return life

    return run
