"""Use cases on projects and everything below them."""

from __future__ import annotations

from sen.domains.projects.services.bulk import bulk_put_projects
from sen.domains.projects.services.capital import (
    delete_funding,
    delete_payment,
    plan_funding,
    put_source,
    record_payment,
    update_funding,
    update_payment,
)
from sen.domains.projects.services.contracts import (
    add_amendment,
    add_member,
    create_contract,
    delete_amendment,
    delete_contract,
    delete_member,
    update_amendment,
    update_contract,
    update_member,
)
from sen.domains.projects.services.course import (
    move_project,
    note_national_id,
    set_project_status,
)
from sen.domains.projects.services.decisions import (
    delete_decision,
    delete_risk,
    raise_risk,
    record_decision,
    update_decision,
    update_risk,
)
from sen.domains.projects.services.figures import refresh_projects
from sen.domains.projects.services.following import WorkFollower
from sen.domains.projects.services.handover import (
    Handover,
    hand_over_works,
    preview_handover,
)
from sen.domains.projects.services.plans import import_plan
from sen.domains.projects.services.projects import (
    create_project,
    delete_project,
    update_project,
)
from sen.domains.projects.services.schedules import import_schedule
from sen.domains.projects.services.site import (
    delete_acceptance,
    delete_diary,
    record_acceptance,
    update_acceptance,
    update_diary,
    write_diary,
)
from sen.domains.projects.services.tasks import (
    create_task,
    delete_progress,
    delete_task,
    report_progress,
    report_task,
    update_progress,
    update_task,
)
from sen.domains.projects.services.warranties import (
    create_warranty,
    delete_warranty,
    remind_warranties,
    update_warranty,
)
from sen.domains.projects.services.works import (
    chainages_after_cut,
    create_work,
    delete_work,
    follow_calibration,
    update_work,
)

__all__ = [
    "Handover",
    "WorkFollower",
    "add_amendment",
    "add_member",
    "bulk_put_projects",
    "chainages_after_cut",
    "create_contract",
    "create_project",
    "create_task",
    "create_warranty",
    "create_work",
    "delete_acceptance",
    "delete_amendment",
    "delete_contract",
    "delete_decision",
    "delete_diary",
    "delete_funding",
    "delete_member",
    "delete_payment",
    "delete_progress",
    "delete_project",
    "delete_risk",
    "delete_task",
    "delete_warranty",
    "delete_work",
    "follow_calibration",
    "hand_over_works",
    "import_plan",
    "import_schedule",
    "move_project",
    "note_national_id",
    "plan_funding",
    "preview_handover",
    "put_source",
    "raise_risk",
    "record_acceptance",
    "record_decision",
    "record_payment",
    "refresh_projects",
    "remind_warranties",
    "report_progress",
    "report_task",
    "set_project_status",
    "update_acceptance",
    "update_amendment",
    "update_contract",
    "update_decision",
    "update_diary",
    "update_funding",
    "update_member",
    "update_payment",
    "update_progress",
    "update_project",
    "update_risk",
    "update_task",
    "update_warranty",
    "update_work",
    "write_diary",
]
