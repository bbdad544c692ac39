"""The whole load, step by step, and the removal."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from django.apps import apps
from django.db import connection, models, transaction

from sen.demo.generate import province
from sen.demo.load import (
    alarms,
    assets,
    corridors,
    documents,
    faults,
    foundation,
    history,
    imagery,
    inventory,
    lines,
    loadnotices,
    network,
    norms,
    operations,
    parties,
    permits,
    places,
    projects,
    roads,
    routing,
    scans,
    stateassets,
    stewardship,
    telemetry,
)
from sen.kernel.access.actors import forget_actors
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation, ScopedModel, User
from sen.kernel.audit.past import at_moment
from sen.kernel.seeds import run_seeds

Say = Callable[[str], None]
REASON: Final = "tỉnh minh họa"


class AlreadyLoadedError(RuntimeError):
    """There is a demonstration, or real data that it must not mix with."""


def load(accounts_file: Path, say: Say) -> None:
    """Load everything in one transaction.

    Raises:
        AlreadyLoadedError: organisations exist already.
    """
    started = time.monotonic()

    def step(name: str, count: int) -> None:
        say(f"[{time.monotonic() - started:5.1f} s] {name}: {count}")

    data = province()
    step("Dựng dữ liệu minh họa", len(data.roads) + len(data.bridges) + len(data.culverts))
    with as_system(REASON) as actor, ExitStack() as after:
        if Area.objects.filter(kind=Area.Kind.PROVINCE).exists():
            raise AlreadyLoadedError(
                "Đã có tổ chức trong cơ sở dữ liệu; dùng “./sen demo remove” trước khi nạp lại."
            )
        run_seeds()  # rules of law on which corridors and drafts rest; there already after set-up
        ground = foundation.load_ground(data)
        step("Tổ chức và địa bàn", len(ground.organisations) + len(ground.areas))
        with at_moment(history.first_day()):
            step("Xã, phường có ranh giới", places.load_units(actor, data, ground))
            step("Tổ chức, cá nhân", parties.load_parties(actor, data, ground))
            step("Nền bản đồ", places.load_map_ground(actor, data, ground))
            step("Tuyến đường", roads.load_roads(actor, data, ground))
            step("Dữ liệu dọc tuyến", roads.load_road_events(actor, data))
            step("Lưu lượng, cấp đường, lý trình cũ", network.load_network_depth(actor))
            step("Phần đường, nhánh nối, tuyến đi trùng", lines.load_lines(actor, data))
            step("Công trình trên đường", assets.load_assets(actor, data, ground))
        events = roads.road_events(data)
        step("Biến động trong hai năm", history.bring_forward(data, ground, events))
        step("Lỗi dữ liệu có chủ ý", faults.load_faults(actor))
        step("Đồ thị đường", routing.load_graph(actor))
        step("Cấm rẽ", routing.load_turns(actor))
        step("Hành lang an toàn", corridors.load_corridors(actor, data, ground))
        step("Dự thảo quy định", norms.load_drafts(actor))
        step("Dự án đầu tư", projects.load_projects(actor, data, ground))
        step("Hạn chế dọc đường", permits.load_posted_limits(actor))
        step("Giấy phép", permits.load_permits(actor, ground))
        step("Công bố tải trọng", loadnotices.load_notices(actor, ground))
        step("Tài liệu, hồ sơ", documents.load_documents(actor, data, ground))
        step("Trang quét", scans.load_scans(actor))
        step("Ảnh nền", imagery.load_imagery(actor, data, ground))
        step("Thẻ tài sản công", stateassets.load_cards(actor, ground))
        step("Trạm quan trắc, số liệu một tháng", telemetry.load_telemetry(actor, ground))
        step("Quy tắc cảnh báo, kịch bản ứng phó", alarms.load_rules(actor, ground))
        step("Tài khoản", foundation.load_accounts(data, ground, accounts_file))
        step("Lịch trực, cảnh báo, sự cố", alarms.load_watch(actor, ground))
        step("Đợt kiểm kê", inventory.load_campaign(actor, ground))
        step("Bộ dữ liệu, việc cập nhật", stewardship.load_duties(actor))
        step("Bộ thay đổi đang chờ", stewardship.load_change_sets(actor))
        step("Nhắc việc", stewardship.load_reminders(actor))
        step("Điểm chất lượng các ngày qua", stewardship.load_past_scores())
        step("Chỉ số năm qua, sổ trực", operations.load_operations())
        after.callback(forget_actors)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    say(f"Đã nạp tỉnh minh họa trong {time.monotonic() - started:.1f} giây")


def remove(say: Say) -> int:
    """Delete every row that is flagged demo, whatever its model; returns how many."""
    total = 0
    with transaction.atomic(), as_system(f"gỡ {REASON}") as actor:
        telemetry.remove_past(actor)
        for model in reversed(_demo_models()):
            rows = model._base_manager.filter(is_demo=True)
            if issubclass(model, (Area, Organisation)):
                rows = rows.order_by("-path")
                count = sum(1 for row in rows if row.delete())
            else:
                count = rows.delete()[0]
            if count:
                say(f"{model._meta.verbose_name}: {count}")
            total += count
    forget_actors()
    return total


def status() -> dict[str, int]:
    """Demonstration rows by model."""
    with as_system("đếm dữ liệu minh họa"):
        counts = {
            str(model._meta.verbose_name): model._base_manager.filter(is_demo=True).count()
            for model in _demo_models()
        }
    return {name: count for name, count in counts.items() if count}


def _demo_models() -> list[type[models.Model]]:
    """Models with the flag: the trees and people first, then the domains from below upwards."""
    found = [
        model
        for model in apps.get_models()
        if any(field.name == "is_demo" for field in model._meta.fields)
    ]
    first = [Organisation, Area, User]
    rest = [model for model in found if model not in first]
    return [*first, *sorted(rest, key=lambda m: (not issubclass(m, ScopedModel), _depth(m)))]


def _depth(model: type[models.Model]) -> int:
    """How many guarded models lie below this one by foreign keys."""
    below = {
        field.related_model
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey) and field.related_model is not model
    }
    return max(
        (
            1 + _depth(other)
            for other in below
            if isinstance(other, type)
            and any(f.name == "is_demo" for f in other._meta.fields)
            and other not in (Organisation, Area, User)
        ),
        default=0,
    )
