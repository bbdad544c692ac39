"""Contracts, payments and capital plans of a demonstration project."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sen.demo.projects.case import DAY, DESIGNERS, MILLION, SOURCES, SUPERVISORS, Case


def contracts(case: Case) -> list[dict[str, Any]]:
    if case.position < 5:
        return []
    signed = case.start - timedelta(days=20)
    build = case.total * 72 // 100
    status = "RUNNING" if not case.is_built else "LIQUIDATED" if case.position >= 9 else "COMPLETED"
    rows: list[dict[str, Any]] = [
        {
            "code": f"{case.code}/HĐ-XL",
            "name": "Thi công xây dựng công trình",
            "kind": "CONSTRUCTION",
            "price": "ADJUSTED_UNIT" if case.idea.cost > 100 else "FIXED_UNIT",
            "contractor": case.firm,
            "signed_at": signed,
            "starts_at": case.start,
            "ends_at": case.end,
            "value_vnd": build,
            "warranty_months": 24 if case.idea.cost > 300 else 12,
            "status": status,
        },
        {
            "code": f"{case.code}/HĐ-GS",
            "name": "Giám sát thi công xây dựng",
            "kind": "SUPERVISION",
            "price": "LUMP_SUM",
            "contractor": SUPERVISORS[case.number % 2],
            "signed_at": signed,
            "starts_at": case.start,
            "ends_at": case.end,
            "value_vnd": case.total * 2 // 100,
            "status": status,
        },
        {
            "code": f"{case.code}/HĐ-TK",
            "name": "Khảo sát, lập thiết kế bản vẽ thi công",
            "kind": "DESIGN",
            "price": "LUMP_SUM",
            "contractor": DESIGNERS[case.number % 2],
            "signed_at": case.start - timedelta(days=300),
            "starts_at": case.start - timedelta(days=300),
            "ends_at": case.start - timedelta(days=90),
            "value_vnd": case.total * 3 // 100,
            "status": "LIQUIDATED",
        },
    ]
    if case.number % 3 == 0:
        extended = case.end + timedelta(days=60)
        rows[0]["amendments"] = [
            {
                "number": "PL-01",
                "signed_at": min(case.start + timedelta(days=240), case.today),
                "change_vnd": case.total * 3 // 100,
                "ends_at": extended,
                "grounds": "Bổ sung khối lượng xử lý nền đất yếu",
            }
        ]
    if case.is_built:
        months = 24 if case.idea.cost > 300 else 12
        is_over = case.idea.step == "CLOSED"
        ends = case.end + timedelta(days=30 * months)
        rows[0]["warranties"] = [
            {
                "starts_at": case.end,
                "ends_at": min(ends, case.today - DAY) if is_over else ends,
                "retained_vnd": build * 5 // 100,
                "status": "RELEASED" if is_over else "RUNNING",
            }
        ]
    return rows


def payments(case: Case) -> list[dict[str, Any]]:
    """Advance, then volume every two months as the work goes, all from the main sources."""
    if case.position < 5:
        return []
    rows: list[dict[str, Any]] = []
    build = case.total * 72 // 100
    advance = build // 10

    def add(kind: str, on: date, amount: int, **more: Any) -> None:
        rows.append(
            {
                "code": f"CT-{case.number:02d}-{len(rows) + 1:03d}",
                "kind": kind,
                "paid_at": on,
                "amount_vnd": amount // 1000 * 1000,
                "source": _source(case, len(rows)),
                "year": on.year,
            }
            | more
        )

    main = f"{case.code}/HĐ-XL"
    add(
        "VOLUME",
        case.start - timedelta(days=60),
        case.total * 27 // 1000,
        contract=f"{case.code}/HĐ-TK",
    )
    add("COMPENSATION", case.start - timedelta(days=30), case.total * 8 // 100)
    add("ADVANCE", case.start, advance, contract=main)
    done = case.done_share(case.today)
    left = int((build - advance) * done * 0.93)
    periods = max(((min(case.today, case.end) - case.start).days - 60) // 60, 1)
    for place in range(periods):
        on = case.start + timedelta(days=90 + 60 * place)
        if on >= case.today:
            break
        amount = left // periods
        add("VOLUME", on, amount, contract=main, recovered_vnd=advance // periods // 2)
    add("MANAGEMENT", min(case.start + timedelta(days=150), case.today), case.total * 6 // 1000)
    return rows


def _source(case: Case, place: int) -> str:
    if case.idea.kind in ("REPAIR", "MAINTENANCE"):
        return "BTDB"
    return SOURCES[(case.number + (place % 3 == 1)) % len(SOURCES)]


def fundings(case: Case, payments: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the plan gives: a little more than was paid; this year it waits for its end."""
    paid: dict[tuple[str, int], int] = {}
    for row in payments:
        key = (row["source"], row["year"])
        paid[key] = paid.get(key, 0) + row["amount_vnd"]
    rows: list[dict[str, Any]] = []
    for (source, year), amount in sorted(paid.items()):
        room = 130 if year == case.today.year else 104
        if case.idea.pace <= -10 and year == case.today.year:
            room = 190
        allocated = (amount * room // 100 // MILLION + 1) * MILLION
        planned = allocated * 11 // 10
        rows.append(
            {
                "source": source,
                "year": year,
                "planned_vnd": planned // MILLION * MILLION,
                "allocated_vnd": allocated,
                "note": "",
            }
        )
    if not rows and case.position >= 1:
        rows.append(
            {
                "source": _source(case, 0),
                "year": case.today.year,
                "planned_vnd": case.total // 20 // MILLION * MILLION,
                "allocated_vnd": case.total // 50 // MILLION * MILLION,
                "note": "Vốn chuẩn bị đầu tư",
            }
        )
    return rows
