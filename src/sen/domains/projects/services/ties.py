"""Ties between the tasks of a project, kept true as tasks change."""

from __future__ import annotations

from collections.abc import Mapping

from sen.domains.projects.models import Project, Task
from sen.domains.projects.sequence import Item, Link, SequenceError, in_order, parse_links
from sen.kernel.access.context import as_system
from sen.kernel.errors import InputCheck, InvalidInputError


def tie(row: Task, old_code: str, check: InputCheck) -> None:
    """Read the ties of a task that is about to be written, and rename it in those of others."""
    with as_system("the schedule of a project is one thing, whoever may see its tasks"):
        # Two people at once could close a circle that neither of them sees.
        Project.objects.select_for_update().get(pk=row.project_id)
        others = {
            task.code: task
            for task in Task.objects.filter(project_id=row.project_id).exclude(pk=row.pk)
        }
        ties = {
            code: links_of(task.predecessors, [*others, old_code]) for code, task in others.items()
        }
        renamed = row.pk is not None and old_code != row.code
        if renamed:
            ties = {code: _renamed(links, old_code, row.code) for code, links in ties.items()}
        try:
            own = parse_links(row.predecessors, [*others, row.code])
            in_order(
                [Item(code, 0, 0, tuple(links)) for code, links in ties.items()]
                + [Item(row.code, 0, 0, tuple(own))]
            )
        except SequenceError as error:
            wrong = InvalidInputError.of("predecessors", error)
            for text in wrong.fields["predecessors"]:
                check.add("predecessors", text)
            return
        row.predecessors = written(own)
        if renamed:
            _write(others, ties)


def links_of(text: str, known: list[str]) -> list[Link]:
    """Ties as they are kept; what no longer names a task is left out."""
    found: list[Link] = []
    for part in text.split(","):
        try:
            found += parse_links(part, known)
        except SequenceError:
            continue
    return found


def written(links: list[Link]) -> str:
    """Ties as they are kept."""
    return ", ".join(map(str, links))


def waiting_for(row: Task) -> list[str]:
    """The codes of the tasks that wait for a task."""
    with as_system("the schedule of a project is one thing, whoever may see its tasks"):
        texts = dict(
            Task.objects.filter(project_id=row.project_id)
            .exclude(pk=row.pk)
            .exclude(predecessors="")
            .values_list("code", "predecessors")
        )
    return sorted(code for code, text in texts.items() if links_of(text, [row.code]))


def _renamed(links: list[Link], old: str, new: str) -> list[Link]:
    return [Link(new, one.tie, one.lag) if one.before == old else one for one in links]


def _write(others: Mapping[str, Task], ties: Mapping[str, list[Link]]) -> None:
    for code, task in others.items():
        if (text := written(ties[code])) != task.predecessors:
            task.predecessors = text
            task.save()
