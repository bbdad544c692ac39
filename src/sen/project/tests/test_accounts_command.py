"""The command line around accounts: the first administrator, and the way back in."""

from __future__ import annotations

import argparse

import pytest
from django.test import Client

from sen.kernel.access.crypto import parse_keys
from sen.kernel.access.models import Organisation
from sen.kernel.access.services import put_node, put_role
from sen.kernel.testing.accounts import post_sign_in
from sen.project.commands import accounts

pytestmark = pytest.mark.django_db


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    accounts.arguments(parser)
    return accounts.run(parser.parse_args(words))


def test_the_first_administrator_and_the_way_back_in(capsys: pytest.CaptureFixture[str]) -> None:
    put_node(Organisation, code="T-X", name="Sở Xây dựng", kind="DEPARTMENT")
    put_role(
        code="system_admin",
        name_vi="Quản trị",
        name_en="Admin",
        permissions=["kernel.*.*"],
        clearance=2,
        needs_mfa=False,
    )
    new = ("create-admin", "dau.tien", "Nguyễn Đầu Tiên", "--organisation")
    assert run(*new, "T-KHONG-CO") == 1
    assert "T-KHONG-CO" in capsys.readouterr().out
    assert run(*new, "T-X") == 0
    password = capsys.readouterr().out.strip().rpartition(" ")[2]
    client = Client()
    assert post_sign_in(client, "dau.tien", password).status_code == 302
    assert run(*new, "T-X") == 1  # the name is taken
    capsys.readouterr()
    assert run("reset-password", "dau.tien") == 0
    again = capsys.readouterr().out.strip().rpartition(" ")[2]
    assert client.get("/tai-khoan/").status_code == 302  # the session ended
    assert post_sign_in(client, "dau.tien", password).status_code == 200
    assert post_sign_in(client, "dau.tien", again).status_code == 302
    assert run("reset-password", "khong-co") == 1


def test_a_new_data_key_is_one_that_the_key_file_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("new-data-key") == 0
    line = capsys.readouterr().out.strip()
    index = "index:" + line.partition(":")[2]
    assert parse_keys(f"{line}\n{index}").current == line.partition(":")[0]
