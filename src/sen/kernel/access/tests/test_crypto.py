from __future__ import annotations

import base64
import os
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from sen.kernel.access import crypto
from sen.kernel.access.accounts.citizens import find_citizen, index_of
from sen.kernel.access.models import User


def key(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


def test_equal_texts_are_stored_differently_and_read_back() -> None:
    stored = {crypto.encrypt("087090001234", context="x") for _n in range(20)}
    assert len(stored) == 20
    assert {crypto.decrypt(one, context="x") for one in stored} == {"087090001234"}


def test_a_changed_value_or_one_of_another_column_is_refused() -> None:
    stored = crypto.encrypt("Nguyễn Văn Sen", context="a.b.c")
    name, _, encoded = stored.partition(":")
    raw = bytearray(base64.urlsafe_b64decode(encoded))
    for position in range(0, len(raw), 7):
        changed = bytearray(raw)
        changed[position] ^= 1
        text = f"{name}:{base64.urlsafe_b64encode(changed).decode()}"
        with pytest.raises(crypto.DecryptionError):
            crypto.decrypt(text, context="a.b.c")
    with pytest.raises(crypto.DecryptionError):
        crypto.decrypt(stored, context="a.b.d")


def test_old_values_stay_readable_after_a_rotation(settings: Any) -> None:
    index, old, new = key("index"), key("k1"), key("k2")
    settings.SEN_DATA_KEYS = f"{index},{old}"
    stored, looked_up = crypto.encrypt("0123"), crypto.blind_index("0123")
    settings.SEN_DATA_KEYS = f"{new},{index},{old}"
    assert crypto.decrypt(stored) == "0123"
    assert crypto.key_of(stored) == "k1"
    assert crypto.key_of(crypto.encrypt("0123")) == "k2"
    assert crypto.blind_index("0123") == looked_up
    settings.SEN_DATA_KEYS = f"{new},{index}"
    with pytest.raises(crypto.DecryptionError, match="k1"):
        crypto.decrypt(stored)


@pytest.mark.parametrize(
    "text",
    ["", "k1:AAAA", "index:" + "A" * 44, key("k1"), "k 1:" + "A" * 44],
    ids=["empty", "short", "index alone", "no index", "bad name"],
)
def test_wrong_key_files_are_named(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SEN_DATA_KEYS"):
        crypto.parse_keys(text)


@pytest.mark.django_db
def test_the_database_never_sees_a_national_number() -> None:
    number = "087090001234"
    user = User.objects.create_user(
        "cd-1", kind="CITIZEN", national_id=number, national_id_index=index_of(number)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(u)::text FROM kernel_access_user u WHERE id = %s", [user.pk]
        )
        (row,) = cursor.fetchone()
    assert number not in row
    assert User.objects.get(pk=user.pk).national_id == number
    assert find_citizen(national_id=number) == user
    assert find_citizen(national_id="087090001235") is None
