"""What stands on record of a project, and which moves it opens."""

from __future__ import annotations

from dataclasses import dataclass

from sen.domains.projects.choices import Status, WarrantyStatus, WorkStatus
from sen.domains.projects.course import COURSE, Move, missing
from sen.domains.projects.models import Contract, Decision, Project, Warranty, Work
from sen.domains.projects.rules import ENDED, IN_FORCE
from sen.kernel.access.context import as_system


def facts_of(project: Project) -> frozenset[str]:
    """The facts that moves ask for, whoever may see the rows behind them."""
    with as_system("what a move of a project needs holds whoever may see it"):
        kinds = Decision.objects.filter(project=project).values_list("kind", flat=True)
        facts = {f"decision:{kind}" for kind in kinds}
        contracts = list(Contract.objects.filter(project=project).values_list("kind", "status"))
        works = set(Work.objects.filter(project=project).values_list("status", flat=True))
        warranties = Warranty.objects.filter(project=project)
        is_covered = warranties.exclude(status=WarrantyStatus.RELEASED.value).exists()
    facts |= {f"contract:{kind}" for kind, status in contracts if status in IN_FORCE}
    checks = {
        "total": project.total_vnd > 0,
        "works_accepted": bool(works) and works <= {WorkStatus.ACCEPTED, WorkStatus.HANDED_OVER},
        "works_handed_over": works == {WorkStatus.HANDED_OVER},
        "contracts_ended": all(status in ENDED for _kind, status in contracts),
        "warranties_over": not is_covered,
    }
    return frozenset(facts | {name for name, holds in checks.items() if holds})


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
