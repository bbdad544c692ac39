"""Pages of one's own account: overview, security, sessions, keys for programs."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sen.kernel.access.accounts import sessions, tokens
from sen.kernel.access.accounts.admin_forms import TokenForm
from sen.kernel.access.accounts.log import SIGN_IN, note
from sen.kernel.access.accounts.pages import confirmed, page, signed_in
from sen.kernel.access.accounts.words import browser_text
from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import ApiToken, Grant, User
from sen.kernel.errors import InvalidInputError, NotFoundError


def user_of(request: HttpRequest) -> User:
    """The signed-in person of a page that asked for one."""
    user = request.user
    assert isinstance(user, User)
    return user


@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    grants = Grant.objects.filter(user=user).select_related("role", "organisation", "area")
    facts = [
        (_("Tên đăng nhập"), user.username),
        (_("Họ và tên"), user.full_name),
        (_("Thư điện tử"), user.email),
        (_("Loại tài khoản"), user.get_kind_display()),
        (_("Đơn vị"), user.organisation),
    ]
    return render(request, "account/overview.html", {"facts": facts, "grants": grants})


@signed_in
def security(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    held: dict[str, list[Authenticator]] = {}
    for one in Authenticator.objects.filter(user=user).order_by("created_at"):
        held.setdefault(one.type, []).append(one)
    codes = held.get(Authenticator.Type.RECOVERY_CODES)
    actor = actor_for(user)
    context = {
        "totp": held.get(Authenticator.Type.TOTP, [None])[0],
        "passkeys": [one.wrap() for one in held.get(Authenticator.Type.WEBAUTHN, [])],
        "codes_left": len(RecoveryCodes(codes[0]).get_unused_codes()) if codes else None,
        "must_have_second_factor": settings.SEN_REQUIRE_MFA and actor.needs_mfa,
        "second_factor_missing": getattr(request, "second_factor_missing", False),
        "has_password": user.has_usable_password(),
        "password_is_due": getattr(request, "password_is_due", False),
        "session_count": UserSession.objects.filter(user=user).count(),
        "token_count": ApiToken.objects.filter(user=user, revoked_at=None).count(),
    }
    return render(request, "account/security.html", context)


@signed_in
def session_list(request: HttpRequest) -> HttpResponse:
    listed = UserSession.objects.purge_and_list(user_of(request))
    listed.sort(key=lambda one: (not one.is_current(), -one.created_at.timestamp()))
    shown = [{"session": one, "browser": browser_text(one.user_agent)} for one in listed]
    return render(request, "account/sessions.html", {"sessions": shown})


@require_POST
@signed_in
def session_end(request: HttpRequest) -> HttpResponseBase:
    """End one other session, or all others."""
    user = user_of(request)
    others = UserSession.objects.filter(user=user).exclude(
        session_key=request.session.session_key or ""
    )
    one = request.POST.get("session", "")
    chosen = list(others.filter(pk=int(one)) if one.isdigit() else others)
    for other in chosen:
        other.end()
    note(request, act="accounts.session.ended", kind=SIGN_IN, user=user, count=len(chosen))
    messages.success(request, _("Đã kết thúc %(count)d phiên làm việc.") % {"count": len(chosen)})
    return redirect("usersessions_list")


@page
def session_left(request: HttpRequest) -> HttpResponseBase:
    """Seconds until this session ends; a POST is a sign of life."""
    user = request.user
    if not isinstance(user, User):
        return JsonResponse({"seconds": 0})
    if request.method == "POST":
        request.session[sessions.SEEN] = int(timezone.now().timestamp())
    left = sessions.seconds_left(request, user)
    return JsonResponse({"seconds": left, "warn_at": settings.SEN_SESSION_WARNING_S})


@confirmed
def token_list(request: HttpRequest) -> HttpResponse:
    """Keys for programs; making one shows it once, on this page only."""
    user = user_of(request)
    form = TokenForm(request.POST or None, user=user)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            _token, secret = tokens.create_api_token(
                actor=actor_for(user), user=user, **form.arguments()
            )
            form = TokenForm(user=user)
        except InvalidInputError as error:
            for name, texts in error.fields.items():
                form.add_error(name if name in form.fields else None, texts)
    listed = ApiToken.objects.filter(user=user).order_by("-pk")[:50]
    context = {"form": form, "secret": secret, "tokens": listed, "now": timezone.now()}
    return render(request, "account/tokens.html", context)


@require_POST
@signed_in
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponseBase:
    user = user_of(request)
    try:
        tokens.revoke_api_token(actor=actor_for(user), user=user, token_id=token_id)
    except NotFoundError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đã thu hồi khóa. Chương trình dùng khóa này bị từ chối ngay."))
    return redirect("account_tokens")
