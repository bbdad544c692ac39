"""Schedule, acceptance, diary and obstacles of a demonstration project."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sen.demo.projects.case import DAY, PEOPLE, Case, first_of_month


def tasks(case: Case) -> list[dict[str, Any]]:
    if case.position < 4:
        return []
    parts = (
        ("Giải phóng mặt bằng, di dời hạ tầng", 0.0, 0.30, 12, "M1SS"),
        ("Chuẩn bị công trường, đường tạm", 0.0, 0.10, 4, "M1"),
        ("Nền, móng công trình", 0.10, 0.55, 34, "2, 1SS+40"),
        ("Kết cấu phần trên, mặt đường", 0.55, 0.90, 38, "3"),
        ("An toàn giao thông, hoàn thiện", 0.80, 1.0, 12, "4SS+20, 4FF+10"),
    )
    rows: list[dict[str, Any]] = []
    for place, (name, first, last, weight, ties) in enumerate(parts, 1):
        starts = case.start + timedelta(days=int(case.length * first))
        ends = case.start + timedelta(days=int(case.length * last))
        rows.append(
            {
                "code": str(place),
                "name": name,
                "starts_at": starts,
                "ends_at": ends,
                "weight": weight,
                "predecessors": ties,
                "reports": _reports(case, starts, ends),
            }
        )
    marks = (
        ("Khởi công", 0.0, ""),
        ("Thông xe kỹ thuật", 0.92, "4"),
        ("Hoàn thành, bàn giao", 1.0, "5, M2"),
    )
    for place, (name, share, ties) in enumerate(marks, 1):
        on = case.start + timedelta(days=int(case.length * share))
        reports = [(on, 100)] if on < case.today and (share == 0.0 or case.is_built) else []
        rows.append(
            {
                "code": f"M{place}",
                "name": name,
                "kind": "MILESTONE",
                "starts_at": on,
                "ends_at": on,
                "weight": 0,
                "predecessors": ties,
                "reports": reports if case.position >= 5 else [],
            }
        )
    return rows


def _reports(case: Case, starts: date, ends: date) -> list[tuple[date, int]]:
    """Monthly figures that never fall."""
    if case.position < 5:
        return []
    rows: list[tuple[date, int]] = []
    on, last = first_of_month(starts) + timedelta(days=27), 0
    slow = 1 + case.idea.pace / 100 * 2.2
    while on <= case.today and last < 100:
        share = ((on - starts).days + 1) / ((ends - starts).days + 1)
        pct = min(int(100 * share * slow), 100)
        if case.is_built and on >= min(ends, case.end - DAY):
            pct = 100
        if pct > last:
            rows.append((on, pct))
            last = pct
        on = first_of_month(on + timedelta(days=10)) + timedelta(days=27)
    if case.is_built and last < 100:
        rows.append((min(max(case.end, on - timedelta(days=20)), case.today), 100))
    return rows


def acceptances(case: Case) -> list[dict[str, Any]]:
    if case.position < 5:
        return []
    share = case.total // (len(case.idea.works) + 1)
    if case.is_built:
        return [
            {
                "code": f"{case.code}-NT{place:02d}",
                "kind": "COMPLETION",
                "held_at": case.end,
                "result": "CONDITIONAL" if place % 3 == 0 else "ACCEPTED",
                "value_vnd": share,
                "work": f"{case.code}-CT{place:02d}",
                "attended": "Chủ đầu tư, tư vấn giám sát, nhà thầu thi công, đơn vị tiếp nhận",
                "remarks": "Hoàn thiện sơn kẻ đường trong 15 ngày" if place % 3 == 0 else "",
            }
            for place in range(1, len(case.idea.works) + 1)
        ]
    on = case.start + timedelta(days=case.length // 3)
    if on > case.today:
        return []
    return [
        {
            "code": f"{case.code}-NT01",
            "kind": "STAGE",
            "held_at": on,
            "result": "ACCEPTED",
            "value_vnd": share // 4,
            "work": f"{case.code}-CT01",
            "attended": "Ban quản lý dự án, tư vấn giám sát, nhà thầu thi công",
        }
    ]


def diary(case: Case) -> list[dict[str, Any]]:
    if case.idea.step != "CONSTRUCTION":
        return []
    said = (
        "Đắp nền K95, lu lèn từng lớp, kiểm tra độ chặt",
        "Khoan cọc nhồi trụ T2, hạ lồng thép",
        "Đổ bê tông dầm ngang, bảo dưỡng bê tông",
        "Rải cấp phối đá dăm loại I, lu lèn",
        "Thi công rãnh thoát nước dọc",
        "Lắp đặt cốt thép bản mặt cầu",
    )
    return [
        {
            "on": case.today - timedelta(days=day),
            "weather": case.dice.choice(("SUN", "SUN", "CLOUD", "RAIN")),
            "workers": 12 + case.dice.randrange(40),
            "machines": "2 máy đào, 1 máy ủi, 2 lu rung",
            "done": said[(case.number + day) % len(said)],
            "incidents": "Mưa lớn buổi chiều, tạm nghỉ 2 giờ" if day == 3 else "",
            "author": PEOPLE[(case.number + 1) % len(PEOPLE)],
            "work": f"{case.code}-CT01",
        }
        for day in range(1, 9)
    ]


def risks(case: Case) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    if case.idea.step == "CONSTRUCTION" and case.idea.pace < -3:
        rows.append(
            {
                "kind": "LAND" if case.number % 2 else "MATERIAL",
                "level": "HIGH" if case.idea.pace < -8 else "MEDIUM",
                "description": "Còn 18 hộ chưa bàn giao mặt bằng"
                if case.number % 2
                else "Thiếu cát đắp nền, giá tăng so với dự toán",
                "responsible": "UBND xã, Trung tâm Phát triển quỹ đất"
                if case.number % 2
                else "Ban Quản lý dự án",
                "solution": "Họp tháo gỡ hằng tuần",
                "raised_at": case.today - timedelta(days=70 + case.number),
                "due_at": case.today + timedelta(days=30 - case.number),
            }
        )
    if case.position >= 5 and case.number % 4 == 0:
        rows.append(
            {
                "kind": "UTILITIES",
                "level": "LOW",
                "description": "Di dời đường dây trung thế chậm",
                "responsible": "Điện lực khu vực",
                "raised_at": case.start + timedelta(days=40),
                "due_at": case.start + timedelta(days=90),
                "resolved_at": case.start + timedelta(days=80),
            }
        )
    return rows
