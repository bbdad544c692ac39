"""The password rules, and that no path to a new password goes round them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from sen.kernel.access.accounts.hashers import Argon2id
from sen.kernel.access.accounts.passwords import random_password
from sen.kernel.access.models import PasswordHistory, User
from sen.kernel.testing.accounts import PASSWORD, MakeAccount, post_sign_in

pytestmark = pytest.mark.django_db


def codes(password: str, user: User | None = None) -> set[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {str(one.code) for one in error.error_list}
    return set()


def test_fourteen_characters_alone_eight_with_a_second_factor(make_account: MakeAccount) -> None:
    user = make_account()
    assert codes("chuon7kJ", user) == {"password_too_short"}
    assert codes("chuon7kJbay-t", user) == {"password_too_short"}
    assert codes("chuon7kJbay-th", user) == set()
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    assert codes("chuon7kJ", user) == set()
    assert codes("chuon7k", user) == {"password_too_short"}
    assert codes("x9" * 65, user) == {"password_too_long"}


@pytest.mark.parametrize(
    "password",
    ["DongThap@2026!!", "Đồng Tháp 2026", "matkhau1234567", "M4tKh@u!!!!!!!", "saigon12345678"],
)
def test_words_of_the_country_are_barred(password: str) -> None:
    assert "password_local_word" in codes(password)


def test_such_a_word_among_others_is_no_harm() -> None:
    assert codes("Mưa Sài Gòn, nắng Cà Mau") == set()


def test_common_passwords_and_ones_own_name_are_barred(make_account: MakeAccount) -> None:
    user = make_account(username="nguyenvanhuong")
    assert "password_too_similar" in codes("nguyenvanhuong1", user)
    assert "password_too_common" in codes("1qaz2wsx3edc4rfv")


def test_the_last_ten_are_barred_on_the_page(make_account: MakeAccount, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = make_account(username="can-bo-a")
    for number in range(9):
        user.set_password(f"Cau-bac-qua-song-{number}")
        user.save()
    assert codes(PASSWORD, user) == {"password_used_before"}
    client = Client()
    client.force_login(user)
    form = {"oldpassword": "Cau-bac-qua-song-8", "password1": PASSWORD, "password2": PASSWORD}
    page = client.post("/tai-khoan/doi-mat-khau/", form)
    assert "trùng với một trong 10 mật khẩu gần nhất" in page.content.decode()
    user.set_password("Cau-bac-qua-song-9")
    user.save()
    assert codes(PASSWORD, user) == set()
    assert PasswordHistory.objects.filter(user=user).count() == 10


def test_a_first_password_is_changed_before_anything_else(make_account: MakeAccount) -> None:
    user = make_account("assets.*.view", username="can-bo-a", must_change_password=False)
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    client = Client()
    post_sign_in(client, "can-bo-a")
    assert client.get("/ql/").headers["Location"].startswith("/tai-khoan/doi-mat-khau/")
    form = {"oldpassword": PASSWORD, "password1": "Mua-nuoc-noi-ve-som", "password2": "x"}
    assert "password2" in client.post("/tai-khoan/doi-mat-khau/", form).context["form"].errors
    form["password2"] = form["password1"]
    assert client.post("/tai-khoan/doi-mat-khau/", form).status_code == 302
    assert client.get("/ql/").status_code == 200  # still signed in, and in order
    other = Client()
    assert post_sign_in(other, "can-bo-a").status_code == 200  # the old one is dead


def test_changing_it_ends_the_other_sessions(make_account: MakeAccount) -> None:
    make_account(username="can-bo-a")
    here, there = Client(), Client()
    for client in (here, there):
        post_sign_in(client, "can-bo-a")
    new = "Mua-nuoc-noi-ve-som"
    here.post(
        "/tai-khoan/doi-mat-khau/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert here.get("/tai-khoan/").status_code == 200
    assert there.get("/tai-khoan/").status_code == 302


def test_administrators_change_it_every_two_months(make_account: MakeAccount) -> None:
    admin = make_account("kernel.accounts.*", username="quan-tri")
    other = make_account("assets.*.view", username="can-bo-a")
    old = timezone.now() - timedelta(days=61)
    User.objects.filter(pk__in=[admin.pk, other.pk]).update(password_changed_at=old)
    locations = []
    for name in ("quan-tri", "can-bo-a"):
        client = Client()
        post_sign_in(client, name)
        locations.append(client.get("/ql/").headers.get("Location", ""))
    assert locations[0].startswith("/tai-khoan/doi-mat-khau/")
    assert locations[1] == ""


def test_guessing_the_present_password_on_an_open_screen_is_braked(
    make_account: MakeAccount,
) -> None:
    user = make_account(username="can-bo-a")
    client = Client()
    client.force_login(user)
    new = "Mua-nuoc-noi-ve-som"
    form = {"oldpassword": "sai", "password1": new, "password2": new}
    for _attempt in range(5):
        client.post("/tai-khoan/doi-mat-khau/", form)
    form["oldpassword"] = PASSWORD
    page = client.post("/tai-khoan/doi-mat-khau/", form)
    assert "quá nhiều lần" in page.content.decode()


def test_passwords_are_stored_as_argon2id_of_the_recommended_cost() -> None:
    stored = Argon2id().encode("Lúa chín vàng đồng", "muoi-cua-mat-khau")
    assert stored.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")


def test_first_passwords_keep_the_rules_and_differ() -> None:
    made = {random_password() for _n in range(50)}
    assert len(made) == 50
    assert all(codes(one) == set() for one in made)
