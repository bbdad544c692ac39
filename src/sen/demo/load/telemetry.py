"""Instrumented bridges and road sites, with a month of what they measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from sen.demo.load.foundation import Ground
from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.places import api as places
from sen.domains.telemetry import api as telemetry
from sen.domains.telemetry.data import StationInput, StreamInput
from sen.kernel.access.scope import Actor
from sen.kernel.files.services import attach

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sen.demo.simulator.physics import Span

    Model = Callable[[NDArray[np.float64]], NDArray[np.float64]]

BRIDGES: Final = 40
SITES: Final = 60
DAYS: Final = 30
#: So many bridges are watched closely: a value every ten minutes instead of every hour.
CLOSE: Final = 4
HOUR_S: Final = 3_600
TEN_MINUTES_S: Final = 600
#: Distance from the mouths of the Mekong, by longitude: the river comes from the west.
SEA_LON: Final = 106.75
#: Code, name, unit, public?
QUANTITIES: Final = (
    ("do_vong", "Độ võng", "mm", "Độ võng của dầm so với khi không tải, dương là xuống"),
    ("nhiet_do_ket_cau", "Nhiệt độ kết cấu", "Cel", "Nhiệt độ bản mặt cầu"),
    ("bien_dang", "Biến dạng", "u[strain]", "Biến dạng mép dưới dầm"),
    ("tan_so", "Tần số dao động", "Hz", "Tần số dao động riêng thứ nhất"),
    ("be_rong_vet_nut", "Bề rộng vết nứt", "mm", "Bề rộng vết nứt theo dõi"),
    ("do_nghieng", "Độ nghiêng", "mrad", "Độ nghiêng của trụ, mố"),
    ("tai_trong_xe", "Tải trọng xe", "t", "Tổng tải trọng lớn nhất cùng lúc trên nhịp"),
    ("lun", "Độ lún", "mm", "Độ lún của mố, trụ so với khi lắp đặt"),
    ("xoi", "Chiều sâu xói", "m", "Chiều sâu xói tại trụ"),
    ("gia_toc", "Gia tốc", "m/s2", "Gia tốc dao động"),
    ("muc_nuoc", "Mực nước", "m", "Mực nước theo hệ cao độ quốc gia"),
    ("mua", "Cường độ mưa", "mm/h", "Cường độ mưa"),
    ("nhiet_do", "Nhiệt độ không khí", "Cel", "Nhiệt độ không khí tại trạm"),
    ("luu_luong", "Lưu lượng xe", "{xe}/h", "Số xe qua mặt cắt trong một giờ"),
    ("toc_do", "Tốc độ trung bình", "km/h", "Tốc độ trung bình của dòng xe"),
)
SENSORS: Final = (
    ("CB-VONG", "Cảm biến độ võng thủy tĩnh", "DL-200", "±0,1 mm"),
    ("CB-NHIET", "Cảm biến nhiệt độ", "PT-1000", "±0,2 °C"),
    ("CB-BD", "Cảm biến biến dạng dây rung", "VW-4000", "±1 µε"),
    ("CB-RUNG", "Gia tốc kế ba trục", "AC-3X", "±0,5 mg"),
    ("CB-NUT", "Cảm biến vết nứt", "CR-25", "±0,005 mm"),
    ("CB-NGHIENG", "Cảm biến nghiêng", "TL-2", "±0,01 mrad"),
    ("CB-LUN", "Cảm biến lún thủy tĩnh", "HL-50", "±0,2 mm"),
    ("CB-XOI", "Máy đo sâu hồi âm tại trụ", "ES-1", "±2 cm"),
    ("CB-CAN", "Cân động", "WIM-Q", "±5 %"),
    ("CB-NUOC", "Ra đa đo mực nước", "RL-30", "±3 mm"),
    ("CB-MUA", "Vũ lượng kế chao lật", "TB-05", "0,5 mm"),
    ("CB-XE", "Ra đa đếm xe", "TR-8", "±3 %"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A stream with the model of its values."""

    stream: StreamInput
    model: Model
    step_s: int


@dataclass(frozen=True, slots=True)
class Site:
    station: StationInput
    lines: tuple[Line, ...]
    span: Span | None = None


