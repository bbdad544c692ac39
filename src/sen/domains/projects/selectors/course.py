"""What stands on record of a project, and which moves it opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from sen.domains.projects.choices import Status, WarrantyStatus, WorkStatus
from sen.domains.projects.course import COURSE, Move, missing
from sen.domains.projects.models import Contract, Decision, Project, ProjectPart, Warranty, Work
from sen.domains.projects.rules import ENDED, IN_FORCE
from sen.kernel.access.context import as_system


def facts_of(project: Project) -> frozenset[str]:
    """The facts that moves ask for, whoever may see the rows behind them."""
    why = "what a move of a project needs holds whoever may see it"
    with as_system(why, reading=True):
        decisions, contracts, built, is_covered = (
            Project.objects.filter(pk=project.pk)
            .values_list(
                ArraySubquery(_of(Decision).values("kind")),
                ArraySubquery(_of(Contract).values(said=Concat("kind", Value(":"), "status"))),
                ArraySubquery(_of(Work).values("status")),
                Exists(_of(Warranty).exclude(status=WarrantyStatus.RELEASED.value)),
            )
            .get()
        )
    works = set(built)
    signed = [said.split(":") for said in contracts]
    facts = {f"decision:{kind}" for kind in decisions}
    facts |= {f"contract:{kind}" for kind, status in signed if status in IN_FORCE}
    checks = {
        "total": project.total_vnd > 0,
        "works_accepted": bool(works) and works <= {WorkStatus.ACCEPTED, WorkStatus.HANDED_OVER},
        "works_handed_over": works == {WorkStatus.HANDED_OVER},
        "contracts_ended": all(status in ENDED for _kind, status in signed),
        "warranties_over": not is_covered,
    }
    return frozenset(facts | {name for name, holds in checks.items() if holds})


def _of(model: type[ProjectPart]) -> QuerySet[Any]:
    """The rows of the project that is asked about."""
    return model.objects.filter(project=OuterRef("pk"))


@dataclass(frozen=True, slots=True)
class OpenMove:
    """A move from where a project stands, with what is still missing for it."""

    move: Move
    missing: tuple[str, ...]
    is_back: bool


def open_moves(project: Project) -> list[OpenMove]:
    """The moves that a project may make; none while it is suspended or given up."""
    if project.status != Status.ACTIVE:
        return []
    facts = facts_of(project)
    position = COURSE.by_step[project.step].position
    return [
        OpenMove(move, missing(move, facts), COURSE.by_step[move.to_step].position < position)
        for move in COURSE.moves_from(project.step, project.kind)
    ]
