"""The parts of a project, of a contract and of a work on their pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.domains.assets.api import asset_types
from sen.domains.projects.choices import TaskKind, WorkStatus
from sen.domains.projects.labels import said
from sen.domains.projects.models import (
    Acceptance,
    Amendment,
    Contract,
    ContractMember,
    Decision,
    DiaryEntry,
    Payment,
    Progress,
    Project,
    ProjectPart,
    Risk,
    Task,
    Warranty,
    Work,
)
from sen.domains.projects.selectors import parts_of, risks_of, tasks_of, works_of
from sen.domains.projects.web.panels.tables import (
    add_url,
    badge,
    day,
    list_url,
    may_see,
    money,
    pct,
    table,
    text,
    url_of,
)
from sen.domains.projects.web.resources.parts import (
    CONTRACT_TONES,
    LEVEL_TONES,
    RESULT_TONES,
    WARRANTY_TONES,
    WORK_TONES,
)
from sen.domains.projects.web.resources.projects import attribute_text
from sen.kernel.web.register.links import WORK, base_of
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.lib.chainage import format_chainage

SHOWN_DIARY: Final = 5
BAR: Final = 200


def _project(page: PanelContext) -> Project:
    if not isinstance(page.row, Project):
        raise TypeError(f"{page.resource.key} shows no projects")
    return page.row


@panel("projects.projects", title=_("Công trình, hạng mục"), order=12, wide=True)
def works(page: PanelContext) -> PanelBody | None:
    """What the project builds, and the way to hand it over."""
    row = _project(page)
    found = works_of(page.actor, row)
    rows = [
        [
            text(work.code),
            text(work.name, url_of(page, "works", work.pk)),
            text(_place(work)),
            badge(work.get_status_display(), WORK_TONES[work.status]),
            money(work.value_vnd),
        ]
        for work in found
    ]
    is_ready = any(work.status == WorkStatus.ACCEPTED for work in found)
    may_hand_over = base_of(page.request) == WORK and page.actor.may("projects.work.change")
    return table(
        [_("Mã"), _("Tên"), _("Vị trí"), _("Tình trạng"), _("Giá trị")],
        rows,
        add=add_url(page, Work, "works", project=row.pk),
        add_text=_("Thêm công trình"),
        more=list_url(page, "works", row.code),
        act=f"{WORK}projects/projects/{row.pk}/ban-giao/" if is_ready and may_hand_over else "",
        act_text=_("Bàn giao thành tài sản"),
        act_icon="package-check",
    )


def _place(work: Work) -> str:
    """``QL.30 Km12+500–Km14+000``, as far as it is known."""
    if work.road is None:
        return ""
    ends = [work.chainage_m, work.to_chainage_m]
    named = "–".join(format_chainage(float(at)) for at in ends if at is not None)
    return f"{work.road.number or work.road.name} {named}".strip()


@panel("projects.projects", title=_("Tiến độ công việc"), order=14, wide=True)
def schedule(page: PanelContext) -> PanelBody | None:
    """Tasks and milestones with bars: agreed, and done."""
    row = _project(page)
    if not may_see(page, Task):
        return None
    tasks = tasks_of(page.actor, row)
    add = add_url(page, Task, "tasks", project=row.pk)
    if not tasks and not add:
        return None
    may_report = base_of(page.request) == WORK and page.actor.may("projects.progress.add")
    today = timezone.localdate()
    first = min([task.starts_at for task in tasks], default=today)
    last = max(
        [max(task.ends_at, task.expected_at or task.ends_at) for task in tasks], default=today
    )
    context = {
        "tasks": [
            {
                "row": task,
                "url": url_of(page, "tasks", task.pk),
                "bar": _bar(task, first, last),
                "is_late": task.finished_at is None and task.ends_at < today,
            }
            for task in tasks
        ],
        "width": BAR,
        "today": _at(today, first, last),
        "add": add,
        "report": f"{WORK}projects/projects/{row.pk}/khoi-luong/" if tasks and may_report else "",
        "gantt": f"{WORK}projects/projects/{row.pk}/tien-do/"
        if tasks and base_of(page.request) == WORK
        else "",
    }
    return PanelBody("projects/schedule.html", context)


def _at(on: date, first: date, last: date) -> float:
    days = (last - first).days or 1
    return round(min(max((on - first).days / days, 0), 1) * BAR, 1)


def _bar(task: Task, first: date, last: date) -> dict[str, Any]:
    x, end = _at(task.starts_at, first, last), _at(task.ends_at, first, last)
    width = max(end - x, 2)
    return {
        "x": x,
        "width": round(width, 1),
        "done": round(width * task.done_pct / 100, 1),
        "is_milestone": task.kind == TaskKind.MILESTONE,
    }


@panel("projects.projects", title=_("Hợp đồng"), order=16, wide=True)
def contracts(page: PanelContext) -> PanelBody | None:
    row = _project(page)
    if not may_see(page, Contract):
        return None
    found = parts_of(page.actor, Contract, row).select_related("contractor")
    rows = [
        [
            text(item.code, url_of(page, "contracts", item.pk)),
            text(item.name),
            text(item.contractor),
            money(item.current_vnd),
            money(item.paid_vnd),
            day(item.current_ends_at),
            badge(item.get_status_display(), CONTRACT_TONES[item.status]),
        ]
        for item in found.order_by("-current_vnd")
    ]
    return table(
        [
            _("Số"),
            _("Gói thầu"),
            _("Nhà thầu"),
            _("Giá trị"),
            _("Đã thanh toán"),
            _("Kết thúc"),
            _("Tình trạng"),
        ],
        rows,
        add=add_url(page, Contract, "contracts", project=row.pk),
        add_text=_("Thêm hợp đồng"),
        more=list_url(page, "contracts", row.code),
    )


@panel("projects.projects", title=_("Quyết định"), order=18)
def decisions(page: PanelContext) -> PanelBody | None:
    row = _project(page)
    rows = [
        [
            text(item.number, url_of(page, "decisions", item.pk)),
            text(item.get_kind_display()),
            day(item.issued_at),
        ]
        for item in parts_of(page.actor, Decision, row).order_by("-issued_at", "-id")
    ]
    return table(
        [_("Số"), _("Loại"), _("Ngày")],
        rows,
        add=add_url(page, Decision, "decisions", project=row.pk),
        add_text=_("Thêm quyết định"),
        more=list_url(page, "decisions", row.code),
    )


def _asks(model: type[ProjectPart]) -> dict[str, Callable[[PanelContext], QuerySet[Any]]]:
    return {"rows": lambda page: parts_of(page.actor, model, _project(page))}


@panel("projects.projects", title=_("Biên bản nghiệm thu"), order=20, asks=_asks(Acceptance))
def acceptances(page: PanelContext) -> PanelBody | None:
    row = _project(page)
    if not may_see(page, Acceptance):
        return None
    return _acceptances(page, row, {"project": row.pk})


@panel("projects.works", title=_("Biên bản nghiệm thu"), order=20)
def acceptances_of_work(page: PanelContext) -> PanelBody | None:
    work = page.row
    if not isinstance(work, Work) or not may_see(page, Acceptance):
        return None
    return _acceptances(page, work.project, {"project": work.project_id, "work": work.pk})


def _acceptances(page: PanelContext, project: Project, first: dict[str, int]) -> PanelBody | None:
    found = parts_of(page.actor, Acceptance, project).order_by("-held_at", "-id")
    if "work" in first:
        found = found.filter(work_id=first["work"])
    rows = [
        [
            text(item.code, url_of(page, "acceptances", item.pk)),
            text(item.get_kind_display()),
            day(item.held_at),
            badge(item.get_result_display(), RESULT_TONES[item.result]),
        ]
        for item in (found if page.has("rows") else ())
    ]
    return table(
        [_("Số"), _("Loại"), _("Ngày"), _("Kết luận")],
        rows,
        add=add_url(page, Acceptance, "acceptances", **first),
        add_text=_("Thêm biên bản"),
        more=list_url(page, "acceptances", project.code),
    )


@panel("projects.projects", title=_("Nhật ký thi công"), order=22, asks=_asks(DiaryEntry))
def diary(page: PanelContext) -> PanelBody | None:
    row = _project(page)
    if not may_see(page, DiaryEntry):
        return None
    found = parts_of(page.actor, DiaryEntry, row).order_by("-on", "-id")[: SHOWN_DIARY + 1]
    rows = [
        [
            day(item.on, url_of(page, "diary", item.pk)),
            text(item.get_weather_display()),
            text(item.done[:120]),
        ]
        for item in (found if page.has("rows") else ())
    ]
    may_write = add_url(page, DiaryEntry, "diary", project=row.pk)
    return table(
        [_("Ngày"), _("Thời tiết"), _("Công việc")],
        rows[:SHOWN_DIARY],
        add=f"{WORK}projects/projects/{row.pk}/nhat-ky/" if may_write else "",
        add_text=_("Ghi nhật ký hôm nay"),
        act=list_url(page, "diary", row.code) if len(rows) > SHOWN_DIARY else "",
        act_text=_("Xem cả nhật ký"),
        act_icon="list",
    )


@panel("projects.projects", title=_("Vướng mắc"), order=24)
def risks(page: PanelContext) -> PanelBody | None:
    row = _project(page)
    if not may_see(page, Risk):
        return None
    rows = [
        [
            text(item.description, url_of(page, "risks", item.pk)),
            badge(item.get_level_display(), LEVEL_TONES[item.level]),
            day(item.due_at),
            day(item.resolved_at),
        ]
        for item in risks_of(page.actor, row)
    ]
    return table(
        [_("Nội dung"), _("Mức độ"), _("Hạn xử lý"), _("Xử lý xong")],
        rows,
        add=add_url(page, Risk, "risks", project=row.pk),
        add_text=_("Thêm vướng mắc"),
        more=list_url(page, "risks", row.code),
    )


@panel("projects.projects", title=_("Bảo hành"), order=26, asks=_asks(Warranty))
def warranties(page: PanelContext) -> PanelBody | None:
    row = _project(page)
    if not may_see(page, Warranty) or not page.has("rows"):
        return None
    return table(*_warranties(page, parts_of(page.actor, Warranty, row)))


def _warranties(page: PanelContext, found: Any) -> tuple[list[Any], list[list[Any]]]:
    rows = [
        [
            text(item.contract.code),
            day(item.ends_at, url_of(page, "warranties", item.pk)),
            badge(item.get_status_display(), WARRANTY_TONES[item.status]),
            money(item.retained_vnd),
        ]
        for item in found.select_related("contract").order_by("ends_at")
    ]
    return [_("Hợp đồng"), _("Hết bảo hành"), _("Tình trạng"), _("Giữ lại")], rows


@panel("projects.contracts", title=_("Liên danh, thầu phụ"), order=10)
def members(page: PanelContext) -> PanelBody | None:
    row = page.row
    if not isinstance(row, Contract) or not may_see(page, ContractMember):
        return None
    rows = [
        [
            text(item.party, url_of(page, "members", item.pk)),
            text(item.get_role_display()),
            pct(None if item.share_pct is None else float(item.share_pct)),
        ]
        for item in ContractMember.objects.visible_to(page.actor)
        .filter(contract=row)
        .select_related("party")
        .order_by("role", "id")
    ]
    return table(
        [_("Đơn vị"), _("Vai trò"), _("Tỷ lệ")],
        rows,
        add=add_url(page, ContractMember, "members", contract=row.pk),
        add_text=_("Thêm thành viên"),
    )


@panel("projects.contracts", title=_("Phụ lục hợp đồng"), order=12)
def amendments(page: PanelContext) -> PanelBody | None:
    row = page.row
    if not isinstance(row, Contract) or not may_see(page, Amendment):
        return None
    found = Amendment.objects.visible_to(page.actor).filter(contract=row)
    rows = [
        [
            text(item.number, url_of(page, "amendments", item.pk)),
            day(item.signed_at),
            money(item.change_vnd),
            day(item.ends_at),
        ]
        for item in found.order_by("signed_at", "id")
    ]
    return table(
        [_("Số"), _("Ngày ký"), _("Tăng, giảm"), _("Kết thúc mới")],
        rows,
        add=add_url(page, Amendment, "amendments", contract=row.pk),
        add_text=_("Thêm phụ lục"),
    )


@panel("projects.contracts", title=_("Thanh toán"), order=14, wide=True)
def payments(page: PanelContext) -> PanelBody | None:
    row = page.row
    if not isinstance(row, Contract) or not may_see(page, Payment):
        return None
    found = Payment.objects.visible_to(page.actor).filter(contract=row)
    rows = [
        [
            text(item.code, url_of(page, "payments", item.pk)),
            text(item.get_kind_display()),
            day(item.paid_at),
            money(item.amount_vnd),
            money(item.recovered_vnd),
        ]
        for item in found.order_by("-paid_at", "-id")
    ]
    return table(
        [_("Chứng từ"), _("Loại"), _("Ngày"), _("Giải ngân"), _("Thu hồi tạm ứng")],
        rows,
        add=add_url(page, Payment, "payments", project=row.project_id, contract=row.pk),
        add_text=_("Ghi thanh toán"),
        more=list_url(page, "payments", row.project.code),
    )


@panel("projects.contracts", title=_("Bảo hành"), order=16)
def warranties_of_contract(page: PanelContext) -> PanelBody | None:
    row = page.row
    if not isinstance(row, Contract) or not may_see(page, Warranty):
        return None
    found = Warranty.objects.visible_to(page.actor).filter(contract=row)
    return table(
        *_warranties(page, found),
        add=add_url(page, Warranty, "warranties", contract=row.pk),
        add_text=_("Thêm bảo hành"),
    )


@panel("projects.tasks", title=_("Khối lượng đã ghi"), order=10)
def progress(page: PanelContext) -> PanelBody | None:
    row = page.row
    if not isinstance(row, Task) or not may_see(page, Progress):
        return None
    found = Progress.objects.visible_to(page.actor).filter(task=row).order_by("-on")
    rows = [
        [day(item.on, url_of(page, "progress", item.pk)), pct(item.pct), text(item.note)]
        for item in found
    ]
    return table(
        [_("Ngày"), _("Lũy kế"), _("Ghi chú")],
        rows,
        add=add_url(page, Progress, "progress", task=row.pk),
        add_text=_("Ghi khối lượng"),
    )


@panel("projects.works", title=_("Thông số chuyển sang tài sản"), order=10)
def carried(page: PanelContext) -> PanelBody | None:
    """What goes over to the asset, and the asset itself once there is one."""
    work = page.row
    kind = asset_types.get(work.asset_type) if isinstance(work, Work) else None
    if not isinstance(work, Work) or kind is None:
        return None
    rows = [
        [text(said(item.label)), text(attribute_text(kind, item.name, work.attributes[item.name]))]
        for item in kind.attributes
        if work.attributes.get(item.name) is not None
    ]
    is_ready = work.status == WorkStatus.ACCEPTED and base_of(page.request) == WORK
    base = f"{base_of(page.request)}assets/{kind.slug}/{work.asset_id}/"
    hand_over = f"{WORK}projects/projects/{work.project_id}/ban-giao/?work={work.pk}"
    return PanelBody(
        "projects/carried.html",
        {
            "kind": said(kind.name),
            "rows": rows,
            "asset": work.asset,
            "asset_url": base if work.asset_id else "",
            "hand_over": hand_over if is_ready and page.actor.may("projects.work.change") else "",
        },
    )