def load_telemetry(actor: Actor, ground: Ground) -> int:
    """Catalogues, stations, devices, and their past up to the last full hour."""
    _catalogues(actor, ground)
    sites = instrumented(actor)
    telemetry.bring_stations(actor=actor, stations=[site.station for site in sites], is_demo=True)
    codes = [line.stream.code for site in sites for line in site.lines]
    rows = telemetry.Datastream.objects.visible_to(actor).filter(code__in=codes)
    ids = dict(rows.values_list("code", "id"))
    _records(actor, ids, rows)
    _pictures(actor, sites)
    return _past(sites, ids)


def instrumented(actor: Actor, *, step_s: float = 60.0, seed: int = 0) -> list[Site]:
    """The bridges and road sites with what they measure; noise changes every ``step_s``.

    Another ``seed`` gives the same places another weather and other traffic.
    """
    shift = 7_919 * seed  # far from the seeds of the other places
    return [*_bridges(actor, step_s, shift), *_roads(actor, shift)]


def _catalogues(actor: Actor, ground: Ground) -> None:
    common = {"owner_org": ground.org("SXD"), "area": ground.province, "is_demo": True}
    for code, name, unit, text in QUANTITIES:
        telemetry.create_observed_property(
            actor=actor, code=code, name=name, unit=unit, description=text, **common
        )
    for code, name, model, accuracy in SENSORS:
        telemetry.create_sensor(
            actor=actor,
            code=code,
            name=name,
            model=model,
            accuracy=accuracy,
            maker="Hãng minh họa",
            **common,
        )


def _bridges(actor: Actor, step_s: float, seed: int) -> Iterator[Site]:
    """The longest bridges on roads: one span of each."""
    rows = (
        assets.assets(actor)
        .filter(type="bridge", road__isnull=False, geom__isnull=False)
        .order_by("-attributes__length_m", "code")
    )
    for place, bridge in enumerate(rows[:BRIDGES]):
        middle = bridge.geom.centroid
        step = TEN_MINUTES_S if place < CLOSE else HOUR_S
        length_m = float(bridge.attributes.get("length_m") or 60.0)
        span = replace(_span(place, length_m), seed=1_000 + place + seed, step_s=step_s)
        code = f"QT-{bridge.code}"
        lines = tuple(_bridge_lines(code, place, span, step, _water(place + seed, middle.x)))
        yield Site(
            StationInput(
                code=code,
                name=f"Trạm {bridge.name}",
                lon=middle.x,
                lat=middle.y,
                owner_org_id=bridge.owner_org_id,
                area_id=bridge.area_id,
                asset_id=bridge.pk,
                road_id=bridge.road_id,
                chainage_m=float(bridge.chainage_m or 0),
                position=f"Nhịp {place % 3 + 1}, giữa nhịp",
                installed_at=timezone.localdate() - timedelta(days=200 + place),
                streams=tuple(line.stream for line in lines),
                device=f"BT-{bridge.code}",
            ),
            lines,
            span,
        )


def _span(place: int, length_m: float) -> Span:
    from sen.demo.simulator.physics import Span

    return Span(
        seed=1_000 + place,
        per_day=9_000.0 + 650.0 * (place * 7 % 23),
        truck_share=0.08 + 0.01 * (place % 7),
        stiffness_t_mm=2.2 + 30.0 / math.sqrt(length_m),
        per_degree_mm=0.18 + 0.02 * (place % 5),
        frequency_hz=round(95.0 / math.sqrt(length_m * 4.0), 2),
        crack_mm=0.12 + 0.01 * (place % 9),
    )


