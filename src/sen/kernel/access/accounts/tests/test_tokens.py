"""Keys of programs and devices, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from sen.kernel.access.accounts import devices, tokens
from sen.kernel.access.accounts.tokens import covers
from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import ApiToken, Area, DeviceCredential, Organisation, User
from sen.kernel.access.permissions import grouped, offered
from sen.kernel.access.scope import AccessRule, Actor, ActorKind, DataClass, Entitlement, matches
from sen.kernel.access.services import put_node, revoke_role
from sen.kernel.audit.models import AuditEntry
from sen.kernel.errors import InvalidInputError
from sen.kernel.testing.accounts import PASSWORD, MakeAccount, actor_behind, post_sign_in

PAGE = "/tai-khoan/dang-nhap/"  # any page that answers everybody

segment = st.sampled_from(["*", "a", "b", "c"])
patterns = st.sets(st.tuples(segment, segment, segment).map(".".join), max_size=5)
permissions = st.tuples(*[st.sampled_from("abc")] * 3).map(".".join)


@given(patterns, patterns, permissions)
def test_common_patterns_match_exactly_what_both_match(
    first: set[str], second: set[str], permission: str
) -> None:
    common = tokens.common_patterns(first, second)
    both = all(any(matches(p, permission) for p in side) for side in (first, second))
    assert any(matches(p, permission) for p in common) == both


@given(
    patterns,
    patterns,
    permissions,
    st.integers(0, 3),
    st.integers(0, 3),
    st.none() | st.frozensets(st.integers(1, 4)),
    st.none() | st.frozensets(st.integers(1, 4)),
    st.integers(1, 4),
)
def test_a_narrowed_actor_never_sees_a_row_that_its_owner_does_not(
    held: set[str],
    wanted: set[str],
    permission: str,
    clearance: int,
    max_class: int,
    orgs: frozenset[int] | None,
    token_orgs: frozenset[int] | None,
    org: int,
) -> None:
    entitlement = Entitlement("r", frozenset(held), clearance, orgs)
    owner = Actor(ActorKind.OFFICIAL, id=7, entitlements=(entitlement,))
    narrow = tokens.narrowed(owner, patterns=wanted, max_class=max_class, orgs=token_orgs)
    resource, _dot, act = permission.rpartition(".")
    rule = AccessRule(resource, public=False, subject_field="subject")
    for data_class in range(4):
        row = {"data_class": data_class, "owner_org_id": org, "area_id": 1, "subject": 7}
        if narrow.scope(rule, act).allows(row):
            assert owner.scope(rule, act).allows(row)
            assert any(matches(p, permission) for p in wanted)


def bearer(client: Client, secret: str) -> Any:
    return client.get(PAGE, headers={"Authorization": f"Bearer {secret}"})


def make_token(user: User, **changes: Any) -> tuple[ApiToken, str]:
    values: dict[str, Any] = {
        "name": "Đồng bộ",
        "scopes": ["assets.asset.view"],
        "expires_at": timezone.now() + timedelta(days=30),
    }
    return tokens.create_api_token(actor=actor_for(user), user=user, **(values | changes))


@pytest.mark.django_db
def test_a_token_acts_for_its_owner_within_its_scopes(make_account: MakeAccount) -> None:
    user = make_account("assets.*.*", clearance=2)
    token, secret = make_token(user)
    actor = actor_behind(bearer(Client(), secret))
    assert (actor.id, actor.kind) == (user.pk, ActorKind.OFFICIAL)
    assert actor.may("assets.asset.view")
    assert not actor.may("assets.asset.change")
    assert actor.entitlements[0].clearance == DataClass.INTERNAL
    token.refresh_from_db()
    assert token.last_used_ip == "127.0.0.1"
    assert secret not in str(ApiToken.objects.filter(pk=token.pk).values().get())
    entry = AuditEntry.objects.get(act="accounts.token.created")
    assert entry.detail["scopes"] == ["assets.asset.view"]
    assert secret not in str(entry.detail)


@pytest.mark.django_db
@pytest.mark.parametrize("scope", ["*.*.*", "norms.rule.view", "assets.*", "assets.asset.view.x"])
def test_a_token_cannot_be_given_more_than_its_owner_has(
    make_account: MakeAccount, scope: str
) -> None:
    user = make_account("assets.*.view")
    with pytest.raises(InvalidInputError) as caught:
        make_token(user, scopes=[scope])
    assert list(caught.value.fields) == ["scopes"]


@pytest.mark.django_db
def test_what_the_owner_loses_the_token_loses(make_account: MakeAccount) -> None:
    user = make_account("assets.*.view")
    _token, secret = make_token(user)
    client = Client()
    assert actor_behind(bearer(client, secret)).may("assets.asset.view")
    revoke_role(grant=user.grants.get())
    assert not actor_behind(bearer(client, secret)).may("assets.asset.view")


@pytest.mark.django_db
def test_a_token_for_one_place_stays_there(make_account: MakeAccount) -> None:
    province = put_node(Organisation, code="T-P", name="UBND tỉnh", kind="PROVINCE")
    office = put_node(
        Organisation, code="T-D", name="Sở Xây dựng", kind="DEPARTMENT", parent=province
    )
    area = put_node(Area, code="T-A", name="Xã Tân Hồng", kind="COMMUNE")
    user = make_account("assets.*.view", organisation=province)
    _token, secret = make_token(user, organisation=office, area=area)
    (held,) = actor_behind(bearer(Client(), secret)).entitlements
    assert (held.orgs, held.areas) == (frozenset({office.pk}), frozenset({area.pk}))


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["unknown", "changed", "expired", "revoked", "locked", "empty"])
def test_bad_tokens_are_401_with_problem_details(make_account: MakeAccount, why: str) -> None:
    user = make_account("assets.*.view")
    token, secret = make_token(user)
    now = timezone.now()
    if why == "unknown":
        secret = "sen_t_000000000000_" + "x" * 43
    elif why == "changed":
        secret = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    elif why == "expired":
        ApiToken.objects.filter(pk=token.pk).update(expires_at=now - timedelta(seconds=1))
    elif why == "revoked":
        tokens.revoke_api_token(actor=actor_for(user), user=user, token_id=token.pk)
    elif why == "locked":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        secret = ""
    response = bearer(Client(), secret)
    assert response.status_code == 401
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert response.json()["type"] == "urn:sen:problem:invalid-token"
    bearer(Client(), secret)
    refused = AuditEntry.objects.filter(act="accounts.token.refused", kind="REFUSED")
    assert refused.count() == 1  # a program that is not told asks all day


@pytest.mark.django_db
def test_a_session_that_comes_along_with_a_token_is_ignored(make_account: MakeAccount) -> None:
    make_account("norms.*.*", username="quan-tri")
    owner = make_account("assets.*.view")
    _token, secret = make_token(owner)
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="quan-tri"))
    response = bearer(client, secret)
    assert actor_behind(response).id == owner.pk
    assert not actor_behind(response).may("norms.rule.view")
    assert not response.wsgi_request.user.is_authenticated
    # No CSRF token is asked for: 405 or 200, but not 403.
    posted = client.post("/i18n/setlang/", headers={"Authorization": f"Bearer {secret}"})
    assert posted.status_code != 403
    assert client.post("/i18n/setlang/").status_code == 403


@pytest.mark.django_db
def test_making_and_revoking_one_on_the_page(make_account: MakeAccount) -> None:
    make_account("assets.*.view", username="can-bo-a")
    other = make_account(username="can-bo-b")
    client = Client()
    post_sign_in(client, "can-bo-a")
    form = {"name": "Báo cáo", "days": 30, "max_class": 1, "scopes": ["assets.*.view"]}
    page = client.post("/tai-khoan/khoa-api/", form)
    secret = page.context["secret"]
    assert secret.startswith("sen_t_")
    assert secret not in client.get("/tai-khoan/khoa-api/").content.decode()
    token = ApiToken.objects.get()
    stranger = Client()
    stranger.force_login(other)
    stranger.post(f"/tai-khoan/khoa-api/{token.pk}/thu-hoi/")
    assert bearer(Client(), secret).status_code == 200
    client.post(f"/tai-khoan/khoa-api/{token.pk}/thu-hoi/")
    assert bearer(Client(), secret).status_code == 401
    more = client.post("/tai-khoan/khoa-api/", form | {"scopes": ["norms.*.view"]})
    assert more.context["secret"] == ""
    assert "scopes" in more.context["form"].errors


@pytest.mark.django_db
def test_making_one_asks_for_the_password_again_after_a_while(
    make_account: MakeAccount, settings: Any
) -> None:
    make_account("assets.*.view", username="can-bo-a")
    client = Client()
    post_sign_in(client, "can-bo-a")
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1
    session.save()
    response = client.get("/tai-khoan/khoa-api/")
    assert response.headers["Location"].startswith("/tai-khoan/xac-nhan/")
    again = client.post(response.headers["Location"], {"password": PASSWORD})
    assert again.headers["Location"] == "/tai-khoan/khoa-api/"
    assert client.get("/tai-khoan/khoa-api/").status_code == 200


@pytest.mark.django_db
def test_device_keys_overlap_while_they_are_changed_and_end_when_revoked(
    make_account: MakeAccount,
) -> None:
    device = make_account("telemetry.*.create", kind="DEVICE", password=None)
    admin = Actor(ActorKind.OFFICIAL, id=1, username="quan-tri")
    _first, old = devices.issue_device_credential(actor=admin, device=device)
    credential, new = devices.rotate_device_credential(actor=admin, device=device)
    for secret in (old, new):
        actor = actor_behind(bearer(Client(), secret))
        assert (actor.kind, actor.id) == (ActorKind.DEVICE, device.pk)
    DeviceCredential.objects.exclude(pk=credential.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert bearer(Client(), old).status_code == 401
    devices.revoke_device_credential(actor=admin, device=device, key_id=credential.key_id)
    assert bearer(Client(), new).status_code == 401
    acts = AuditEntry.objects.filter(act__startswith="accounts.device-key")
    assert acts.count() == 3


@pytest.mark.django_db
def test_only_devices_get_device_keys(make_account: MakeAccount) -> None:
    with pytest.raises(InvalidInputError):
        devices.issue_device_credential(
            actor=Actor(ActorKind.SYSTEM), device=make_account(kind="OFFICIAL")
        )


def test_rights_over_every_domain_are_no_rights_over_the_platform() -> None:
    assert matches("*.*.view", "assets.asset.view")
    assert not matches("*.*.view", "kernel.accounts.view")
    assert matches("kernel.*.*", "kernel.accounts.view")
    assert not tokens.covers("*.*.*", "kernel.jobs.view")
    assert tokens.common_patterns(["*.*.view"], ["kernel.*.*", "assets.*.*"]) == {"assets.*.view"}


@settings(deadline=None)
@given(
    st.sets(
        st.sampled_from(["*.*.view", "places.*.*", "places.unit.change", "kernel.jobs.view"]),
        min_size=1,
    )
)
def test_what_a_form_offers_is_held_and_has_words(held: set[str]) -> None:
    choices = [choice for _title, items in grouped(offered(held)) for choice in items]
    assert held <= {pattern for pattern, _words in choices}
    for pattern, words in choices:
        assert any(covers(mine, pattern) for mine in held), pattern
        assert pattern.rpartition(".")[2] not in words.split(), pattern
