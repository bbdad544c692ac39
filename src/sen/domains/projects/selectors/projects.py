"""Finding projects and their parts."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from django.db.models import Q, QuerySet

from sen.domains.projects.choices import Status, WorkStatus
from sen.domains.projects.course import COURSE
from sen.domains.projects.data import ProjectRef
from sen.domains.projects.models import ContractMember, Project, ProjectPart, Risk, Task, Work
from sen.kernel.access.scope import Actor
from sen.kernel.memo import remembered

P = TypeVar("P", bound=ProjectPart)
#: Steps from which on a project is over as far as schedules go.
BUILT = COURSE.from_step_on("HANDOVER")


def ref(row: Project) -> ProjectRef:
    return ProjectRef(row.pk, row.code, row.name, row.step, row.status, row.pace)


def projects(actor: Actor) -> QuerySet[Project]:
    """All projects that the actor may see, by code."""
    rows: QuerySet[Project] = Project.objects.visible_to(actor).order_by("code", "id")
    return rows


def project_by_code(actor: Actor, code: str) -> ProjectRef | None:
    """The project with a code, if the actor may see it."""
    row = Project.objects.visible_to(actor).filter(code=code).first()
    return ref(row) if row else None


def work_by_id(*, actor: Actor, work_id: int) -> Work | None:
    """A work, if the actor may see it."""
    found: Work | None = Work.objects.visible_to(actor).filter(pk=work_id).first()
    return found


def parts_of(actor: Actor, model: type[P], project: Project) -> QuerySet[P]:
    """The parts of one kind of a project that the actor may see."""
    rows: QuerySet[P] = model.objects.visible_to(actor).filter(project=project)
    return rows


def projects_in(actor: Actor, *, area_id: int) -> QuerySet[Project]:
    """Projects of a commune that are not over, and those that build something in it."""
    works = Work.objects.visible_to(actor).filter(area_id=area_id).values("project_id")
    rows = projects(actor).filter(Q(area_id=area_id) | Q(pk__in=works))
    return rows.exclude(step=COURSE.last.code).exclude(status=Status.CANCELLED.value)


def projects_of_party(actor: Actor, *, party_id: int) -> QuerySet[Project]:
    """Projects in which a party invests, manages, or works under a contract."""
    from sen.domains.projects.models import Contract

    contracts = Contract.objects.visible_to(actor).filter(contractor_id=party_id)
    members = ContractMember.objects.visible_to(actor).filter(party_id=party_id)
    return projects(actor).filter(
        Q(investor_id=party_id)
        | Q(manager_id=party_id)
        | Q(pk__in=contracts.values("project_id"))
        | Q(pk__in=members.values("project_id"))
    )


def works_on_road(actor: Actor, *, road_id: int) -> QuerySet[Work]:
    """Planned and running works on a road, in the order of their chainage."""
    rows: QuerySet[Work] = (
        Work.objects.visible_to(actor)
        .filter(road_id=road_id)
        .exclude(status=WorkStatus.HANDED_OVER.value)
        .exclude(project__status=Status.CANCELLED.value)
        .select_related("project")
        .order_by("chainage_m", "id")
    )
    return rows


def works_of_asset(actor: Actor, *, asset_id: int) -> QuerySet[Work]:
    """The works that built an asset or change it, newest first."""
    rows: QuerySet[Work] = (
        Work.objects.visible_to(actor)
        .filter(asset_id=asset_id)
        .select_related("project")
        .order_by("-handed_over_at", "-id")
    )
    return rows


def open_risks(actor: Actor, project: Project) -> list[Risk]:
    """Obstacles that are not resolved, the gravest first."""
    rank = {"HIGH": 0, "MEDIUM": 1, "LOW": 2}
    rows = [row for row in risks_of(actor, project) if row.resolved_at is None]
    return sorted(rows, key=lambda row: (rank[row.level], row.due_at or date.max, row.pk))


@remembered
def risks_of(actor: Actor, project: Project) -> list[Risk]:
    """All obstacles, the newest first."""
    return list(parts_of(actor, Risk, project).order_by("-raised_at", "-id"))


@remembered
def tasks_of(actor: Actor, project: Project) -> list[Task]:
    """All tasks and milestones in the order of the schedule."""
    return list(parts_of(actor, Task, project).order_by("starts_at", "code"))


@remembered
def works_of(actor: Actor, project: Project) -> list[Work]:
    """Everything that a project builds."""
    return list(parts_of(actor, Work, project).select_related("road").order_by("code"))


def next_milestone(actor: Actor, project: Project) -> Task | None:
    """The first milestone that is not reached; without milestones the first unfinished task."""
    rows = [task for task in tasks_of(actor, project) if task.finished_at is None]
    milestones = [task for task in rows if task.kind == Task.Kind.MILESTONE]
    return min(milestones or rows, key=lambda task: (task.ends_at, task.pk), default=None)