def _bridge_lines(code: str, place: int, span: Span, step: int, water: Model) -> Iterator[Line]:
    def line(
        tail: str, quantity: str, name: str, unit: str, sensor: str, model: Model, **more: Any
    ) -> Line:
        stream = StreamInput(
            code=f"{code}-{tail}",
            name=name,
            sensor=sensor,
            observed_property=quantity,
            unit=unit,
            interval_s=step,
            retention="EVIDENCE",
            **more,
        )
        return Line(stream, model, step)

    yield line("DV", "do_vong", "Độ võng giữa nhịp", "mm", "CB-VONG", span.deflection,
               valid_min=-100.0, valid_max=300.0)  # fmt: skip
    yield line("NK", "nhiet_do_ket_cau", "Nhiệt độ bản mặt cầu", "Cel", "CB-NHIET",
               span.temperature, valid_min=-10.0, valid_max=90.0)  # fmt: skip
    yield line("TT", "tai_trong_xe", "Tải trọng xe trên nhịp", "t", "CB-CAN", span.load,
               valid_min=0.0, valid_max=400.0)  # fmt: skip
    if place % 3 == 0:
        yield line("BD", "bien_dang", "Biến dạng mép dưới dầm", "u[strain]", "CB-BD",
                   span.strain, valid_min=-3000.0, valid_max=3000.0)  # fmt: skip
    elif place % 3 == 1:
        yield line("VN", "be_rong_vet_nut", "Vết nứt dầm biên", "mm", "CB-NUT", span.crack,
                   valid_min=0.0, valid_max=25.0)  # fmt: skip
    else:
        yield line("NG", "do_nghieng", "Độ nghiêng trụ", "mrad", "CB-NGHIENG", span.tilt,
                   valid_min=-50.0, valid_max=50.0)  # fmt: skip
        yield line("LU", "lun", "Độ lún mố", "mm", "CB-LUN", span.settlement,
                   valid_min=-50.0, valid_max=1000.0)  # fmt: skip
    if place % 4 == 0:
        yield line("TS", "tan_so", "Tần số dao động thứ nhất", "Hz", "CB-RUNG",
                   span.frequency, valid_min=0.1, valid_max=50.0)  # fmt: skip
    if place % 2 == 0:
        yield line("MN", "muc_nuoc", "Mực nước dưới cầu", "m", "CB-NUOC",
                   water, data_class=0,
                   valid_min=-5.0, valid_max=10.0)  # fmt: skip
    if place % 4 == 2:
        yield line("XO", "xoi", "Chiều sâu xói tại trụ", "m", "CB-XOI", span.scour,
                   valid_min=-1.0, valid_max=20.0)  # fmt: skip


