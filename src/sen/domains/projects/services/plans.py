"""The yearly capital plan from a file: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.projects.models import Funding, Project, Source
from sen.domains.projects.services.capital import plan_funding, update_funding
from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError
from sen.kernel.imports.importer import ImportRow, Outcome
from sen.kernel.usecase import use_case
from sen.lib.text import fold

AMOUNTS: Final = ("planned_vnd", "allocated_vnd", "carried_vnd")


@use_case("projects.funding.import", act="projects.import_plan", check_result=False)
def import_plan(
    *, actor: Actor, rows: Sequence[ImportRow], year: int | None, unit_vnd: int
) -> Outcome:
    """Enter or change lines of the capital plan; empty cells keep what is there.

    Units:
        ``unit_vnd``: đồng that one unit of the file stands for.
    """
    outcome = Outcome()
    projects = {row.code: row for row in Project.objects.visible_to(actor)}
    names: dict[str, Source] = {}
    for known in Source.objects.visible_to(actor):
        names[fold(known.code)] = names[fold(known.name)] = known
    with_lines = Funding.objects.visible_to(actor).select_related("source", "project")
    lines = {(row.project_id, row.source_id, row.year): row for row in with_lines}
    seen: dict[tuple[int, int, int], int] = {}
    for row in rows:
        project = projects.get(str(row.values.get("project", "")))
        source = names.get(fold(str(row.values.get("source", ""))))
        of_year = row.values.get("year") or year
        _need_known(outcome, row, project, source, of_year)
        if project is None or source is None or not of_year:
            continue
        key = (project.pk, source.pk, int(of_year))
        if key in seen:
            text = _("Dự án, nguồn vốn và năm này đã có ở dòng %(row)s.") % {"row": seen[key]}
            outcome.fault(row, "project", text, project.code)
            continue
        seen[key] = row.number
        _put(outcome, actor, row, lines.get(key), (project, source, int(of_year)), unit_vnd)
    return outcome


def _need_known(
    outcome: Outcome,
    row: ImportRow,
    project: Project | None,
    source: Source | None,
    year: object,
) -> None:
    given = row.values
    if project is None:
        text = _("Không có dự án mã này trong phạm vi bạn được xem.")
        outcome.fault(row, str(_("Mã dự án")), text, given.get("project"))
    if source is None:
        text = _("Không có nguồn vốn này; hãy ghi mã hoặc tên trong danh mục nguồn vốn.")
        outcome.fault(row, str(_("Nguồn vốn")), text, given.get("source"))
    if not year:
        text = _("Hãy ghi năm kế hoạch trong tệp hoặc trong tùy chọn.")
        outcome.fault(row, str(_("Năm kế hoạch")), text)


def _put(
    outcome: Outcome,
    actor: Actor,
    row: ImportRow,
    line: Funding | None,
    key: tuple[Project, Source, int],
    unit_vnd: int,
) -> None:
    project, source, year = key
    try:
        values: dict[str, Any] = {**_amounts(row.values, unit_vnd), **_note(row)}
        if line is None:
            plan_funding(actor=actor, project=project, source=source, year=year, **values)
            outcome.created += 1
        elif all(getattr(line, name) == value for name, value in values.items()):
            outcome.unchanged += 1
        else:
            update_funding(actor=actor, row=line, version=None, **values)
            outcome.updated += 1
    except SenError as error:
        for name, texts in error.fields.items() or [("", [str(error)])]:
            for text in texts:
                outcome.fault(row, name, text, row.values.get(name))


def _note(row: ImportRow) -> dict[str, str]:
    note = row.values.get("note")
    return {"note": str(note)} if note else {}


def _amounts(given: Mapping[str, Any], unit_vnd: int) -> dict[str, int]:
    """The amounts of a row in đồng, those that it has."""
    found: dict[str, int] = {}
    for name in AMOUNTS:
        value = given.get(name)
        if value is not None:
            found[name] = round(value * unit_vnd)
    return found
