"""The board of what is to be updated, the steps of sets and tasks, handing over of faults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sen.domains.stewardship import services
from sen.domains.stewardship.choices import Outcome, TaskStatus
from sen.domains.stewardship.models import ChangeItem, ChangeSet, UpdateTask
from sen.domains.stewardship.selectors import board, data_sets_for, month_of, punctuality
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import Area
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.numbers import number_text
from sen.kernel.quality.checks import Check, checks
from sen.kernel.quality.counting import count_faults
from sen.kernel.quality.showing import faults_url
from sen.kernel.web.register.resource import Resource, resources
from sen.kernel.web.register.views import row_for, to_sign_in

View = Callable[..., HttpResponse]
BOARD: Final = "/ql/stewardship/viec/"
#: Tasks of one day of the calendar.
SHOWN: Final = 4
WHOSE: Final = ("toi", "don-vi", "tat-ca")


def _signed_in(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not actor_of(request).is_authenticated:
            return to_sign_in(request)
        return view(request, *args, **kwargs)

    return checked


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdigit() else 0


# --- the board ---------------------------------------------------------------------------------


@require_GET
@_signed_in
def work(request: HttpRequest) -> HttpResponse:
    """What waits for me, for my unit, for all: overdue first, or by month.

    Raises:
        Http404: tasks are not for this person.
    """
    actor = actor_of(request)
    if not actor.may("stewardship.task.view"):
        raise Http404(_("Bạn chưa được cấp quyền xem việc cập nhật."))
    whose = request.GET.get("cua", "")
    whose = whose if whose in WHOSE else "toi"
    today = localdate()
    is_month = request.GET.get("xem") == "thang"
    context: dict[str, Any] = {
        "page_title": _("Việc phải cập nhật"),
        "page_sub": _("Ai phải cập nhật dữ liệu, báo cáo nào và trước ngày nào."),
        "whose_tabs": _tabs("cua", _whose_names(), whose, f"xem={'thang' if is_month else ''}"),
        "view_tabs": _tabs(
            "xem",
            {"": _("Danh sách"), "thang": _("Lịch tháng")},
            "thang" if is_month else "",
            f"cua={whose}",
        ),
        "today": today,
        "units": _units(actor, today) if whose == "tat-ca" else [],
    }
    if is_month:
        context |= _month(request, actor, whose, today)
    else:
        context |= _lists(actor, whose, today)
    return render(request, "stewardship/board.html", context)


def _whose_names() -> dict[str, str]:
    return {"toi": _("Của tôi"), "don-vi": _("Đơn vị tôi"), "tat-ca": _("Tất cả")}


def _tabs(name: str, named: dict[str, str], now: str, kept: str) -> list[dict[str, Any]]:
    return [
        {"title": title, "url": f"{BOARD}?{name}={key}&{kept}", "active": key == now}
        for key, title in named.items()
    ]


def _lists(actor: Actor, whose: str, today: date) -> dict[str, Any]:
    found = board(actor, whose, today)
    named = (
        (_("Quá hạn"), "triangle-alert", found.overdue),
        (_("Đến hạn trong 7 ngày"), "calendar-clock", found.soon),
        (_("Sau đó"), "calendar", found.later),
        (_("Đã gửi, chờ duyệt"), "send", found.waiting),
    )
    groups = [
        {"title": title, "icon": icon, "tasks": [_entry(task, today) for task in tasks]}
        for title, icon, tasks in named
    ]
    return {"groups": groups, "has_any": any(group["tasks"] for group in groups)}


def _entry(task: UpdateTask, today: date) -> dict[str, Any]:
    days = (task.due_on - today).days
    if task.status == TaskStatus.DONE:
        text, tone, short = _("Đã xong"), "ok", _("Xong")
    elif task.status == TaskStatus.SUBMITTED:
        text, tone, short = _("Chờ duyệt"), "info", _("Chờ")
    elif days < 0:
        text, tone, short = _("Quá hạn %(n)s ngày") % {"n": -days}, "danger", _("Trễ")
    else:
        text = _("Còn %(n)s ngày") % {"n": days} if days else _("Hôm nay")
        tone, short = ("warn" if days <= 7 else "pond"), _("Hạn")
    url = services.task_url(task)
    return {"task": task, "text": text, "tone": tone, "short": short, "url": url}


def _month(request: HttpRequest, actor: Actor, whose: str, today: date) -> dict[str, Any]:
    first = _first_of(request.GET.get("thang", "")) or today.replace(day=1)
    weeks = month_of(actor, whose, first)
    before = (first - timedelta(days=1)).replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    base = f"{BOARD}?xem=thang&cua={whose}&thang="
    return {
        "month_title": _("Tháng %(month)s") % {"month": first.strftime("%m/%Y")},
        "weeks": [[_day(day, today) for day in week] for week in weeks],
        "day_names": [_("T2"), _("T3"), _("T4"), _("T5"), _("T6"), _("T7"), _("CN")],
        "prev_url": f"{base}{before:%Y-%m}",
        "next_url": f"{base}{after:%Y-%m}",
    }


def _day(day: dict[str, Any], today: date) -> dict[str, Any]:
    """A day of the calendar with some of its tasks, and the way to the others."""
    tasks = day["tasks"]
    on = day["on"].isoformat()
    return day | {
        "tasks": [_entry(task, today) for task in tasks[:SHOWN]],
        "more": max(0, len(tasks) - SHOWN),
        "more_url": f"/ql/stewardship/tasks/?due_on_min={on}&due_on_max={on}",
    }


def _first_of(text: str) -> date | None:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None


def _units(actor: Actor, today: date) -> list[dict[str, Any]]:
    found = punctuality(actor, today.replace(month=1, day=1), today)
    rows = []
    for org, figures in found[:100]:
        percent = figures.on_time_percent
        tone = "ok" if (percent or 0) >= 90 else "warn" if (percent or 0) >= 70 else "danger"
        base = f"/ql/stewardship/tasks/?owner_org={org.pk}"
        rows.append(
            {
                "org": org,
                "figures": figures,
                "percent": "" if percent is None else f"{number_text(round(percent, 1))} %",
                "tone": tone,
                "url": base,
                "overdue_url": f"{base}&status=OPEN&due_on_max={today - timedelta(days=1)}",
            }
        )
    return rows


# --- change-sets -------------------------------------------------------------------------------


def _set(actor: Actor, set_id: int) -> ChangeSet:
    row = row_for(resources["stewardship.change-sets"], actor, set_id)
    if not isinstance(row, ChangeSet):
        raise TypeError(f"stewardship.change-sets shows sets, not {type(row).__name__}")
    return row


Step = Callable[..., Any]


def _steps() -> dict[str, tuple[Step, str]]:
    return {
        "submit": (services.submit_set, _("Đã trình kiểm tra.")),
        "check": (services.check_set, _("Đã kiểm tra; bộ thay đổi chờ duyệt.")),
        "approve": (services.approve_set, _("Đã duyệt; các thay đổi đã được ghi.")),
        "refuse-check": (services.refuse_checking, _("Đã trả lại người soạn.")),
        "refuse-approve": (services.refuse_approving, _("Đã trả lại người soạn.")),
        "take-back": (services.take_back, _("Bộ thay đổi trở lại giai đoạn soạn.")),
        "withdraw": (services.withdraw_set, _("Đã rút bộ thay đổi.")),
    }


@require_POST
@_signed_in
def step(request: HttpRequest, set_id: int) -> HttpResponse:
    """Move a set on, or say something about it; what is refused is said in words."""
    actor = actor_of(request)
    row = _set(actor, set_id)
    doing, reason = request.POST.get("do", ""), request.POST.get("reason", "")
    url = services.url_of(row)
    try:
        if doing == "comment":
            services.comment_on_set(actor=actor, row=row, reason=reason)
            messages.success(request, _("Đã gửi ý kiến."))
        elif doing == "reverse":
            url = services.url_of(services.reverse_set(actor=actor, row=row, reason=reason))
            messages.success(request, _("Đã lập bộ hoàn nguyên; hãy xem lại rồi trình."))
        elif doing in _steps():
            run, said = _steps()[doing]
            run(actor=actor, row=row, version=_number(request, "version"), reason=reason)
            services.note_problems(row, {})
            messages.success(request, said)
        else:
            raise InvalidInputError(message=_("Không có bước này."))
    except services.ItemsRefusedError as error:
        services.note_problems(row, error.problems)
        messages.error(request, str(error))
    except SenError as error:
        messages.error(request, str(error))
    return redirect(url)


@require_POST
@_signed_in
def item(request: HttpRequest, set_id: int, item_id: int) -> HttpResponse:
    """Take one change out of a draft, or let it start from the record as it is now.

    Raises:
        Http404: there is no such change for this person.
    """
    actor = actor_of(request)
    row = _set(actor, set_id)
    found = ChangeItem.objects.visible_to(actor).filter(change_set=row, pk=item_id).first()
    if found is None:
        raise Http404(_("Bộ thay đổi không có thay đổi này."))
    try:
        if request.POST.get("do") == "renew":
            services.renew_item(actor=actor, row=row, item=found)
            messages.success(request, _("Đã lấy bản mới của bản ghi."))
        else:
            services.drop_item(actor=actor, row=row, item=found)
            messages.success(request, _("Đã bỏ thay đổi khỏi bộ."))
    except SenError as error:
        messages.error(request, str(error))
    return redirect(services.url_of(row))


# --- tasks -------------------------------------------------------------------------------------


@require_POST
@_signed_in
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Confirm a task, do it by a change-set, or strike it out."""
    actor = actor_of(request)
    row = row_for(resources["stewardship.tasks"], actor, task_id)
    if not isinstance(row, UpdateTask):
        raise TypeError(f"stewardship.tasks shows tasks, not {type(row).__name__}")
    try:
        url = _do_task(request, actor, row)
    except SenError as error:
        messages.error(request, str(error))
        url = services.task_url(row)
    return redirect(url)


