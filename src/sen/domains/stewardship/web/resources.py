"""Registers of data sets, duties, tasks and change-sets."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from sen.domains.stewardship.models import ChangeSet, DataSet, Obligation, UpdateTask
from sen.domains.stewardship.services import (
    begin_set,
    create_data_set,
    create_obligation,
    update_data_set,
    update_obligation,
    update_set,
)
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FilterKind,
    FormField,
    Label,
    Resource,
    Section,
    register,
    resources,
)

SET_TONES = {
    "DRAFT": "",
    "CHECKING": "info",
    "APPROVING": "pond",
    "APPLIED": "ok",
    "REVERSED": "warn",
    "WITHDRAWN": "danger",
}
TASK_TONES = {"OPEN": "warn", "SUBMITTED": "info", "DONE": "ok", "CANCELLED": ""}


def register_choices() -> tuple[tuple[str, Label], ...]:
    """Every register with services, by the name that people know."""
    found = [
        (resource.key, str(resource.title))
        for resource in resources
        if resource.update is not None or resource.create is not None
    ]
    return tuple(sorted(found, key=lambda pair: pair[1]))


def _with_registers(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
    return tuple(
        replace(item, kind="choice", choices=register_choices())
        if item.name == "register_key"
        else item
        for item in fields
    )


@register
class ChangeSetResource(Resource[ChangeSet]):
    model = ChangeSet
    slug = "change-sets"
    title = _("Bộ thay đổi")
    one = _("bộ thay đổi")
    icon = "files"
    menu_order = 1
    columns = (
        Column("code", sort=True),
        Column("title", link=True),
        Column("status", badge=SET_TONES),
        Column("item_count", label=_("Số thay đổi")),
        Column("author", "author__full_name", label=_("Người soạn")),
        Column("checked_by", "checked_by__full_name", label=_("Người kiểm tra"), shown=False),
        Column("approved_by", "approved_by__full_name", label=_("Người duyệt"), shown=False),
        Column("owner_org", "owner_org__name", label=_("Đơn vị soạn")),
        Column("area", "area__name", label=_("Địa bàn"), shown=False),
        Column("submitted_at", shown=False),
        Column("applied_at"),
        Column("note", shown=False),
    )
    filters = (
        Filter("status"),
        Filter("owner_org", subtree=True),
        Filter("area", subtree=True),
    )
    sections = (
        Section("", ("code", "title", "owner_org", "area", "note")),
        Section(
            _("Người thực hiện"),
            ("author", "checked_by", "approved_by", "submitted_at", "applied_at"),
        ),
    )
    form = ("title", "note")
    order = "-code"
    label_path = "title"
    create = staticmethod(begin_set)
    update = staticmethod(update_set)


@register
class TaskResource(Resource[UpdateTask]):
    model = UpdateTask
    slug = "tasks"
    title = _("Việc cập nhật")
    one = _("việc")
    icon = "list-checks"
    menu_order = 2
    columns = (
        Column("title", link=True),
        Column("period"),
        Column("due_on", sort=True),
        Column("status", badge=TASK_TONES),
        Column("outcome"),
        Column("owner_org", "owner_org__name", label=_("Đơn vị phải làm")),
        Column("assignee", "assignee__full_name", label=_("Người phụ trách")),
        Column("kind", shown=False),
        Column("data_set", "data_set__name", label=_("Bộ dữ liệu"), shown=False),
        Column("change_set", "change_set__code", label=_("Bộ thay đổi"), shown=False),
        Column("opens_on", shown=False),
        Column("done_at", shown=False),
        Column("done_by", shown=False),
        Column("area", "area__name", label=_("Địa bàn"), shown=False),
        Column("note", shown=False),
    )
    filters = (
        Filter("status"),
        Filter("kind"),
        Filter("due_on", kind=FilterKind.DATES),
        Filter("owner_org", subtree=True),
        Filter("obligation", title="title"),
    )
    sections = (
        Section("", ("title", "period", "opens_on", "due_on", "kind", "data_set")),
        Section(
            _("Thực hiện"),
            (
                "owner_org",
                "area",
                "assignee",
                "outcome",
                "done_at",
                "done_by",
                "change_set",
                "note",
            ),
        ),
    )
    order = "due_on"
    label_path = "title"
    code_path = "period"
    in_palette = False


@register
class DataSetResource(Resource[DataSet]):
    model = DataSet
    slug = "data-sets"
    title = _("Bộ dữ liệu và đơn vị phụ trách")
    one = _("bộ dữ liệu")
    icon = "database"
    palette_derived = True
    menu_order = 3
    columns = (
        Column("name", link=True, sort=True),
        Column("owner_org", "owner_org__name", label=_("Đơn vị phụ trách")),
        Column("responsible", "responsible__full_name", label=_("Người phụ trách")),
        Column("deputy", "deputy__full_name", label=_("Người phối hợp"), shown=False),
        Column("slice_by"),
        Column("register_key", shown=False),
        Column("area", "area__name", label=_("Địa bàn")),
        Column("code", shown=False),
        Column("is_active", shown=False),
        Column("note", shown=False),
    )
    filters = (
        Filter("slice_by"),
        Filter("owner_org", subtree=True),
        Filter("area", subtree=True),
        Filter("is_active"),
    )
    form = (
        "code",
        "name",
        FormField("register_key", label=_("Danh mục"), required=True),
        "slice_by",
        "owner_org",
        "area",
        "responsible",
        "deputy",
        "note",
        "is_active",
    )
    order = "name"
    create = staticmethod(create_data_set)
    update = staticmethod(update_data_set)

    def form_fields_for(self, actor: Actor, row: DataSet | None) -> tuple[FormField, ...]:
        """The registers that exist are offered by name."""
        return _with_registers(super().form_fields_for(actor, row))


def _due_text(days: list[str]) -> str:
    """``03-15`` → ``15/03``, ``2026-12-31`` → ``31/12/2026``, ``20`` → ``ngày 20``."""
    return ", ".join(
        "/".join(reversed(day.split("-"))) if "-" in day else _("ngày %(day)s") % {"day": day}
        for day in days
    )


@register
class ObligationResource(Resource[Obligation]):
    model = Obligation
    slug = "obligations"
    title = _("Nghĩa vụ định kỳ")
    one = _("nghĩa vụ")
    icon = "calendar-clock"
    menu_order = 4
    columns = (
        Column("title", link=True, sort=True),
        Column("kind"),
        Column("recurrence"),
        Column("due_days", label=_("Hạn"), write=_due_text),
        Column("owner_org", "owner_org__name", label=_("Đơn vị phải làm")),
        Column("legal_ref"),
        Column("is_verified", label=_("Căn cứ đã xác minh")),
        Column("register_key", label=_("Danh mục"), shown=False),
        Column("shift", shown=False),
        Column("lead_days", unit="ngày", shown=False),
        Column("remind_days", label=_("Nhắc trước hạn (ngày)"), shown=False),
        Column("escalate_days", label=_("Báo cấp trên sau hạn (ngày)"), shown=False),
        Column("document", shown=False),
        Column("starts_on", shown=False),
        Column("ends_on", shown=False),
        Column("area", "area__name", label=_("Địa bàn"), shown=False),
        Column("code", shown=False),
        Column("is_active", shown=False),
        Column("note", shown=False),
    )
    filters = (Filter("kind"), Filter("recurrence"), Filter("is_active"), Filter("is_verified"))
    sections = (
        Section(_("Nghĩa vụ"), ("title", "kind", "register_key", "owner_org", "area", "note")),
        Section(
            _("Thời hạn"),
            (
                "recurrence",
                "due_days",
                "shift",
                "lead_days",
                "remind_days",
                "escalate_days",
                "starts_on",
                "ends_on",
                "is_active",
            ),
        ),
        Section(_("Căn cứ"), ("legal_ref", "document", "is_verified")),
    )
    form = (
        "code",
        "title",
        "kind",
        FormField(
            "register_key",
            label=_("Danh mục"),
            help=_("Nếu chọn, mỗi bộ dữ liệu của danh mục có một việc riêng."),
        ),
        "owner_org",
        "area",
        "responsible",
        "recurrence",
        FormField(
            "due_days",
            help=_("Hằng năm dạng 03-15, hằng tháng dạng 20, một lần dạng 2026-12-31."),
        ),
        "shift",
        FormField("lead_days", unit="ngày"),
        FormField("remind_days", help=_("Số ngày, cách nhau bằng dấu phẩy: 14, 7, 1.")),
        FormField("escalate_days", help=_("Mỗi số là một cấp: 1, 5 báo cấp một rồi cấp hai.")),
        "document",
        "legal_ref",
        "is_verified",
        "starts_on",
        "ends_on",
        "note",
        "is_active",
    )
    order = "title"
    label_path = "title"
    create = staticmethod(create_obligation)
    update = staticmethod(update_obligation)

    def form_fields_for(self, actor: Actor, row: Obligation | None) -> tuple[FormField, ...]:
        """The registers that exist are offered by name."""
        return _with_registers(super().form_fields_for(actor, row))
