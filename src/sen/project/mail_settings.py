"""Where mail goes: one variable names the server. ``settings`` imports all of it.

    SEN_MAIL_URL=smtp://user:password@mail.example.vn:587     STARTTLS
    SEN_MAIL_URL=smtps://user:password@mail.example.vn:465    TLS from the first byte
    SEN_MAIL_URL=smtp+plain://127.0.0.1:25                    a relay on this machine
    SEN_MAIL_URL=console:                                     into the log of the process

Without it every mail is a file below ``SEN_VAR/mail``: nothing leaves the machine by accident.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_BACKENDS: Final = {
    "": "filebased",
    "console": "console",
    "smtp": "smtp",
    "smtps": "smtp",
    "smtp+plain": "smtp",
}
_ROOT: Final = Path(__file__).resolve().parents[3]
_url: Final = urlsplit(os.environ.get("SEN_MAIL_URL", ""))
if _url.scheme not in _BACKENDS or ("smtp" in _url.scheme and not _url.hostname):
    raise ImproperlyConfigured(
        "SEN_MAIL_URL: expected smtp://user:password@host:587, smtps://…, smtp+plain://… "
        f"or console:, got {_url.scheme}:…"
    )

EMAIL_BACKEND = f"django.core.mail.backends.{_BACKENDS[_url.scheme]}.EmailBackend"
EMAIL_FILE_PATH = str(Path(os.environ.get("SEN_VAR", _ROOT / "var")) / "mail")
EMAIL_HOST = _url.hostname or "localhost"
EMAIL_PORT = _url.port or {"smtps": 465, "smtp": 587}.get(_url.scheme, 25)
EMAIL_HOST_USER = unquote(_url.username or "")
EMAIL_HOST_PASSWORD = unquote(_url.password or "")
EMAIL_USE_TLS = _url.scheme == "smtp"
EMAIL_USE_SSL = _url.scheme == "smtps"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("SEN_MAIL_FROM", "Sen <sen@localhost>")
#: Whether mail reaches anybody; pages say so when it does not.
SEN_MAIL_LEAVES = "smtp" in _url.scheme
#: How people reach the house from outside (``https://sen.dongthap.gov.vn``): links in mails.
SEN_PUBLIC_URL = os.environ.get("SEN_PUBLIC_URL", "").rstrip("/")