def _do_task(request: HttpRequest, actor: Actor, row: UpdateTask) -> str:
    doing, reason = request.POST.get("do", ""), request.POST.get("reason", "")
    version = _number(request, "version")
    if doing == "attach":
        return _attach(request, actor, row, version)
    if doing == "cancel":
        services.cancel_task(actor=actor, row=row, version=version, reason=reason)
        messages.success(request, _("Đã hủy việc."))
    elif doing in (Outcome.NO_CHANGE, Outcome.REPORTED):
        services.confirm_task(actor=actor, row=row, version=version, outcome=doing, reason=reason)
        messages.success(request, _("Đã ghi nhận hoàn thành."))
    else:
        raise InvalidInputError(message=_("Không có bước này."))
    return services.task_url(row)


def _attach(request: HttpRequest, actor: Actor, row: UpdateTask, version: int) -> str:
    chosen = _number(request, "change_set")
    if chosen:
        change_set = _set(actor, chosen)
    else:
        change_set = services.begin_set(actor=actor, title=row.title[:250], area=row.area)
    services.attach_set(actor=actor, row=row, version=version, change_set=change_set)
    messages.success(request, _("Đã gắn bộ thay đổi; việc xong khi bộ được duyệt và áp dụng."))
    return services.url_of(change_set)


