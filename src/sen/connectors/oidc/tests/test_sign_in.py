"""The whole dance against a provider that speaks real HTTP, and one that lies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from sen.connectors.oidc.config import Provider
from sen.kernel.access.accounts.citizens import index_of
from sen.kernel.access.models import User
from sen.kernel.audit.models import AuditEntry
from sen.kernel.testing.accounts import MakeAccount
from sen.kernel.testing.oidc_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OidcServer,
    running_provider,
)

NUMBER = "087090001234"


@pytest.fixture
def provider() -> Iterator[OidcServer]:
    with running_provider() as running:
        running.person = {"sub": "abc", "name": "Lê Thị Sen", "so_dinh_danh": NUMBER}
        yield running


def configure(settings: Any, server: OidcServer, **changes: Any) -> None:
    values: dict[str, Any] = {
        "id": "vneid",
        "name": "VNeID",
        "issuer": server.issuer,
        "client_id": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "audience": "CITIZEN",
        "national_id_claim": "so_dinh_danh",
    }
    described = Provider(**(values | changes))
    settings.SEN_OIDC_PROVIDERS = (described,)
    settings.SEN_OIDC_STRONG = [described.id] if described.is_strong else []
    base = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": base | {"APPS": [described.as_app()]}}


def target_of(page: str) -> str:
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page)
    assert found is not None, page
    return unescape(found[1])


def leave(client: Client, start: str = "/tai-khoan/lien-ket/vneid/") -> str:
    """Begin a sign-in; gives the address of the provider."""
    return target_of(client.post(start).content.decode())


def dance(client: Client) -> Any:
    """Sign in; gives the answer to the provider's redirect back."""
    back = requests.get(leave(client), allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


@pytest.mark.django_db
def test_a_new_person_becomes_a_citizen_and_is_known_the_next_time(
    settings: Any, provider: OidcServer
) -> None:
    configure(settings, provider)
    for _time in range(2):
        client = Client()
        assert dance(client).headers["Location"] == "/"
        assert client.get("/tai-khoan/").status_code == 200
    user = User.objects.get()
    assert (user.kind, user.full_name, user.national_id) == ("CITIZEN", "Lê Thị Sen", NUMBER)
    assert not user.has_usable_password()
    account = SocialAccount.objects.get()
    assert NUMBER not in f"{account.uid} {account.extra_data}"
    assert "abc" not in account.uid
    acts = list(AuditEntry.objects.order_by("id").values_list("act", flat=True))
    assert acts == ["accounts.citizen.registered", "accounts.sign-in", "accounts.sign-in"]


@pytest.mark.django_db
def test_the_request_has_pkce_state_nonce_and_no_foreign_parameters(
    settings: Any, provider: OidcServer
) -> None:
    configure(settings, provider, acr=("loa-2",))
    url = leave(Client(), "/tai-khoan/lien-ket/vneid/?scope=admin&auth_params=prompt%3Dnone")
    query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    assert query["code_challenge_method"] == "S256"
    assert len(query["state"]) >= 16
    assert len(query["nonce"]) >= 24
    assert set(query["scope"].split()) == {"openid", "profile"}
    assert query["acr_values"] == "loa-2"
    assert "prompt" not in query
    assert Client().get("/tai-khoan/lien-ket/vneid/").status_code == 405


@pytest.mark.django_db
def test_a_citizen_who_exists_is_found_by_the_national_number(
    settings: Any, provider: OidcServer, make_account: MakeAccount
) -> None:
    configure(settings, provider)
    number: dict[str, Any] = {"national_id": NUMBER, "national_id_index": index_of(NUMBER)}
    known = make_account(kind="CITIZEN", password=None, **number)
    official = make_account(kind="OFFICIAL", **number)
    client = Client()
    dance(client)
    assert client.session["_auth_user_id"] == str(known.pk)
    assert not SocialAccount.objects.filter(user=official).exists()


@pytest.mark.django_db
def test_an_official_gets_in_only_when_registered(
    settings: Any, provider: OidcServer, make_account: MakeAccount
) -> None:
    configure(settings, provider, audience="OFFICIAL", id="sso", national_id_claim="")
    official = make_account(email="sen@dongthap.gov.vn")
    provider.person = {"sub": "u-77", "email": "sen@dongthap.gov.vn", "email_verified": True}
    client = Client()
    start = "/tai-khoan/lien-ket/sso/"

    def go() -> Any:
        back = requests.get(leave(client, start), allow_redirects=False, timeout=5)
        parts = urlsplit(back.headers["Location"])
        return client.get(f"{parts.path}?{parts.query}")

    refused = go()
    assert refused.status_code == 403
    assert "u-77" in refused.content.decode()
    assert User.objects.count() == 1
    assert AuditEntry.objects.filter(act="accounts.sign-in.oidc-refused").count() == 1
    SocialAccount.objects.create(user=official, provider="sso", uid="u-77")
    assert go().headers["Location"] == "/ql/"
    assert client.session["_auth_user_id"] == str(official.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("is_strong", [True, False])
def test_a_strong_provider_counts_as_a_second_factor(
    settings: Any, provider: OidcServer, make_account: MakeAccount, is_strong: bool
) -> None:
    settings.SEN_REQUIRE_MFA = True
    configure(settings, provider, audience="OFFICIAL", is_strong=is_strong, national_id_claim="")
    official = make_account("assets.*.view", needs_mfa=True, password=None)
    SocialAccount.objects.create(user=official, provider="vneid", uid="abc")
    client = Client()
    dance(client)
    assert client.get("/ql/").status_code == (200 if is_strong else 302)


LIES: dict[str, dict[str, Any]] = {
    "other nonce": {"claims": {"nonce": "of-another-sign-in"}},
    "no nonce": {"claims": {"nonce": ""}},
    "other audience": {"claims": {"aud": "another-client"}},
    "other issuer in the token": {"claims": {"iss": "https://evil.example"}},
    "other issuer in discovery": {"issuer": "https://evil.example"},
    "expired": {"claims": {"exp": 1_600_000_000}},
    "signed by somebody else": {"key": rsa.generate_private_key(65537, 2048)},
    "not signed": {"key": None, "algorithm": "none"},
    "signed with a shared secret": {"key": CLIENT_SECRET * 2, "algorithm": "HS256"},
    "too weak": {"claims": {"acr": "loa-1"}},
    "refused": {"error": "server_error"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("lie", LIES, ids=list(LIES))
def test_a_provider_that_lies_lets_nobody_in(settings: Any, provider: OidcServer, lie: str) -> None:
    configure(settings, provider, acr=("loa-2",))
    provider.person["acr"] = "loa-2"
    provider.lies = LIES[lie]
    client = Client()
    response = dance(client)
    assert "_auth_user_id" not in client.session
    assert response.status_code in {200, 401}
    assert not User.objects.exists()
    assert AuditEntry.objects.get().act == "accounts.sign-in.oidc-failed"
    provider.lies = {}
    assert dance(Client()).headers["Location"] == "/"


@pytest.mark.django_db
def test_an_answer_cannot_be_used_in_another_browser_or_twice(
    settings: Any, provider: OidcServer
) -> None:
    configure(settings, provider)
    client = Client()
    back = requests.get(leave(client), allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    path = f"{parts.path}?{parts.query}"
    victim = Client()
    victim.get(path)
    assert "_auth_user_id" not in victim.session
    assert client.get(path).headers["Location"] == "/"
    client.post("/tai-khoan/dang-xuat/")
    client.get(path)
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_claims_from_userinfo_must_be_about_the_same_subject(
    settings: Any, provider: OidcServer
) -> None:
    configure(settings, provider, fetches_userinfo=True)
    provider.lies = {"userinfo": {"sub": "somebody-else"}}
    client = Client()
    dance(client)
    assert "_auth_user_id" not in client.session
    provider.lies = {"claims": {"so_dinh_danh": ""}, "userinfo": {"so_dinh_danh": NUMBER}}
    refused = dance(Client())  # the signed token has the last word
    assert refused.status_code == 403


@pytest.mark.django_db
def test_nobody_can_bind_a_subject_to_the_account_that_is_open(
    settings: Any, provider: OidcServer, make_account: MakeAccount
) -> None:
    configure(settings, provider)
    official = make_account()
    client = Client()
    client.force_login(official)
    url = leave(client, "/tai-khoan/lien-ket/vneid/?process=connect")
    back = requests.get(url, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    assert client.get(f"{parts.path}?{parts.query}").status_code == 403
    assert not SocialAccount.objects.exists()


def test_the_whole_way_through_a_running_site(
    settings: Any, provider: OidcServer, live_site: str
) -> None:
    configure(settings, provider)
    browser = requests.Session()
    page = browser.get(f"{live_site}/tai-khoan/dang-nhap/", timeout=20).text
    assert "Đăng nhập bằng VNeID" in page
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    start = f"{live_site}/tai-khoan/lien-ket/vneid/"
    assert browser.post(start, timeout=20).status_code == 403  # no CSRF token
    leaving = browser.post(start, {"csrfmiddlewaretoken": token[1]}, timeout=20).text
    home = browser.get(target_of(leaving), timeout=20)
    assert home.url == f"{live_site}/"
    account = browser.get(f"{live_site}/tai-khoan/", timeout=20)
    assert "Lê Thị Sen" in account.text
