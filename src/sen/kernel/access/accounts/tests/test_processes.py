"""What has to hold over several worker processes: the brake, one-time codes, cookies behind TLS."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as django_settings
from django.test import Client

from sen.kernel.access.models import SignInThrottle
from sen.kernel.testing.accounts import PASSWORD, MakeAccount, post_sign_in, totp_code

#: A worker of its own: it tries the given password and says what became of it.
WORKER = """
import sys, django
django.setup()
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["*"]
login, code, *passwords = sys.argv[1:]
for password in passwords:
    client = Client()
    form = {"login": login, "password": password}
    answer = client.post("/tai-khoan/dang-nhap/", form)
    if code:
        answer = client.post("/tai-khoan/dang-nhap/xac-thuc/", {"code": code})
    print("IN" if answer.status_code == 302 else "OUT")
"""


def _url() -> str:
    base = django_settings.DATABASES["default"]
    return f"postgres://{base['USER']}@{base['HOST']}:{base['PORT']}/{base['NAME']}"


def worker(login: str, *passwords: str, code: str = "") -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WORKER, login, code, *passwords],
        env={
            **os.environ,
            "DATABASE_URL": _url(),
            "DJANGO_SETTINGS_MODULE": "sen.project.settings",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.split()


def test_guesses_of_two_processes_are_counted_together(
    make_account: MakeAccount, committing: None
) -> None:
    make_account(username="can-bo-a")
    guesses = [f"sai-{number}" for number in range(4)]
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(worker, "can-bo-a", *guesses) for _n in range(2)]
        results = [word for job in jobs for word in job.result()]
    assert results == ["OUT"] * 8
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
    code = totp_code(secret, steps=1)  # still good when the processes have started
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(worker, "can-bo-a", PASSWORD, code=code) for _n in range(2)]
        results = sorted(word for job in jobs for word in job.result())
    assert results == ["IN", "OUT"]


SHOW_COOKIES = """
import django
django.setup()
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["*"]
client = Client(headers={"X-Forwarded-Proto": "https"})
answer = client.get("/tai-khoan/dang-nhap/", secure=True)
client.session.save()
print(answer.headers.get("Strict-Transport-Security"))
for name, cookie in client.cookies.items():
    print(name, cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"],
          repr(cookie["domain"]))
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_HTTPONLY,
      settings.SESSION_COOKIE_SECURE)
"""


def test_behind_tls_cookies_are_bound_to_the_host_and_to_tls(committing: None) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SHOW_COOKIES],
        env={
            **os.environ,
            "DATABASE_URL": _url(),
            "DJANGO_SETTINGS_MODULE": "sen.project.settings",
            "SEN_TLS": "1",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "max-age=31536000; includeSubDomains"
    assert "__Host-sen_csrf True  Lax / ''" in lines
    assert lines[-1] == "__Host-sen_session True True"