# --- faults ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@_signed_in
def hand_over(request: HttpRequest, key: str) -> HttpResponse:
    """Ask the owners of the data to mend what a check finds.

    Raises:
        Http404: there is no such check, or tasks are not for this person to give.
    """
    actor = actor_of(request)
    check = checks.get(key)
    if check is None or not actor.may("stewardship.task.add"):
        raise Http404(_("Không có phép kiểm tra này, hoặc bạn chưa được giao quyền giao việc."))
    resource = resources[check.register]
    if not resource.may(actor, "view"):
        raise Http404(_("Không có phép kiểm tra này."))
    owners, count = _owners(actor, resource, check)
    error = ""
    if request.method == "POST":
        chosen = set(request.POST.getlist("data_set"))
        try:
            made = [
                services.hand_over_fault(
                    actor=actor,
                    data_set=owner["row"],
                    check_key=check.key,
                    title=str(check.title),
                    count=owner["count"],
                )
                for owner in owners
                if str(owner["row"].pk) in chosen
            ]
            if not made:
                raise InvalidInputError(message=_("Hãy chọn ít nhất một đơn vị."))
        except SenError as problem:
            error = str(problem)
        else:
            messages.success(request, _("Đã giao %(n)s việc.") % {"n": len(made)})
            return redirect(f"{BOARD}?cua=tat-ca")
    back = f"/ql/chat-luong/{resource.path}/"
    context = {
        "page_title": _("Giao sửa lỗi: %(title)s") % {"title": check.title},
        "breadcrumbs": [
            {"title": _("Chất lượng dữ liệu"), "url": "/ql/chat-luong/"},
            {"title": resource.title, "url": back},
        ],
        "check": check,
        "count": count,
        "owners": owners,
        "faults_url": faults_url(resource, check),
        "cancel_url": back,
        "error": error,
    }
    return render(request, "stewardship/hand_over.html", context, status=422 if error else 200)


def _owners(
    actor: Actor, resource: Resource[Any], check: Check
) -> tuple[list[dict[str, Any]], int]:
    """The data sets that hold faulty rows, each with how many."""
    found = [c for c in count_faults(resource) if c.check == check.key and c.faulty]
    areas = Area.objects.filter(pk__in={count.area_id for count in found if count.area_id})
    paths = dict(areas.values_list("pk", "path"))
    owners = []
    for row in data_sets_for(
        actor,
        resource.key,
        [count.owner_id for count in found if count.owner_id],
        list(paths.values()),
    ):
        mine = sum(
            count.faulty
            for count in found
            if row.slice_by == "WHOLE"
            or (row.slice_by == "OWNER" and count.owner_id == row.owner_org_id)
            or (
                row.slice_by == "AREA"
                and paths.get(count.area_id or 0, "").startswith(row.area.path)
            )
        )
        if mine:
            owners.append({"row": row, "count": mine})
    return owners, sum(count.faulty for count in found)
