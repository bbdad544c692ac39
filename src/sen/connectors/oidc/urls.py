"""Addresses of signing in through a provider."""

from __future__ import annotations

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_GET, require_POST

from sen.connectors.oidc.provider import OidcClient
from sen.kernel.access.accounts.pages import page


@require_POST
@page
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Begin a sign-in.

    The way out is a page and not a redirect: ``form-action 'self'`` of our content security
    policy holds for redirects of a posted form as well.
    """
    try:
        response: HttpResponseBase = OAuth2LoginView.adapter_view(OidcClient(request, provider_id))(
            request
        )
    except (SocialApp.DoesNotExist, LookupError) as error:
        raise Http404 from error
    target = response.headers.get("Location", "")
    if response.status_code == 302 and target.startswith(("https://", "http://")):
        return render(request, "socialaccount/leaving.html", {"target": target})
    return response


@require_GET
@page
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    try:
        response: HttpResponseBase = OAuth2CallbackView.adapter_view(
            OidcClient(request, provider_id)
        )(request)
    except (SocialApp.DoesNotExist, LookupError) as error:
        raise Http404 from error
    return response


urlpatterns: list[URLPattern | URLResolver] = [
    path("tai-khoan/lien-ket/<slug:provider_id>/", login, name="openid_connect_login"),
    path(
        "tai-khoan/lien-ket/<slug:provider_id>/tra-loi/", callback, name="openid_connect_callback"
    ),
]
