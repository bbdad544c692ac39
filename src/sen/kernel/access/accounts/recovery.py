"""A forgotten password: a link by mail, good once and for half an hour.

Whether an account exists is not told: page, answer and work of the request are the same for every
name, and the mail is written by a job. The second factor is not touched: the new password alone
opens nothing where a second factor is set up.

Source: OWASP ASVS 5.0, 6.3.8, 6.4.3, 6.5.
"""

from __future__ import annotations

from typing import Any, Final

from allauth.account.forms import ResetPasswordKeyForm, UserTokenForm
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.access.accounts import throttle
from sen.kernel.access.accounts.adapter import find_account, refuse_blocked
from sen.kernel.access.accounts.addresses import client_ip
from sen.kernel.access.accounts.forms import dress, password_help
from sen.kernel.access.accounts.jobs import send_reset_link
from sen.kernel.access.accounts.log import note
from sen.kernel.access.accounts.state import may_reset_password
from sen.kernel.access.models import User
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.audit.models import AuditEntry
from sen.kernel.jobs.services import enqueue

#: Mails to one account, and requests from one address, before the waiting begins.
_ACCOUNT: Final = throttle.Brake(free=3, first_s=900, longest_s=7200)
_ADDRESS: Final = throttle.Brake(free=20, first_s=300, longest_s=3600, forget_h=1)


class ForgottenPasswordForm(forms.Form):
    login = forms.CharField(
        label=gettext_lazy("Tên đăng nhập hoặc thư điện tử"),
        max_length=254,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


class NewPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, password1=_("Mật khẩu mới"), password2=_("Nhập lại mật khẩu mới"))
        self.fields["password1"].help_text = password_help(self.user)

    def save(self) -> None:
        """Whoever reads the account's mail need not wait for guesses that others made."""
        super().save()
        throttle.clear(throttle.user_key(self.user.pk))
        throttle.clear(_key(self.user))


class ResetLinkForm(UserTokenForm):  # type: ignore[misc]
    def _get_user(self, uidb36: str) -> User | None:
        """Nobody for an account that was locked after the link was sent."""
        user = super()._get_user(uidb36)
        return user if isinstance(user, User) and may_reset_password(user) else None


def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the link; the answer is the same whether the account exists or not."""
    form = ForgottenPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["login"]
        try:
            _queue_link(request, typed)
        except throttle.Blocked as blocked:
            form.add_error(None, refuse_blocked(blocked))
        else:
            return redirect("account_reset_password_done")
    context = {"form": form, "mail_leaves": settings.SEN_MAIL_LEAVES}
    return render(request, "account/password_reset.html", context)


def _queue_link(request: HttpRequest, typed: str) -> None:
    """Count, note and queue.

    Raises:
        Blocked: too many requests from this address.
    """
    address = throttle.address_key("reset:" + client_ip(request))
    throttle.guard(address)
    throttle.count_failure(address, _ADDRESS)
    user = find_account(typed)
    key = _key(user) if user else "reset:" + throttle.account_key(typed)
    throttle.wait_for_turn(key)
    try:
        throttle.guard(key)
    except throttle.Blocked:
        return  # enough links are under way; saying so would tell that there is an account
    throttle.count_failure(key, _ACCOUNT)
    label = user.username if user else _("tên không có trong hệ thống")
    act, kind = "accounts.password.reset-asked", AuditEntry.Kind.SYSTEM
    note(request, act=act, kind=kind, user=user, label=label)
    enqueue(
        send_reset_link,
        actor=ANONYMOUS,
        user_id=user.pk if user else 0,
        base_url=request.build_absolute_uri("/").rstrip("/"),
    )


def _key(user: User) -> str:
    return f"reset:{user.pk}"
