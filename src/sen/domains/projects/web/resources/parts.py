"""What the registers of parts of a project have in common."""

from __future__ import annotations

from typing import Any, ClassVar, Final, TypeVar

from django.utils.translation import gettext_lazy as _

from sen.domains.projects.models import ProjectPart
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.resource import Column, Filter, FilterKind, FormField, Resource

P = TypeVar("P", bound=ProjectPart)

PACE_TONES: Final = {
    "NOT_STARTED": "",
    "ON_TIME": "ok",
    "SLOW": "warn",
    "LATE": "danger",
    "DONE": "info",
}
STATUS_TONES: Final = {"ACTIVE": "ok", "SUSPENDED": "warn", "CANCELLED": "danger"}
WORK_TONES: Final = {
    "PLANNED": "",
    "BUILDING": "warn",
    "ACCEPTED": "info",
    "HANDED_OVER": "ok",
    "STOPPED": "danger",
}
CONTRACT_TONES: Final = {
    "SIGNED": "info",
    "RUNNING": "ok",
    "SUSPENDED": "warn",
    "COMPLETED": "info",
    "LIQUIDATED": "",
    "TERMINATED": "danger",
}
WARRANTY_TONES: Final = {"RUNNING": "ok", "CALLED": "danger", "RELEASED": ""}
LEVEL_TONES: Final = {"LOW": "", "MEDIUM": "warn", "HIGH": "danger"}
RESULT_TONES: Final = {"ACCEPTED": "ok", "CONDITIONAL": "warn", "REJECTED": "danger"}

PROJECT: Final = Column("project", path="project__name", label=_("Dự án"))
PROJECT_CODE: Final = Column("project_code", path="project__code", label=_("Mã dự án"), shown=False)
PROJECT_FILTERS: Final = (
    Filter("project", path="project__code", label=_("Mã dự án"), kind=FilterKind.TEXT),
    Filter("owner_org", subtree=True),
)
KEEPING: Final = (
    Column("owner_org", path="owner_org__name", label=_("Đơn vị quản lý"), shown=False),
    Column("area", path="area__name", label=_("Xã, phường"), shown=False),
    Column("data_class", shown=False),
    Column("updated_at", shown=False),
)


class PartResource(Resource[P]):
    """A register of parts; to which project (or contract) a part belongs is fixed once."""

    #: Fields of the form that are offered for a new row only.
    fixed: ClassVar[tuple[str, ...]] = ("project",)
    in_palette = False

    def form_fields_for(self, actor: Actor, row: Any) -> tuple[FormField, ...]:
        found = super().form_fields_for(actor, row)
        return found if row is None else tuple(f for f in found if f.name not in self.fixed)
