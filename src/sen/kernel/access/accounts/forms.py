"""Forms of the account pages: allauth's, with our labels and the brake on guessing codes."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm as BaseChangePasswordForm
from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.account.forms import ReauthenticateForm as BaseReauthenticateForm
from allauth.account.forms import SetPasswordForm as BaseSetPasswordForm
from allauth.core import context
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.accounts import throttle
from sen.kernel.access.accounts.adapter import refuse_blocked
from sen.kernel.access.accounts.log import REFUSED, note
from sen.kernel.access.accounts.passwords import needed_length
from sen.kernel.access.models import User

_CODE_ATTRS = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}


def dress(form: forms.Form, **labels: Any) -> None:
    """Set labels and drop allauth's placeholders: a placeholder is no label."""
    for name, label in labels.items():
        if name in form.fields:
            form.fields[name].label = label
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


class LoginForm(BaseLoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, login=_("Tên đăng nhập hoặc thư điện tử"), password=_("Mật khẩu"))
        self.fields["login"].widget.attrs |= {
            "autocomplete": "username webauthn",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        }
        self.fields["password"].help_text = ""


class ConfirmPasswordForm(BaseReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, password=_("Mật khẩu hiện tại"))
        self.fields["password"].help_text = ""


class ChangePasswordForm(BaseChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(
            self,
            oldpassword=_("Mật khẩu hiện tại"),
            password1=_("Mật khẩu mới"),
            password2=_("Nhập lại mật khẩu mới"),
        )
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].help_text = password_help(self.user)

    def clean_oldpassword(self) -> str:
        """Guessing the present password on an unguarded screen is braked too."""
        key = throttle.user_key(self.user.pk)
        throttle.wait_for_turn(key)
        try:
            throttle.guard(key)
        except throttle.Blocked as blocked:
            raise refuse_blocked(blocked) from blocked
        try:
            password: str = super().clean_oldpassword()
        except ValidationError:
            throttle.count_failure(key, throttle.ACCOUNT)
            note(context.request, act="accounts.password.refused", kind=REFUSED, user=self.user)
            raise
        throttle.clear(key)
        return password


class SetPasswordForm(BaseSetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, password1=_("Mật khẩu mới"), password2=_("Nhập lại mật khẩu mới"))
        self.fields["password1"].help_text = password_help(self.user)


def password_help(user: User) -> str:
    return _(
        "Ít nhất %(length)d ký tự, không trùng với 10 mật khẩu gần nhất. Vài từ không liên quan "
        "với nhau dễ nhớ và khó đoán hơn một từ có ký tự lạ."
    ) % {"length": needed_length(user)}


class _BrakedCode(forms.Form):
    """A code of six digits has a million values: five failures, then the brake."""

    user: User

    def clean_code(self) -> str:
        key = throttle.second_factor_key(self.user.pk)
        throttle.wait_for_turn(key)
        try:
            throttle.guard(key)
        except throttle.Blocked as blocked:
            raise refuse_blocked(blocked) from blocked
        try:
            code = self._checked()
        except ValidationError:
            wait_s = throttle.count_failure(key, throttle.SECOND_FACTOR)
            act = "accounts.second-factor.locked" if wait_s else "accounts.second-factor.failed"
            note(context.request, act=act, kind=REFUSED, user=self.user, wait_s=wait_s)
            raise
        throttle.clear(key)
        return code

    def _checked(self) -> str:
        """A right code that was not used yet, in whatever process it is shown again."""
        typed = "".join(c for c in self.cleaned_data["code"] if c.isalnum())[:40]
        spent = f"spent:{self.user.pk}:{typed}"
        window_s = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 2)
        if not throttle.is_spent(spent):
            code: str = super().clean_code()  # type: ignore[misc]
            if throttle.spend(spent, seconds=window_s):
                return code
        raise ValidationError(
            _("Mã này vừa được dùng. Hãy đợi mã tiếp theo trong ứng dụng."), code="spent"
        )


class CodeForm(_BrakedCode, AuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, code=_("Mã trong ứng dụng xác thực, hoặc mã dự phòng"))
        self.fields["code"].widget.attrs |= _CODE_ATTRS


class ConfirmCodeForm(_BrakedCode, ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, code=_("Mã trong ứng dụng xác thực, hoặc mã dự phòng"))
        self.fields["code"].widget.attrs |= _CODE_ATTRS


class ActivateCodeForm(_BrakedCode, ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self, code=_("Mã sáu chữ số hiện trong ứng dụng"))
        self.fields["code"].widget.attrs |= _CODE_ATTRS


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(
            self, name=_("Tên gợi nhớ"), passwordless=_("Dùng khóa này để đăng nhập thay mật khẩu")
        )
        self.fields["passwordless"].help_text = _(
            "Khóa phải tự kiểm tra người dùng bằng vân tay, khuôn mặt hoặc mã PIN."
        )


class _LoggedPasskey(forms.Form):
    """A key cannot be guessed, so nothing is braked; a refusal is logged."""

    user: User | None

    def clean_credential(self) -> Authenticator:
        try:
            used: Authenticator = super().clean_credential()  # type: ignore[misc]
        except ValidationError:
            act = "accounts.second-factor.passkey-refused"
            note(context.request, act=act, kind=REFUSED, user=self.user)
            raise
        return used


class PasskeyForm(_LoggedPasskey, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class LoginPasskeyForm(_LoggedPasskey, LoginWebAuthnForm):  # type: ignore[misc]
    pass


class ConfirmPasskeyForm(_LoggedPasskey, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass
