"""Questions about projects."""

from __future__ import annotations

from sen.domains.projects.selectors.capital import (
    capital_lines,
    capital_of,
    year_sums,
)
from sen.domains.projects.selectors.course import facts_of, open_moves
from sen.domains.projects.selectors.projects import (
    next_milestone,
    open_risks,
    parts_of,
    project_by_code,
    projects,
    projects_in,
    projects_of_party,
    ref,
    risks_of,
    tasks_of,
    work_by_id,
    works_of,
    works_of_asset,
    works_on_road,
)
from sen.domains.projects.selectors.schedule import curve_of, marks_of, standing_of, task_lines
from sen.domains.projects.selectors.sequence import Line, Sequence, sequence_of

__all__ = [
    "Line",
    "Sequence",
    "capital_lines",
    "capital_of",
    "curve_of",
    "facts_of",
    "marks_of",
    "next_milestone",
    "open_moves",
    "open_risks",
    "parts_of",
    "project_by_code",
    "projects",
    "projects_in",
    "projects_of_party",
    "ref",
    "risks_of",
    "sequence_of",
    "standing_of",
    "task_lines",
    "tasks_of",
    "work_by_id",
    "works_of",
    "works_of_asset",
    "works_on_road",
    "year_sums",
]
