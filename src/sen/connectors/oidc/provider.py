"""The OpenID Connect client: what allauth's leaves to the operator is strict here.

The ID token's signature, algorithm, issuer, audience, nonce and level of assurance are always
checked; the parameters of a sign-in come from the configuration alone; of the claims nothing is
stored, since they hold personal data.

Source: OpenID Connect Core 1.0, section 3.1.3.7; OWASP ASVS 5.0 V6.8 and V10.5.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from allauth.core.internal.deferred import jwt
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from sen.connectors.oidc.config import Provider
from sen.kernel.access import crypto

#: Nonces of sign-ins that this session began; a few, for several tabs.
NONCES: Final = "sen_oidc_nonces"
MOST_NONCES: Final = 5


def description_of(provider_id: str) -> Provider:
    """The configured provider of an id.

    Raises:
        LookupError: no such provider.
    """
    for provider in settings.SEN_OIDC_PROVIDERS:
        if isinstance(provider, Provider) and provider.id == provider_id:
            return provider
    raise LookupError(f"no identity provider {provider_id!r}")


class OidcClient(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Talks to one provider: discovery, code exchange, ID token."""

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        path = reverse("openid_connect_callback", kwargs={"provider_id": self.provider_id})
        return request.build_absolute_uri(path)

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        encoded = kwargs["response"].get("id_token")
        if not encoded:
            raise OAuth2Error("the provider sent no ID token")
        claims = self._checked(request, app, encoded)
        described = description_of(self.provider_id)
        if described.fetches_userinfo:
            more = self._fetch_user_info(token.token)
            if more.get("sub") != claims.get("sub"):
                raise OAuth2Error("userinfo speaks of another subject than the ID token")
            claims = {**more, **claims}
        login = self.get_provider().sociallogin_from_response(request, {"id_token": claims})
        login.claims = claims
        return login

    def _checked(self, request: HttpRequest, app: SocialApp, encoded: str) -> dict[str, Any]:
        described = description_of(self.provider_id)
        try:
            algorithm = jwt.get_unverified_header(encoded).get("alg")
        except jwt.PyJWTError as error:
            raise OAuth2Error("malformed ID token") from error
        if algorithm not in described.algorithms:
            raise OAuth2Error(f"ID token is signed with {algorithm!r}")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=encoded,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
            verify_signature=True,
        )
        if self.openid_config["issuer"].rstrip("/") != described.issuer.rstrip("/"):
            raise OAuth2Error("the discovery document names another issuer")
        if not _take_nonce(request, str(claims.get("nonce", ""))):
            raise OAuth2Error("ID token was not made for this sign-in")
        if described.acr and claims.get("acr") not in described.acr:
            raise OAuth2Error(f"level of assurance {claims.get('acr')!r} is not enough")
        return claims


class OidcProvider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = OidcClient

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        """Only ours: allauth's lets a link add parameters."""
        nonce = secrets.token_urlsafe(24)
        known = request.session.get(NONCES, [])
        request.session[NONCES] = [*known, nonce][-MOST_NONCES:]
        described = description_of(self.app.provider_id)
        params = {"nonce": nonce}
        if described.acr:
            params["acr_values"] = " ".join(described.acr)
        return params

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return list(self.get_scope())

    def extract_uid(self, data: dict[str, Any]) -> str:
        """A citizen's subject may be the national number itself: it is stored as a blind index."""
        subject = str(super().extract_uid(data))
        if description_of(self.app.provider_id).audience == "CITIZEN":
            return crypto.blind_index(subject, context=f"oidc.{self.app.provider_id}")
        return subject

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        claims = data["id_token"]
        return {key: claims[key] for key in ("acr", "amr", "auth_time") if key in claims}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """None: an account's mail address is not a key that a provider may turn."""
        return []

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}


def _take_nonce(request: HttpRequest, nonce: str) -> bool:
    known: list[str] = request.session.get(NONCES, [])
    if not any(constant_time_compare(nonce, one) for one in known):
        return False
    request.session[NONCES] = [one for one in known if one != nonce]
    return True
