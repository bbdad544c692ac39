"""Pages of the administration of accounts at ``/ql/he-thong/tai-khoan/``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sen.kernel.access.accounts import administration as admin
from sen.kernel.access.accounts.admin_forms import (
    AccountForm,
    GrantForm,
    NationalIdForm,
    ReasonForm,
    SubjectForm,
    TokenForm,
)
from sen.kernel.access.accounts.pages import View, page
from sen.kernel.access.accounts.words import act_text
from sen.kernel.access.context import current_actor
from sen.kernel.access.models import ApiToken, DeviceCredential, Grant, User
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import NotFoundError, PermissionDeniedError, SenError

PAGE_SIZE = 50
SHOWN_ENTRIES = 15


def administrators_only(act: str = "view") -> Callable[[View], View]:
    """A page for whoever holds ``kernel.accounts.<act>`` somewhere."""

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not current_actor().may(f"kernel.accounts.{act}"):
                return _refusal(request, PermissionDeniedError(f"kernel.accounts.{act}"))
            try:
                return view(request, *args, **kwargs)
            except (PermissionDeniedError, NotFoundError) as error:
                return _refusal(request, error)

        return page(checked)

    return wrap


def _refusal(request: HttpRequest, error: SenError) -> HttpResponse:
    return render(request, "account/admin/refused.html", {"error": error}, status=error.status)


@administrators_only()
def account_list(request: HttpRequest) -> HttpResponse:
    rows = _filtered(admin.administered(current_actor()), request)
    paged = Paginator(rows.order_by("full_name", "pk"), PAGE_SIZE).get_page(
        request.GET.get("trang")
    )
    query = request.GET.copy()
    links = {}
    for name, number in (("next", paged.number + 1), ("prev", paged.number - 1)):
        if 1 <= number <= paged.paginator.num_pages and number != paged.number:
            query["trang"] = str(number)
            links[name] = f"?{query.urlencode()}"
    query.pop("trang", None)
    context = {
        "page": paged,
        "links": links,
        "count": paged.paginator.count,
        "kinds": User.Kind.choices,
        "q": request.GET.get("q", ""),
        "kind": request.GET.get("kind", ""),
        "state": request.GET.get("state", ""),
        "may_create": current_actor().may("kernel.accounts.create"),
        "export_query": query.urlencode(),
    }
    return render(request, "account/admin/list.html", context)


def _filtered(rows: QuerySet[User], request: HttpRequest) -> QuerySet[User]:
    factor = Authenticator.objects.filter(user_id=OuterRef("pk")).exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )
    rows = rows.select_related("organisation").annotate(has_second_factor=Exists(factor))
    if q := request.GET.get("q", "").strip():
        rows = rows.filter(
            Q(username__icontains=q) | Q(full_name__unaccent__icontains=q) | Q(email__icontains=q)
        )
    if (kind := request.GET.get("kind", "")) in User.Kind.values:
        rows = rows.filter(kind=kind)
    state = request.GET.get("state", "")
    if state in {"active", "locked"}:
        rows = rows.filter(is_active=state == "active")
    elif state == "no-second-factor":
        rows = rows.filter(has_second_factor=False, is_active=True)
    return rows


@administrators_only("create")
def account_new(request: HttpRequest) -> HttpResponse:
    actor = current_actor()
    form = AccountForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            user, password = admin.create_account(actor=actor, **form.cleaned_data)
        except SenError as error:
            _show(form, error)
        else:
            return _secret_page(request, user, _("Đã tạo tài khoản."), password)
    return render(request, "account/admin/form.html", {"form": form, "title": _("Tạo tài khoản")})


@administrators_only()
def account_page(request: HttpRequest, user_id: int) -> HttpResponse:
    actor = current_actor()
    user = admin.administered_account(actor, user_id)
    may_change = _may(user, "change")
    entries = AuditEntry.objects.filter(
        resource="kernel_access.user", object_id=str(user.pk)
    ).order_by("-id")[:SHOWN_ENTRIES]
    context = {
        "user": user,
        "facts": _facts(user),
        "grants": Grant.objects.filter(user=user).select_related("role", "organisation", "area"),
        "factors": Authenticator.objects.filter(user=user).order_by("pk"),
        "sessions": UserSession.objects.filter(user=user).order_by("-created_at"),
        "tokens": ApiToken.objects.filter(user=user).order_by("-pk")[:20],
        "device_keys": DeviceCredential.objects.filter(device=user).order_by("-pk")[:20],
        "subjects": SocialAccount.objects.filter(user=user),
        "history": [
            {
                "title": act_text(entry.act),
                "at": entry.at,
                "who": entry.actor_name,
                "text": entry.reason,
            }
            for entry in entries
        ],
        "may_change": may_change,
        "may_grant": _may(user, "grant"),
        "may_personal": _may(user, "personal"),
        "grant_form": GrantForm(actor=actor),
        "reason_form": ReasonForm(auto_id="lock_%s", label=_("Lý do khóa")),
        "factor_form": ReasonForm(
            auto_id="factor_%s", label=_("Đã xác minh người dùng bằng cách nào")
        ),
        "read_form": ReasonForm(auto_id="read_%s", label=_("Lý do xem")),
        "national_id_form": NationalIdForm(),
        "subject_form": SubjectForm(),
        "token_form": TokenForm(user=user) if user.kind == User.Kind.SERVICE else None,
    }
    return render(request, "account/admin/detail.html", context)


def _may(user: User, act: str) -> bool:
    actor = current_actor()
    return actor.id != user.pk and admin.administered(actor, act).filter(pk=user.pk).exists()


def _moment(when: datetime | None) -> str:
    return date_format(localtime(when), "H:i d/m/Y") if when else ""


def _facts(user: User) -> list[tuple[str, Any]]:
    return [
        (_("Tên đăng nhập"), user.username),
        (_("Loại tài khoản"), user.get_kind_display()),
        (_("Đơn vị"), user.organisation),
        (_("Thư điện tử"), user.email),
        (_("Trạng thái"), _("Đang hoạt động") if user.is_active else _("Bị khóa")),
        (_("Lý do khóa"), user.locked_reason),
        (_("Đăng nhập lần cuối"), _moment(user.last_login)),
        (_("Đổi mật khẩu lần cuối"), _moment(user.password_changed_at)),
        (_("Số định danh cá nhân"), _("Có, được mã hóa") if user.national_id else ""),
    ]


@administrators_only("change")
def account_edit(request: HttpRequest, user_id: int) -> HttpResponseBase:
    actor = current_actor()
    user = admin.administered_account(actor, user_id, "change")
    start = {"full_name": user.full_name, "email": user.email, "organisation": user.organisation}
    form = AccountForm(request.POST or None, actor=actor, changing=True, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            admin.change_account(actor=actor, user=user, **form.cleaned_data)
        except SenError as error:
            _show(form, error)
        else:
            messages.success(request, _("Đã lưu."))
            return redirect("admin_account", user_id=user.pk)
    return render(request, "account/admin/form.html", {"form": form, "title": user.full_name})


def _act(request: HttpRequest, user: User, act: str) -> str:
    """Do what a button of the page asks for; returns a secret to show once, or nothing."""
    actor, post = current_actor(), request.POST
    reason = post.get("reason", "")
    simple: dict[str, Callable[[], object]] = {
        "khoa": lambda: admin.lock_account(actor=actor, user=user, reason=reason),
        "mo-khoa": lambda: admin.unlock_account(actor=actor, user=user),
        "dat-lai-lop-hai": lambda: admin.reset_second_factor(actor=actor, user=user, reason=reason),
        "ket-thuc-phien": lambda: admin.end_sessions(actor=actor, user=user),
        "thu-hoi-vai-tro": lambda: admin.take_role(
            actor=actor, user=user, grant_id=_number(post.get("grant"))
        ),
        "dinh-danh": lambda: admin.register_subject(
            actor=actor,
            user=user,
            provider=post.get("provider", ""),
            subject=post.get("subject", ""),
        ),
        "so-dinh-danh": lambda: admin.set_national_id(
            actor=actor, user=user, national_id=post.get("national_id", "")
        ),
        "thu-hoi-khoa": lambda: admin.revoke_key(
            actor=actor, user=user, token_id=_number(post.get("token"))
        ),
        "thu-hoi-khoa-thiet-bi": lambda: admin.revoke_device_key(
            actor=actor, user=user, key_id=post.get("key", "")
        ),
    }
    shown: dict[str, Callable[[], str]] = {
        "dat-lai-mat-khau": lambda: admin.reset_password(actor=actor, user=user),
        "xem-so-dinh-danh": lambda: admin.read_national_id(actor=actor, user=user, reason=reason),
        "cap-khoa-thiet-bi": lambda: admin.give_device_key(actor=actor, user=user),
    }
    if act in shown:
        return shown[act]()
    if act not in simple:
        raise NotFoundError(_("thao tác"), act)
    simple[act]()
    return ""


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


@require_POST
@administrators_only()
def account_act(request: HttpRequest, user_id: int, act: str) -> HttpResponseBase:
    user = admin.administered_account(current_actor(), user_id)
    try:
        secret = _act(request, user, act)
    except PermissionDeniedError:
        raise
    except SenError as error:
        messages.error(request, str(error))
        return redirect("admin_account", user_id=user.pk)
    if secret:
        return _secret_page(request, user, _("Đã thực hiện."), secret)
    messages.success(request, _("Đã thực hiện."))
    return redirect("admin_account", user_id=user.pk)


@require_POST
@administrators_only("grant")
def account_grant(request: HttpRequest, user_id: int) -> HttpResponseBase:
    actor = current_actor()
    user = admin.administered_account(actor, user_id, "grant")
    form = GrantForm(request.POST, actor=actor)

    def run(data: dict[str, Any]) -> str:
        admin.give_role(actor=actor, user=user, **data)
        return ""

    return _by_form(request, user, form, run)


@require_POST
@administrators_only("change")
def account_token(request: HttpRequest, user_id: int) -> HttpResponseBase:
    """A key for the account of a program."""
    actor = current_actor()
    user = admin.administered_account(actor, user_id, "change")
    form = TokenForm(request.POST, user=user)
    return _by_form(
        request,
        user,
        form,
        lambda _data: admin.give_key(actor=actor, user=user, **form.arguments()),
    )


def _by_form(
    request: HttpRequest, user: User, form: forms.Form, run: Callable[[dict[str, Any]], str]
) -> HttpResponseBase:
    secret = ""
    if form.is_valid():
        try:
            secret = run(form.cleaned_data)
        except PermissionDeniedError:
            raise
        except SenError as error:
            _show(form, error)
    if form.errors:
        return render(request, "account/admin/form.html", {"form": form, "title": user.full_name})
    if secret:
        return _secret_page(request, user, _("Đã tạo khóa."), secret)
    messages.success(request, _("Đã thực hiện."))
    return redirect("admin_account", user_id=user.pk)


def _show(form: forms.Form, error: SenError) -> None:
    """Put the errors of a use case beside the fields that caused them."""
    for name, texts in (error.fields or {"": [str(error)]}).items():
        form.add_error(name if name in form.fields else None, list(texts))


def _secret_page(request: HttpRequest, user: User, title: str, secret: str) -> HttpResponse:
    return render(
        request, "account/admin/secret.html", {"user": user, "title": title, "secret": secret}
    )
