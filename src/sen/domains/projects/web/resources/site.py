"""Registers of the site: schedule, progress, acceptance, diary."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.projects.models import Acceptance, DiaryEntry, Progress, Task
from sen.domains.projects.services import (
    create_task,
    delete_acceptance,
    delete_diary,
    delete_progress,
    delete_task,
    record_acceptance,
    report_task,
    update_acceptance,
    update_diary,
    update_progress,
    update_task,
    write_diary,
)
from sen.domains.projects.web.resources.parts import (
    KEEPING,
    PROJECT,
    PROJECT_CODE,
    PROJECT_FILTERS,
    RESULT_TONES,
    PartResource,
)
from sen.kernel.web.register.resource import (
    Column,
    Filter,
    FilterKind,
    FormField,
    Kind,
    Section,
    register,
)


@register
class TaskResource(PartResource[Task]):
    model = Task
    slug = "tasks"
    title = _("Tiến độ công việc")
    one = _("công việc")
    icon = "list-checks"
    menu_order = 70
    columns = (
        Column("code"),
        Column("name", link=True),
        Column("kind", shown=False),
        PROJECT,
        PROJECT_CODE,
        Column("work", path="work__name", label=_("Công trình"), shown=False),
        Column("starts_at", sort=True),
        Column("ends_at", sort=True),
        Column("expected_at", shown=False),
        Column("started_at", shown=False),
        Column("finished_at", shown=False),
        Column("weight", shown=False),
        Column("predecessors", shown=False),
        Column("done_pct", unit="%", sort=True),
        *KEEPING,
    )
    filters = (Filter("kind"), Filter("ends_at"), Filter("done_pct", unit="%"), *PROJECT_FILTERS)
    sections = (
        Section(
            _("Công việc"),
            ("code", "name", "kind", "weight", "project", "project_code", "work", "predecessors"),
        ),
        Section(
            _("Thời gian"),
            ("starts_at", "ends_at", "expected_at", "started_at", "finished_at", "done_pct"),
        ),
    )
    form = (
        "project",
        "code",
        "name",
        "kind",
        "work",
        "starts_at",
        "ends_at",
        "expected_at",
        FormField(
            "weight", help=_("Phần của công việc trong toàn dự án, ví dụ theo giá trị; mốc là 0.")
        ),
        FormField(
            "predecessors",
            help=_(
                "Số thứ tự của các công việc phải chờ, kèm ràng buộc và số ngày làm việc: 3; "
                "5SS+2; 7FF-1. FS (mặc định): xong việc trước mới bắt đầu; SS: cùng bắt đầu; "
                "FF: cùng kết thúc; SF: việc trước bắt đầu thì việc này được kết thúc."
            ),
        ),
    )
    order = "-ends_at"
    importer = "schedule"
    create = staticmethod(create_task)
    update = staticmethod(update_task)
    delete = staticmethod(delete_task)


@register
class ProgressResource(PartResource[Progress]):
    model = Progress
    slug = "progress"
    title = _("Khối lượng thực hiện")
    one = _("lần ghi khối lượng")
    icon = "trending-up"
    in_menu = False
    search = False
    fixed = ("task",)
    columns = (
        Column("on", link=True, sort=True),
        Column("task", path="task__name", label=_("Công việc")),
        Column("pct", unit="%"),
        Column("note"),
        PROJECT,
        PROJECT_CODE,
        *KEEPING,
    )
    filters = (Filter("on"), *PROJECT_FILTERS)
    form = ("task", "on", FormField("pct", unit="%"), "note")
    order = "-on"
    label_path = code_path = "task__name"
    create = staticmethod(report_task)
    update = staticmethod(update_progress)
    delete = staticmethod(delete_progress)


@register
class AcceptanceResource(PartResource[Acceptance]):
    model = Acceptance
    slug = "acceptances"
    title = _("Biên bản nghiệm thu")
    one = _("biên bản nghiệm thu")
    icon = "clipboard-check"
    menu_order = 80
    columns = (
        Column("code", link=True),
        Column("kind"),
        Column("held_at", sort=True),
        Column("result", badge=RESULT_TONES),
        Column("value_vnd", kind=Kind.MONEY, unit="đ"),
        Column("work", path="work__name", label=_("Công trình")),
        Column("contract", path="contract__code", label=_("Hợp đồng"), shown=False),
        Column("attended", shown=False),
        Column("remarks", shown=False),
        PROJECT,
        PROJECT_CODE,
        *KEEPING,
    )
    filters = (Filter("kind"), Filter("result"), Filter("held_at"), *PROJECT_FILTERS)
    sections = (
        Section(_("Biên bản"), ("code", "kind", "held_at", "result", "value_vnd")),
        Section(_("Đối tượng"), ("project", "work", "contract")),
        Section(_("Nội dung"), ("attended", "remarks")),
    )
    form = (
        "project",
        "work",
        "contract",
        "code",
        "kind",
        "held_at",
        "result",
        FormField("value_vnd", unit="đ"),
        "attended",
        "remarks",
    )
    order = "-held_at"
    label_path = code_path = "code"
    create = staticmethod(record_acceptance)
    update = staticmethod(update_acceptance)
    delete = staticmethod(delete_acceptance)


@register
class DiaryResource(PartResource[DiaryEntry]):
    model = DiaryEntry
    slug = "diary"
    title = _("Nhật ký thi công")
    one = _("nhật ký thi công")
    icon = "notebook-pen"
    menu_order = 85
    columns = (
        Column("on", link=True, sort=True),
        PROJECT,
        PROJECT_CODE,
        Column("work", path="work__name", label=_("Công trình"), shown=False),
        Column("contract", path="contract__code", label=_("Hợp đồng"), shown=False),
        Column("weather"),
        Column("workers", label=_("Số người")),
        Column("machines", shown=False),
        Column("done"),
        Column("incidents", shown=False),
        Column("author"),
        *KEEPING,
    )
    filters = (
        Filter("on"),
        Filter("weather"),
        Filter("author", label=_("Người ghi"), kind=FilterKind.TEXT),
        *PROJECT_FILTERS,
    )
    sections = (
        Section(_("Ngày thi công"), ("on", "weather", "workers", "machines", "author")),
        Section(_("Nội dung"), ("done", "incidents", "project", "work", "contract")),
    )
    form = (
        "project",
        "work",
        "contract",
        "on",
        "weather",
        "workers",
        "machines",
        "done",
        "incidents",
    )
    order = "-on"
    label_path = code_path = "on"
    create = staticmethod(write_diary)
    update = staticmethod(update_diary)
    delete = staticmethod(delete_diary)
