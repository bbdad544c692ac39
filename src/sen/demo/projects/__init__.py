"""Forty projects of the demonstration: invented sums and dates around roads that exist.

Everything follows from the number of a project and the day of loading.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sen.demo.projects.case import PEOPLE, PMU, Case, Idea, Stretch
from sen.demo.projects.money import contracts, fundings, payments
from sen.demo.projects.site import acceptances, diary, risks, tasks
from sen.demo.projects.works import decisions, works
from sen.demo.source import table
from sen.domains.projects.data import ProjectInput

__all__ = ["Stretch", "build_projects"]


def build_projects(roads: Sequence[Stretch], today: date) -> list[ProjectInput]:
    """The projects, with histories that end on ``today``."""
    known = {road.number: road for road in sorted(roads, key=lambda r: r.end_m - r.start_m)}
    longest = [road for road in known.values() if road.number.startswith("ĐT.")][-12:]
    made: list[ProjectInput] = []
    for number, fact in enumerate(table("projects")["project"], 1):
        idea = Idea(**fact)
        road = known.get(idea.road) or longest[number % len(longest)]
        made.append(_project(Case(number, idea, road, today)))
    return made


def _project(case: Case) -> ProjectInput:
    idea = case.idea
    number = case.road.number or case.road.code
    paid = payments(case)
    recurrent = idea.kind in ("REPAIR", "MAINTENANCE")
    return ProjectInput(
        code=case.code,
        name=idea.name.format(road=number),
        owner_org=PMU if not recurrent else "SXD",
        area="82",
        investor=PMU if not recurrent else "SXD",
        manager=PMU,
        road=case.road.code,
        step=idea.step,
        step_since=min(case.today - timedelta(days=20 + case.number), case.today),
        values={
            "kind": idea.kind,
            "field": idea.field,
            "group": "B" if idea.cost >= 240 else "C",
            "objective": "Hoàn thiện mạng lưới giao thông, bảo đảm an toàn và kết nối vùng.",
            "scale": f"Tổng mức đầu tư khoảng {idea.cost:,} tỷ đồng.".replace(",", "."),
            "manager_person": PEOPLE[case.number % len(PEOPLE)],
            "starts_at": case.start,
            "due_at": case.end,
            "proposed_vnd": case.total,
        },
        decisions=decisions(case),
        works=works(case),
        fundings=fundings(case, paid),
        contracts=contracts(case),
        payments=paid,
        tasks=tasks(case),
        acceptances=acceptances(case),
        diary=diary(case),
        risks=risks(case),
    )
