"""Projects, what they build, what they cost, and how they go."""

from __future__ import annotations

from sen.domains.projects.models.money import (
    Amendment,
    Contract,
    ContractMember,
    Funding,
    Payment,
    Source,
    Warranty,
)
from sen.domains.projects.models.parts import ProjectPart
from sen.domains.projects.models.projects import Decision, Project, Risk
from sen.domains.projects.models.site import Acceptance, DiaryEntry, Progress, Task
from sen.domains.projects.models.works import Work

__all__ = [
    "Acceptance",
    "Amendment",
    "Contract",
    "ContractMember",
    "Decision",
    "DiaryEntry",
    "Funding",
    "Payment",
    "Progress",
    "Project",
    "ProjectPart",
    "Risk",
    "Source",
    "Task",
    "Warranty",
    "Work",
]
