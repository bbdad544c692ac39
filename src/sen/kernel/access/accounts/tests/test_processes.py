"""What has to hold over several worker processes: the brake, one-time codes, cookies behind TLS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from multiprocessing import get_context
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP
from django.db import connections
from django.test import Client

from sen.kernel.access.models import SignInThrottle
from sen.kernel.testing.accounts import PASSWORD, MakeAccount, post_sign_in, totp_code


def attempts(passwords: list[str], code: str) -> list[str]:
    """What one worker process tries, with its own connection and its own caches."""
    results = []
    for password in passwords:
        client = Client()
        answer = post_sign_in(client, "can-bo-a", password)
        if code:
            answer = client.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": code})
        results.append("IN" if answer.status_code == 302 else "OUT")
    return results


def in_two_processes(passwords: list[str], code: str = "") -> list[str]:
    for connection in connections.all():
        connection.close()  # a child must not speak on its parent's
    with get_context("fork").Pool(2) as pool:
        both = pool.starmap(attempts, [(passwords, code)] * 2, chunksize=1)
    return [word for results in both for word in results]


def test_guesses_of_two_processes_are_counted_together(
    make_account: MakeAccount, committing: None
) -> None:
    make_account(username="can-bo-a")
    assert in_two_processes([f"sai-{number}" for number in range(4)]) == ["OUT"] * 8
    row = SignInThrottle.objects.get(key__startswith="user:")
    # Eight attempts: five were looked at, the others met the lock, in whatever order.
    assert (row.failures, row.refused) == (5, 3)
    assert post_sign_in(Client(), "can-bo-a").status_code == 200


def test_a_code_is_taken_by_one_of_two_processes(
    make_account: MakeAccount, committing: None
) -> None:
    user = make_account(username="can-bo-a")
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(user, secret)
    assert sorted(in_two_processes([PASSWORD], code=totp_code(secret))) == ["IN", "OUT"]


NAMES = [
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_SECURE",
    "CSRF_COOKIE_SAMESITE",
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_PROXY_SSL_HEADER",
]
SHOW = f"""
import json
from sen.project import settings
print(json.dumps({{name: getattr(settings, name) for name in {NAMES}}}))
"""


def test_behind_tls_cookies_are_bound_to_the_host_and_to_tls(
    make_account: MakeAccount, db: None, settings: Any
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**os.environ, "SEN_TLS": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    for name, value in json.loads(done.stdout).items():
        setattr(settings, name, tuple(value) if isinstance(value, list) else value)
    make_account(username="can-bo-a")
    client = Client(headers={"X-Forwarded-Proto": "https"})
    client.get("/tai-khoan/dang-nhap/")
    answer = post_sign_in(client, "can-bo-a")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    session, csrf = (client.cookies[f"__Host-sen_{name}"] for name in ("session", "csrf"))
    for cookie in (session, csrf):
        flags = (cookie["secure"], cookie["path"], cookie["domain"], cookie["samesite"])
        assert flags == (True, "/", "", "Lax")
    assert session["httponly"] is True
