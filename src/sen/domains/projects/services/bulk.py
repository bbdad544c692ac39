"""Whole projects with their history at once: from another system, or the demonstration.

Written by kind in a handful of statements. What the database holds as constraints (payments within
the plan and the contract, dates in order, unique numbers) is refused by it, all or none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.parties import api as parties
from sen.domains.places import api as places
from sen.domains.projects.choices import Shape
from sen.domains.projects.course import COURSE
from sen.domains.projects.data import ProjectInput
from sen.domains.projects.events import ProjectChanged
from sen.domains.projects.models import (
    Acceptance,
    Amendment,
    Contract,
    Decision,
    DiaryEntry,
    Funding,
    Payment,
    Progress,
    Project,
    ProjectPart,
    Risk,
    Source,
    Task,
    Warranty,
    Work,
)
from sen.domains.projects.rules import WHOLE_PCT
from sen.domains.projects.services.born import DAY_OF, Born
from sen.domains.projects.services.figures import refresh
from sen.domains.projects.services.filling import join
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.events import publish_many
from sen.kernel.usecase import use_case

P = TypeVar("P", bound=ProjectPart)
_NESTED: Final = frozenset({"amendments", "warranties", "reports"})


class _Codes:
    """What the codes of an input stand for."""

    def __init__(self, actor: Actor, rows: Sequence[ProjectInput]) -> None:
        self.actor = actor
        self.orgs = dict(Organisation.objects.values_list("code", "pk"))
        self.areas = dict(Area.objects.values_list("code", "pk"))
        self.sources = dict(Source.objects.values_list("code", "pk"))
        works = [work for row in rows for work in row.works]
        roads = {row.road for row in rows} | {str(work.get("road") or "") for work in works}
        self.roads = network.road_ids_by_code(actor, roads - {""})
        codes = {str(work.get("asset") or "") for work in works}
        self.assets = assets.asset_ids_by_code(actor, codes - {""})
        self._parties: dict[str, int] = {}

    def party(self, code: str) -> int:
        """The id of a party.

        Raises:
            NotFoundError: there is none with the code.
        """
        if code not in self._parties:
            self._parties[code] = parties.party_by_code(actor=self.actor, code=code).id
        return self._parties[code]


@use_case("projects.project.import", act="projects.bulk_put", check_result=False)
def bulk_put_projects(
    *,
    actor: Actor,
    rows: Sequence[ProjectInput],
    is_demo: bool = False,
    since: datetime | None = None,
) -> dict[str, int]:
    """Enter whole projects; returns their ids by code.

    ``since``: rows of a demonstration get a past; projects and plans are as old as this, the other
    parts as old as what they tell, month by month.

    Raises:
        InvalidInputError: a code exists already or stands for nothing.
    """
    with as_system("codes of a bulk entry are unique over all rows") as house:
        taken = Project.objects.filter(code__in=[row.code for row in rows])
        if known := sorted(taken.values_list("code", flat=True)):
            raise InvalidInputError(
                {"code": _("Đã có dự án mã %(codes)s.") % {"codes": ", ".join(known)}}
            )
        codes = _Codes(house, rows)
        try:
            born = Born(since if is_demo else None)
            with born.at(None):
                made = Project.objects.bulk_create([_project(row, codes, is_demo) for row in rows])
            by_code = {project.code: project for project in made}
            _put_parts(rows, by_code, codes, born)
        except KeyError as error:
            text = _("Mã %(code)s không có trong danh mục.") % {"code": error}
            raise InvalidInputError({"code": text}) from error
        kept = [refresh(project) for project in made]
    publish_many(
        [(ProjectChanged(project_id=row.pk, code=row.code, created=True), row.pk) for row in kept]
    )
    return {row.code: row.pk for row in kept}


def _project(row: ProjectInput, codes: _Codes, is_demo: bool) -> Project:
    step = COURSE.by_step[row.step or COURSE.first.code]
    return Project(
        code=row.code,
        name=row.name,
        owner_org_id=codes.orgs[row.owner_org],
        area_id=codes.areas[row.area],
        investor_id=codes.party(row.investor),
        manager_id=codes.party(row.manager) if row.manager else None,
        road_id=codes.roads[row.road] if row.road else None,
        step=step.code,
        stage=step.stage,
        step_since=row.step_since or timezone.localdate(),
        status=row.status,
        data_class=row.data_class,
        is_demo=is_demo,
        **row.values,
    )


def _put_parts(
    rows: Sequence[ProjectInput], projects: Mapping[str, Project], codes: _Codes, born: Born
) -> None:
    """All parts by kind, those first on which others hang."""
    works = _works(rows, projects, codes, born)
    _keep(Decision, _plain(Decision, rows, "decisions", projects, {}), born)
    contracts = _contracts(rows, projects, codes, born)
    fundings = _fundings(rows, projects, codes, born)
    _payments(rows, projects, contracts, fundings, codes, born)
    _tasks(rows, projects, works, born)
    for model, name in ((Acceptance, "acceptances"), (DiaryEntry, "diary"), (Risk, "risks")):
        links: dict[str, Mapping[Any, Any]] = {"work": works, "contract": contracts}
        _keep(model, _plain(model, rows, name, projects, links), born)


def _keep(model: type[P], made: list[P], born: Born) -> list[P]:
    for month, part in born.by_month(made, DAY_OF.get(model)):
        with born.at(month):
            model.objects.bulk_create(part, batch_size=2000)
    return made


def _plain(
    model: type[P],
    rows: Sequence[ProjectInput],
    name: str,
    projects: Mapping[str, Project],
    links: Mapping[str, Mapping[Any, Any]],
) -> list[P]:
    """Parts whose values are their fields; links name works and contracts by code."""
    made: list[P] = []
    for row in rows:
        for values in getattr(row, name):
            own = {key: value for key, value in values.items() if key not in _NESTED}
            for link, known in links.items():
                if own.get(link):
                    own[link] = known[own[link]]
            part = model(**own)
            join(part, projects[row.code])
            made.append(part)
    return made


def _works(
    rows: Sequence[ProjectInput], projects: Mapping[str, Project], codes: _Codes, born: Born
) -> dict[str, Work]:
    made: list[Work] = []
    for row in rows:
        for values in row.works:
            own = dict(values)
            road, asset = own.pop("road", ""), own.pop("asset", "")
            work = Work(
                road_id=codes.roads[road] if road else None,
                asset_id=codes.assets[asset] if asset else None,
                **own,
            )
            join(work, projects[row.code])
            made.append(work)
    _place(made)
    return {work.code: work for work in _keep(Work, made, born)}


def _place(works: Sequence[Work]) -> None:
    """Shapes and communes of works by chainage, all in three statements."""
    points = [
        w for w in works if w.road_id and w.chainage_m is not None and w.to_chainage_m is None
    ]
    lines = [w for w in works if w.road_id and w.to_chainage_m is not None]
    spots = network.points_at(places=[(w.road_id or 0, float(w.chainage_m or 0)) for w in points])
    for work, spot in zip(points, spots, strict=True):
        if spot is not None:
            work.geom, work.shape = _point(spot), Shape.POINT.value
    shapes = network.lines_between(
        stretches=[
            (w.road_id or 0, float(w.chainage_m or 0), float(w.to_chainage_m or 0)) for w in lines
        ]
    )
    for work, shape in zip(lines, shapes, strict=True):
        if shape is not None:
            work.geom, work.shape = shape, Shape.LINE.value
    placed = [(work, work.geom) for work in works if work.geom is not None]
    middles = [(shape.centroid.x, shape.centroid.y) for _work, shape in placed]
    for (work, _shape), unit in zip(placed, places.units_at(middles), strict=True):
        if unit is not None:
            work.area_id = unit.area_id


def _point(spot: tuple[float, float]) -> Any:
    from django.contrib.gis.geos import Point

    return Point(*spot, srid=4326)


def _contracts(
    rows: Sequence[ProjectInput], projects: Mapping[str, Project], codes: _Codes, born: Born
) -> dict[str, Contract]:
    paid: dict[str, int] = defaultdict(int)
    for row in rows:
        for payment in row.payments:
            paid[str(payment.get("contract") or "")] += payment["amount_vnd"]
    made: list[Contract] = []
    for row in rows:
        for values in row.contracts:
            own = {key: value for key, value in values.items() if key not in _NESTED}
            contractor = codes.party(own.pop("contractor"))
            contract = Contract(contractor_id=contractor, paid_vnd=paid[own["code"]], **own)
            changes = values.get("amendments", ())
            contract.current_vnd = contract.value_vnd + sum(c["change_vnd"] for c in changes)
            ends = [c["ends_at"] for c in changes if c.get("ends_at")]
            contract.current_ends_at = ends[-1] if ends else contract.ends_at
            join(contract, projects[row.code])
            made.append(contract)
    kept = {contract.code: contract for contract in _keep(Contract, made, born)}
    for model, name in ((Amendment, "amendments"), (Warranty, "warranties")):
        parts = []
        for row in rows:
            for values in row.contracts:
                for own in values.get(name, ()):
                    part = model(contract=kept[values["code"]], **own)
                    join(part, projects[row.code])
                    parts.append(part)
        _keep(model, parts, born)
    return kept


def _fundings(
    rows: Sequence[ProjectInput], projects: Mapping[str, Project], codes: _Codes, born: Born
) -> dict[tuple[str, str, int], Funding]:
    paid: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in rows:
        for payment in row.payments:
            paid[row.code, payment["source"], payment["year"]] += payment["amount_vnd"]
    made: dict[tuple[str, str, int], Funding] = {}
    for row in rows:
        for values in row.fundings:
            own = dict(values)
            source = own.pop("source")
            key = (row.code, source, own["year"])
            line = Funding(source_id=codes.sources[source], disbursed_vnd=paid[key], **own)
            join(line, projects[row.code])
            made[key] = line
    _keep(Funding, list(made.values()), born)
    return made


def _payments(
    rows: Sequence[ProjectInput],
    projects: Mapping[str, Project],
    contracts: Mapping[str, Contract],
    fundings: Mapping[tuple[str, str, int], Funding],
    codes: _Codes,
    born: Born,
) -> None:
    made: list[Payment] = []
    for row in rows:
        for values in row.payments:
            own = dict(values)
            line = fundings[row.code, own.pop("source"), own.pop("year")]
            code = own.pop("contract", "")
            payment = Payment(funding=line, contract=contracts[code] if code else None, **own)
            join(payment, projects[row.code])
            made.append(payment)
    _keep(Payment, made, born)


def _tasks(
    rows: Sequence[ProjectInput],
    projects: Mapping[str, Project],
    works: Mapping[str, Work],
    born: Born,
) -> None:
    """Tasks as planned, then report by report as far as they are."""
    tasks: list[Task] = []
    reports: list[Progress] = []
    for row in rows:
        for values in row.tasks:
            own = {key: value for key, value in values.items() if key not in _NESTED}
            own["work"] = works[own["work"]] if own.get("work") else None
            task = Task(**own)
            join(task, projects[row.code])
            tasks.append(task)
            for on, pct in values.get("reports", ()):
                report = Progress(task=task, on=on, pct=pct)
                join(report, projects[row.code])
                reports.append(report)
    _keep(Task, tasks, born)
    for month, part in born.by_month(reports, DAY_OF[Progress]):
        with born.at(month):
            Progress.objects.bulk_create(part, batch_size=2000)
            moved = {id(report.task): report.task for report in part}
            for report in sorted(part, key=lambda one: one.on):
                _follow(report.task, report)
            names = ["done_pct", "started_at", "finished_at"]
            Task.objects.bulk_update(list(moved.values()), names)


def _follow(task: Task, report: Progress) -> None:
    """How far a task is after a report."""
    task.done_pct = max(task.done_pct, report.pct)
    if report.pct > 0 and task.started_at is None:
        task.started_at = report.on
    if report.pct == WHOLE_PCT and task.finished_at is None:
        task.finished_at = report.on
