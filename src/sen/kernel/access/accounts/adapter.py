"""Our ways in allauth's flows: brake, session rules, audit, Vietnamese texts, encrypted secrets."""

from __future__ import annotations

import io
import time
from typing import Any, Final

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.access import crypto
from sen.kernel.access.accounts import passwords, sessions, throttle
from sen.kernel.access.accounts.addresses import client_ip
from sen.kernel.access.accounts.log import REFUSED, SIGN_IN, note
from sen.kernel.access.accounts.state import is_usable
from sen.kernel.access.accounts.upkeep import lock_if_idle
from sen.kernel.access.models import User

#: What allauth would send a mail about, as acts of the audit log.
ACTS: Final = {
    "account/email/password_changed": "accounts.password.changed",
    "account/email/password_set": "accounts.password.set",
    "account/email/password_reset": "accounts.password.reset",
    "mfa/email/totp_activated": "accounts.second-factor.totp-added",
    "mfa/email/totp_deactivated": "accounts.second-factor.totp-removed",
    "mfa/email/webauthn_added": "accounts.second-factor.passkey-added",
    "mfa/email/webauthn_removed": "accounts.second-factor.passkey-removed",
    "mfa/email/recovery_codes_generated": "accounts.second-factor.recovery-codes-made",
}
_ADDED: Final = {"mfa/email/totp_activated": "totp", "mfa/email/webauthn_added": "webauthn"}
_REMOVED: Final = {"mfa/email/totp_deactivated", "mfa/email/webauthn_removed"}
_WRONG: Final = gettext_lazy(
    "Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra phím Caps Lock và bộ gõ tiếng Việt."
)
_BLOCKED: Final = gettext_lazy(
    "Nhập sai quá nhiều lần. Hãy thử lại sau %(minutes)d phút, hoặc nhờ quản trị hệ thống của "
    "đơn vị đặt lại mật khẩu."
)


def refuse_blocked(blocked: throttle.Blocked) -> ValidationError:
    """The message of an attempt that was not looked at."""
    return ValidationError(_BLOCKED, code="blocked", params={"minutes": blocked.minutes})


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
        "invalid_login": _WRONG,
        "too_many_login_attempts": gettext_lazy("Nhập sai quá nhiều lần. Hãy thử lại sau."),
        "enter_current_password": gettext_lazy("Mật khẩu hiện tại không đúng."),
        "incorrect_password": gettext_lazy("Mật khẩu không đúng."),
        "incorrect_code": gettext_lazy("Mã không đúng hoặc đã hết hạn. Hãy nhập mã mới."),
        "rate_limited": gettext_lazy("Thử quá nhiều lần. Hãy đợi một lát rồi thử lại."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are created by administrators; citizens come through the national identity."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request) or "0.0.0.0"  # noqa: S104  an unknown address, nothing listens

    def add_message(
        self, request: HttpRequest, level: int, *args: Any, message: Any = None, **kwargs: Any
    ) -> None:
        """Our pages say what was done themselves; only a refused passkey is told this way."""
        if level == messages.ERROR and message is not None:
            messages.error(
                request, _("Khóa bảo mật không đúng hoặc không còn gắn với tài khoản nào.")
            )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        user = request.user
        is_citizen = isinstance(user, User) and user.kind == User.Kind.CITIZEN
        return "/" if is_citizen else str(settings.LOGIN_REDIRECT_URL)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever signed in a few minutes ago is not asked again."""
        records = get_authentication_records(context.request, context.request.user)
        latest = max((float(record.get("at", 0)) for record in records), default=0.0)
        return time.time() - latest > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        ip, account = _keys(request, credentials)
        throttle.wait_for_turn(account)
        try:
            throttle.guard(ip)
            throttle.guard(account)
        except throttle.Blocked as blocked:
            raise refuse_blocked(blocked) from blocked

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            throttle.clear(_keys(request, credentials)[1])
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        ip, account = _keys(request, credentials)
        throttle.count_failure(ip, throttle.ADDRESS)
        delay_s = throttle.count_failure(account, throttle.ACCOUNT)
        name = _typed_name(credentials)
        known = find_account(name)
        note(
            request,
            act="accounts.sign-in.locked" if delay_s else "accounts.sign-in.failed",
            kind=REFUSED,
            user=known,
            label=known.username if known else _("tên không có trong hệ thống"),
            wait_s=delay_s,
        )

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        lock_if_idle(user=user)
        if not is_usable(user):
            note(request, act="accounts.sign-in.inactive", kind=REFUSED, user=user)
            clear_login(request)
            refusal: HttpResponse = self.respond_user_inactive(request, user)
            return refusal
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        sessions.begin(request, user)
        records = request.session.get("account_authentication_methods", [])
        methods = [record.get("type") or record.get("method") for record in records]
        note(request, act="accounts.sign-in", kind=SIGN_IN, user=user, methods=methods)
        return response

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            note(request, act="accounts.sign-out", kind=SIGN_IN, user=request.user)
        super().logout(request)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: Any = None, email: Any = None
    ) -> None:
        """Allauth reports every change of a credential here; it goes to the audit log."""
        act = ACTS.get(template_prefix)
        if act is None:
            return
        note(self.request, act=act, kind=SIGN_IN, user=user)
        if template_prefix in _ADDED:
            # Whoever has just set it up has shown that they hold it.
            record_authentication(self.request, user, method="mfa", type=_ADDED[template_prefix])
        if template_prefix in _REMOVED:
            ask_for_longer_password(user)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("Mã không đúng hoặc đã hết hạn. Hãy nhập mã mới."),
        "cannot_delete_authenticator": gettext_lazy("Không tắt được xác thực hai lớp."),
    }

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text, context="mfa")

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text, context="mfa")

    def get_totp_issuer(self) -> str:
        return "Sen"

    def get_totp_label(self, user: User) -> str:
        return user.username

    def build_totp_svg(self, url: str) -> str:
        drawing = io.BytesIO()
        code = segno.make(url, error="m")
        code.save(drawing, kind="svg", scale=5, border=3, light="white", xmldecl=False)
        return drawing.getvalue().decode()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Khóa bảo mật %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        host = settings.SEN_WEBAUTHN_RP_ID or context.request.get_host().partition(":")[0]
        return {"id": host, "name": "Sen"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"name": user.username, "display_name": user.full_name}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return True


def find_account(typed: str) -> User | None:
    """The account that a typed name means: its user name, or its only mail address."""
    name = typed.strip()
    found = list(User.objects.filter(Q(username=name.lower()) | Q(email__iexact=name))[:2])
    if not name or not found:
        return None
    exact = [user for user in found if user.username == name.lower()]
    return exact[0] if exact else found[0] if len(found) == 1 else None


def ask_for_longer_password(user: User) -> None:
    """A short password was allowed beside a second factor; without it, it is not enough."""
    if not passwords.has_second_factor(user) and not user.password_is_long:
        User.objects.filter(pk=user.pk).update(must_change_password=True)


def _typed_name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "")


def _keys(request: HttpRequest, credentials: dict[str, Any]) -> tuple[str, str]:
    """Keys of the address and of the account; both names of an account share one counter."""
    name = _typed_name(credentials)
    user = find_account(name)
    account = throttle.user_key(user.pk) if user else throttle.account_key(name)
    return throttle.address_key(client_ip(request)), account
