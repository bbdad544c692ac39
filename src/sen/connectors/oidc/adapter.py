"""From a person whom a provider vouches for to an account."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from sen.connectors.oidc.config import Provider
from sen.connectors.oidc.provider import description_of
from sen.kernel.access.accounts.citizens import Citizen, fill_citizen, find_citizen
from sen.kernel.access.accounts.log import REFUSED, SIGN_IN, note
from sen.kernel.access.models import User


class OidcAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        described = description_of(sociallogin.account.provider)
        if sociallogin.state.get("process") == "connect":
            self._refuse(request, described, "connect", _("Không tự liên kết tài khoản được."))
        if sociallogin.is_existing:
            return
        if described.audience == "OFFICIAL":
            self._refuse(
                request,
                described,
                "unregistered",
                _(
                    "Bạn chưa được đăng ký trên Sen. Hãy gửi mã “%(subject)s” cho quản trị hệ "
                    "thống của đơn vị để được đăng ký."
                )
                % {"subject": sociallogin.account.uid},
            )
        person = _citizen(described, sociallogin.claims)
        if described.national_id_claim and not person.national_id:
            self._refuse(
                request,
                described,
                "no-national-id",
                _("Nơi cấp định danh không gửi số định danh cá nhân, nên chưa lập được tài khoản."),
            )
        known = find_citizen(national_id=person.national_id)
        if known is not None:
            sociallogin.connect(request, known)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return description_of(sociallogin.account.provider).audience == "CITIZEN"

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Nothing is taken before it is known whose account it is."""
        user = sociallogin.user
        assert isinstance(user, User)
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        described = description_of(sociallogin.account.provider)
        user = sociallogin.user
        assert isinstance(user, User)
        fill_citizen(user=user, person=_citizen(described, sociallogin.claims))
        sociallogin.save(request)
        note(request, act="accounts.citizen.registered", kind=SIGN_IN, user=user, by=described.id)
        return user

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """No mail; the audit log has it."""

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        name = getattr(getattr(provider, "app", None), "provider_id", "")
        note(
            request,
            act="accounts.sign-in.oidc-failed",
            kind=REFUSED,
            label=str(name),
            error=str(exception or error or "")[:300],
        )

    def _refuse(self, request: HttpRequest, described: Provider, why: str, message: str) -> None:
        note(
            request,
            act="accounts.sign-in.oidc-refused",
            kind=REFUSED,
            label=described.id,
            why=why,
        )
        response = render(
            request, "socialaccount/authentication_error.html", {"oidc_message": message}
        )
        response.status_code = 403
        raise ImmediateHttpResponse(response)


def _citizen(described: Provider, claims: dict[str, Any]) -> Citizen:
    def claim(name: str) -> str:
        return str(claims.get(name) or "").strip() if name else ""

    verified = bool(claims.get("email_verified"))
    return Citizen(
        full_name=claim(described.name_claim),
        national_id=claim(described.national_id_claim),
        email=claim(described.email_claim) if verified else "",
    )
