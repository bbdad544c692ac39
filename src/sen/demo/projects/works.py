"""What is decided on a demonstration project, and what it builds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sen.demo.projects.case import STEPS, Case


def decisions(case: Case) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    at = min(case.start, case.today) - timedelta(days=500)

    def add(kind: str, days: int, issuer: str, **more: Any) -> None:
        on = min(at + timedelta(days=days), case.today - timedelta(days=5))
        number = (
            f"{100 + (case.number * 37 + days) % 2800}/QĐ-{'UBND' if 'UBND' in issuer else 'SXD'}"
        )
        rows.append({"kind": kind, "number": number, "issued_at": on, "issuer": issuer} | more)

    ubnd = "UBND tỉnh Đồng Tháp"
    if case.position >= 1 and case.idea.kind in ("NEW", "UPGRADE"):
        add("INVESTMENT_POLICY", 0, ubnd, summary="Quyết định chủ trương đầu tư dự án")
    if case.position >= 3:
        add("PROJECT_APPROVAL", 200, ubnd, total_vnd=case.total, due_at=case.end)
    if case.position >= 4:
        add("BIDDING_PLAN", 320, "Sở Xây dựng")
    if case.position >= 5:
        add("BIDDING_RESULT", 430, "Sở Xây dựng")
    if case.position >= 9:
        on = case.today - timedelta(days=40)
        rows.append(
            {
                "kind": "SETTLEMENT",
                "number": f"{1200 + case.number}/QĐ-UBND",
                "issued_at": on,
                "issuer": ubnd,
                "summary": "Phê duyệt quyết toán vốn đầu tư dự án hoàn thành",
            }
        )
    return rows


def works(case: Case) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    span = case.road.end_m - case.road.start_m
    share = case.total // (len(case.idea.works) + 1)
    for place, kind in enumerate(case.idea.works, 1):
        at = round(case.road.start_m + span * (0.12 + 0.7 * (place + case.number % 3) / 7), 1)
        row: dict[str, Any] = {
            "code": f"{case.code}-CT{place:02d}",
            "action": "REPAIR" if case.idea.kind in ("REPAIR", "MAINTENANCE") else "NEW",
            "work_class": "II" if case.idea.cost > 300 else "III",
            "road": case.road.code,
            "chainage_m": at,
            "status": _work_status(case, place),
            "value_vnd": share,
        }
        row |= _kind_of_work(case, kind, place, at, span)
        if row["status"] in ("ACCEPTED", "HANDED_OVER"):
            row["finished_at"] = case.end
        if row["status"] == "HANDED_OVER":
            row["handed_over_at"] = min(case.end + timedelta(days=30), case.today)
        rows.append(row)
    return rows


def _kind_of_work(case: Case, kind: str, place: int, at: float, span: float) -> dict[str, Any]:
    label = case.road.number or case.road.code
    if kind == "l":
        to = round(min(at + max(span * 0.1, 300), case.road.end_m), 1)
        return {"name": f"Đoạn {place} {label}", "to_chainage_m": to}
    if kind == "c":
        return {
            "name": f"Cống hộp số {place} {label}",
            "asset_type": "culvert",
            "attributes": {"kind": "box", "opening_m": 2.5, "cells": 2, "length_m": 18},
            "action": "NEW",
        }
    if kind == "d":
        return {
            "name": f"Hệ thống giám sát {label}",
            "action": "NEW",
        }
    if kind == "s":
        return {"name": "Bến tàu khách", "action": "NEW"}
    return {
        "name": f"Cầu số {place} {label}",
        "asset_type": "bridge",
        "action": "NEW",
        "attributes": {
            "length_m": 24 + case.dice.randrange(9) * 12,
            "width_m": 9 if case.idea.cost < 150 else 12,
            "lanes": 2,
            "structure": "prestressed_i_girder",
            "foundation": "bored_pile",
            "design_load": "HL-93",
        },
    }


def _work_status(case: Case, place: int) -> str:
    if case.position >= STEPS.index("HANDOVER"):
        return "HANDED_OVER"
    if case.is_built:
        return "ACCEPTED"
    if case.idea.step != "CONSTRUCTION":
        return "PLANNED"
    return "BUILDING" if place <= 2 else "PLANNED"