def _water(place: int, lon: float) -> Model:
    from sen.demo.simulator.physics import water_level

    upstream_km = max(0.0, (SEA_LON - lon) * 109.0)

    def level(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return water_level(2_000 + place, at, upstream_km=upstream_km)

    return level


def _roads(actor: Actor, seed: int) -> Iterator[Site]:
    """Sites along national and provincial roads: traffic, and weather at every second."""
    roads = list(
        network.roads(actor)
        .filter(manager_class__in=["NATIONAL", "PROVINCIAL"], end_m__gt=3000, part="MAIN")
        .order_by("code")
        .defer("geom")
    )
    marks = [_mark(roads, place) for place in range(SITES)]
    points = network.points_at(places=[(road.pk, chainage) for road, chainage in marks])
    found = [(i, marks[i], point) for i, point in enumerate(points) if point is not None]
    units = places.units_at([point for _i, _mark, point in found])
    for (place, (road, chainage), (lon, lat)), unit in zip(found, units, strict=True):
        code = f"QT-{place + 1:03d}"
        lines = tuple(_road_lines(code, place, 3_000 + place + seed))
        yield Site(
            StationInput(
                code=code,
                name=f"Trạm {road.label} {network.label(chainage)}",
                lon=lon,
                lat=lat,
                owner_org_id=road.owner_org_id,
                area_id=road.area_id if unit is None else unit.area_id,
                road_id=road.pk,
                chainage_m=chainage,
                position="Trụ lề đường",
                installed_at=timezone.localdate() - timedelta(days=90 + place),
                streams=tuple(line.stream for line in lines),
                device=f"BT-{place + 1:03d}",
            ),
            lines,
        )


def _mark(roads: Sequence[Any], place: int) -> tuple[Any, float]:
    """The road of a site, and where on it."""
    road = roads[place * 3 % len(roads)]
    start, end = float(road.start_m or 0), float(road.end_m or 0)
    share = (0.2 + 0.37 * (place % 20 // 4) + 0.11 * place) % 0.9 + 0.05
    return road, round(start + share * (end - start))


def _road_lines(code: str, place: int, seed: int) -> Iterator[Line]:
    from sen.demo.simulator import physics

    per_day = 2_500.0 + 900.0 * (place * 5 % 17)

    def line(tail: str, quantity: str, name: str, unit: str, sensor: str, model: Model) -> Line:
        stream = StreamInput(
            code=f"{code}-{tail}",
            name=name,
            sensor=sensor,
            observed_property=quantity,
            unit=unit,
            interval_s=HOUR_S,
            valid_min=0.0,
            data_class=0,
        )
        return Line(stream, model, HOUR_S)

    yield line("LL", "luu_luong", "Lưu lượng hai chiều", "{xe}/h", "CB-XE",
               lambda at: physics.vehicles_per_hour(seed, at, per_day=per_day).round())  # fmt: skip
    if place % 2:
        yield line("MU", "mua", "Cường độ mưa", "mm/h", "CB-MUA",
                   lambda at: physics.rain(seed // 4, at))  # fmt: skip
    else:
        yield line("TD", "toc_do", "Tốc độ trung bình", "km/h", "CB-XE",
                   lambda at: physics.mean_speed(seed, at, per_day=per_day,
                                                 free_km_h=62.0))  # fmt: skip


def _records(actor: Actor, ids: dict[str, int], rows: Any) -> None:
    """Calibrations, some of them running out, and what was done at some stations."""
    today = timezone.localdate()
    chosen = rows.filter(code__endswith="-DV").order_by("code").select_related("thing")[:12]
    for place, stream in enumerate(chosen):
        telemetry.create_calibration(
            actor=actor,
            code=f"HC-{stream.code}",
            datastream=stream,
            calibrated_at=today - timedelta(days=340 + 4 * place),
            valid_to=today - timedelta(days=340 + 4 * place) + timedelta(days=365),
            laboratory="Trung tâm Kỹ thuật Tiêu chuẩn Đo lường Chất lượng",
            certificate=f"{120 + place}/HC-{today.year - 1}",
            is_demo=True,
        )
        if place % 3 == 0:
            telemetry.create_service_entry(
                actor=actor,
                thing=stream.thing,
                kind="MAINTAINED",
                done_at=timezone.now() - timedelta(days=40 + 5 * place),
                done_by="Đội quan trắc cầu",
                note="Vệ sinh cảm biến, kiểm tra nguồn và đường truyền.",
                is_demo=True,
            )


def _pictures(actor: Actor, sites: Sequence[Site]) -> None:
    """A drawing of the mounting at each bridge."""
    from sen.demo.mountings import drawn

    codes = [site.station.code for site in sites if site.span is not None]
    things = telemetry.Thing.objects.visible_to(actor).filter(code__in=codes).order_by("code")
    for thing in things:
        span = int(thing.position.removeprefix("Nhịp ").partition(",")[0])
        attach(
            actor=actor,
            row=thing,
            register="telemetry.things",
            name="vi-tri-lap-dat.png",
            chunks=[drawn(thing.name, thing.position, span)],
            title=f"Hình vẽ vị trí lắp đặt: {thing.position}",
            is_demo=True,
        )


def _past(sites: Sequence[Site], ids: dict[str, int]) -> int:
    """A month of values, written as a whole."""
    import numpy as np

    now = timezone.localtime()
    begin = datetime.combine(
        now.date() - timedelta(days=DAYS), time(), tzinfo=now.tzinfo
    ).timestamp()
    grids = {
        step: np.arange(begin, now.timestamp(), step, dtype=np.float64)
        for step in (HOUR_S, TEN_MINUTES_S)
    }
    lines = [line for site in sites for line in site.lines]
    times = [grids[line.step_s] for line in lines]
    batch = telemetry.Batch.of(
        device=0,
        received_us=int(now.timestamp() * 1e6),
        streams=np.repeat([ids[line.stream.code] for line in lines], [len(t) for t in times]),
        times_us=(np.concatenate(times) * 1e6).astype(np.int64),
        values=np.concatenate(
            [line.model(at).round(3) for line, at in zip(lines, times, strict=True)]
        ),
    )
    return telemetry.put(batch, new_streams=True)


def remove_past(actor: Actor) -> None:
    """Observations know no mark: they go with the streams that carry it."""
    rows = telemetry.Datastream.objects.visible_to(actor).filter(is_demo=True)
    telemetry.forget_observations(list(rows.values_list("id", flat=True)))
