"""What happens to projects, told to other domains and to live screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sen.kernel.events import Event
from sen.kernel.live.topics import declare_topic

declare_topic("projects", resource="projects.project")


@dataclass(frozen=True, kw_only=True)
class ProjectChanged(Event):
    """A project was entered or changed."""

    type = "vn.dongthap.sen.projects.project.changed.v1"
    live_topic = "projects"
    project_id: int
    code: str
    created: bool = False


@dataclass(frozen=True, kw_only=True)
class ProjectMoved(Event):
    """A project went from one step of its course to another."""

    type = "vn.dongthap.sen.projects.project.moved.v1"
    live_topic = "projects"
    project_id: int
    code: str
    from_step: str
    to_step: str


@dataclass(frozen=True, kw_only=True)
class ProjectStatusChanged(Event):
    """A project was suspended, taken up again, or given up."""

    type = "vn.dongthap.sen.projects.project.status_changed.v1"
    live_topic = "projects"
    project_id: int
    code: str
    status: str


@dataclass(frozen=True, kw_only=True)
class PaceChanged(Event):
    """A project became slow or late, or caught up."""

    type = "vn.dongthap.sen.projects.project.pace_changed.v1"
    live_topic = "projects"
    project_id: int
    code: str
    before: str
    now: str


@dataclass(frozen=True, kw_only=True)
class DecisionRecorded(Event):
    """A decision on a project was recorded or corrected."""

    type = "vn.dongthap.sen.projects.decision.recorded.v1"
    project_id: int
    decision_id: int
    kind: str
    number: str
    issued_at: date


@dataclass(frozen=True, kw_only=True)
class CapitalPlanned(Event):
    """Lines of the capital plan of a project were entered or changed; years that it concerns."""

    type = "vn.dongthap.sen.projects.funding.planned.v1"
    project_id: int
    years: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ContractChanged(Event):
    """A contract was signed, amended, or changed its state.

    Units:
        ``current_vnd``: đồng, with all amendments.
    """

    type = "vn.dongthap.sen.projects.contract.changed.v1"
    project_id: int
    contract_id: int
    code: str
    status: str
    current_vnd: int


@dataclass(frozen=True, kw_only=True)
class MoneyDisbursed(Event):
    """Money was paid out.

    Units:
        ``amount_vnd``: đồng.
    """

    type = "vn.dongthap.sen.projects.payment.made.v1"
    project_id: int
    payment_id: int
    year: int
    amount_vnd: int
    paid_at: date


@dataclass(frozen=True, kw_only=True)
class ProgressReported(Event):
    """The progress of a project was reported.

    Units:
        ``actual_pct``: percent of the whole.
    """

    type = "vn.dongthap.sen.projects.progress.reported.v1"
    live_topic = "projects"
    project_id: int
    on: date
    actual_pct: float | None


@dataclass(frozen=True, kw_only=True)
class WorkAccepted(Event):
    """A record of acceptance was made."""

    type = "vn.dongthap.sen.projects.acceptance.recorded.v1"
    project_id: int
    acceptance_id: int
    work_id: int | None
    kind: str
    result: str


@dataclass(frozen=True, kw_only=True)
class WorkHandedOver(Event):
    """A finished work was handed over; ``asset_id`` is what it became or changed."""

    type = "vn.dongthap.sen.projects.work.handed_over.v1"
    project_id: int
    work_id: int
    code: str
    asset_id: int | None
    created: bool


@dataclass(frozen=True, kw_only=True)
class WarrantyEnding(Event):
    """A warranty ends soon: the time to inspect the work once more."""

    type = "vn.dongthap.sen.projects.warranty.ending.v1"
    live_topic = "projects"
    project_id: int
    warranty_id: int
    contract: str
    ends_at: date


@dataclass(frozen=True, kw_only=True)
class RiskChanged(Event):
    """An obstacle was raised, changed or resolved."""

    type = "vn.dongthap.sen.projects.risk.changed.v1"
    live_topic = "projects"
    project_id: int
    risk_id: int
    level: str
    resolved: bool
