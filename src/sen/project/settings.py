"""Settings of every process, from the environment alone.

Nothing here names a domain: applications, urls, routers and menus come from the manifests.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from sen.kernel.log import logging_config
from sen.kernel.manifest import discover

django_stubs_ext.monkeypatch()

ROOT = Path(__file__).resolve().parents[3]
VAR = Path(os.environ.get("SEN_VAR", ROOT / "var"))


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


def wheel_library(package: str, pattern: str) -> str | None:
    """Path of a shared library inside a wheel: GDAL and GEOS need no system package.

    The wheels' GDAL also cannot be made to read files or the network through a spatial
    reference, which Debian's 3.6 can.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    libs = Path(spec.origin).parent.parent / f"{package}.libs"
    return next((str(path) for path in sorted(libs.glob(pattern))), None)


def database(url: str) -> dict[str, Any]:
    """Django's dictionary for ``postgres://user:password@host:port/name?option=value``."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        message = f"DATABASE_URL: expected postgres://…, got {parts.scheme or 'nothing'}://…"
        raise ImproperlyConfigured(message)
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **dict(parse_qsl(parts.query)),
            "server_side_binding": True,
            "prepare_threshold": 1,
            # With literal parameters the planner picks a parallel plan for ST_AsMVT: 3.5 x slower.
            "options": "-c max_parallel_workers_per_gather=0 -c jit=off -c timezone=UTC",
        },
    }


DEBUG = flag("SEN_DEBUG")
DEMO = flag("SEN_DEMO", default=True)
SECRET_KEY = os.environ.get("SEN_SECRET_KEY", "")
if not SECRET_KEY:
    if not (DEBUG or "PYTEST_VERSION" in os.environ or flag("SEN_CHECKS_ONLY")):
        raise ImproperlyConfigured(
            "SEN_SECRET_KEY is empty: set at least 50 random characters (./sen up writes one)."
        )
    SECRET_KEY = "only-for-checks-and-tests-" + "0" * 40
ALLOWED_HOSTS = os.environ.get("SEN_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [x for x in os.environ.get("SEN_TRUSTED_ORIGINS", "").split(",") if x]
TLS = flag("SEN_TLS")

#: Domains that this installation does not run (``SEN_WITHOUT=tolling,fares``).
WITHOUT = frozenset(filter(None, os.environ.get("SEN_WITHOUT", "").split(",")))
MANIFESTS = discover(Path(__file__).resolve().parents[1] / "domains", WITHOUT)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "sen.kernel.access",
    "sen.kernel.audit",
    "sen.kernel.logbook",
    "sen.kernel.events",
    "sen.kernel.geo",
    "sen.kernel.files",
    "sen.kernel.jobs",
    "sen.kernel.notices",
    "sen.kernel.imports",
    "sen.kernel.offline",
    "sen.kernel.printing",
    "sen.kernel.quality",
    "sen.kernel.web",
    *[f"sen.domains.{manifest.code}" for manifest in MANIFESTS],
    *(["sen.kernel.testing.guarded"] if "PYTEST_VERSION" in os.environ else []),
    "sen.kernel",  # last: its ready() loads what the domains contribute
]

MIDDLEWARE = [
    "sen.kernel.geo.fastpath.PublicReadingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sen.kernel.web.security.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sen.kernel.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sen.kernel.access.accounts.sessions.SessionRulesMiddleware",
    "sen.kernel.access.middleware.AccessMiddleware",
    "sen.kernel.access.accounts.sessions.StaffPagesMiddleware",
]

ROOT_URLCONF = "sen.project.urls"
WSGI_APPLICATION = "sen.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            Path(__file__).resolve().parents[1] / "kernel" / "web" / "templates",
            *[
                Path(__file__).resolve().parents[1] / "domains" / m.code / "web" / "templates"
                for m in MANIFESTS
            ],
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sen.kernel.web.context.shell",
            ],
        },
    }
]

FORM_RENDERER = "sen.kernel.web.form_renderer.FormRenderer"

DATABASES = {
    "default": database(os.environ.get("DATABASE_URL", "postgres://sen_app@127.0.0.1:5432/sen")),
}
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL", os.environ.get("DATABASE_URL", ""))
DATABASE_SUPERUSER_URL = os.environ.get("DATABASE_SUPERUSER_URL", "")
if DATABASE_OWNER_URL:
    DATABASES["owner"] = database(DATABASE_OWNER_URL) | {"CONN_MAX_AGE": 0}
    # Migrations send several statements at once, which cannot be prepared.
    DATABASES["owner"]["OPTIONS"] |= {"server_side_binding": False, "prepare_threshold": None}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

GDAL_LIBRARY_PATH = os.environ.get("GDAL_LIBRARY_PATH") or wheel_library("pyogrio", "libgdal*")
GEOS_LIBRARY_PATH = os.environ.get("GEOS_LIBRARY_PATH") or wheel_library("shapely", "libgeos_c*")

AUTH_USER_MODEL = "kernel_access.User"
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [
    ROOT / "src" / "sen" / name / "locale"
    for name in (
        *("lib", "kernel", "connectors", "project"),
        *(f"domains/{m.code}" for m in MANIFESTS),
    )
]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
LANGUAGE_COOKIE_NAME = "sen_language"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "collected"
STATICFILES_DIRS = [VAR / "static"] if (VAR / "static").is_dir() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = VAR / "files"
#: Where contents lie: empty for MEDIA_ROOT, or ``s3://bucket/prefix`` of an S3-compatible server.
SEN_FILE_STORE = os.environ.get("SEN_FILE_STORE", "")
SEN_S3 = {
    "endpoint": os.environ.get("SEN_S3_ENDPOINT", ""),
    "region": os.environ.get("SEN_S3_REGION", "us-east-1"),
    "key_id": os.environ.get("SEN_S3_KEY_ID", ""),
    "secret": os.environ.get("SEN_S3_SECRET", ""),
}
#: Where finished days of observations lie: a folder, or ``s3://bucket/prefix`` (keys: SEN_S3).
SEN_LAKE = os.environ.get("SEN_LAKE", "") or str(VAR / "lake")
#: Where its files are written first and where sorting spills.
SEN_LAKE_WORK = VAR / "lake-work"
#: What computes analyses over the lake: ``duckdb``, or ``spark`` with SEN_SPARK_MASTER.
SEN_LAKE_ENGINE = os.environ.get("SEN_LAKE_ENGINE", "duckdb")
SEN_SPARK_MASTER = os.environ.get("SEN_SPARK_MASTER", "local[2]")
#: The virus scanner: ``unix:/run/clamav/clamd.ctl``, ``tcp:127.0.0.1:3310``, or empty for none.
SEN_CLAMD = os.environ.get("SEN_CLAMD", "")
#: How many documents are read (OCR) at the same time; each takes a processor core.
SEN_OCR_AT_ONCE = max(1, int(os.environ.get("SEN_OCR_AT_ONCE", "1")))

SESSION_COOKIE_NAME = "__Host-sen_session" if TLS else "sen_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_NAME = "__Host-sen_csrf" if TLS else "sen_csrf"
CSRF_COOKIE_HTTPONLY = False  # htmx and the islands send it back as a header
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "sen.kernel.web.errors.csrf_failure"
CSRF_COOKIE_SECURE = TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = logging_config(
    as_json=os.environ.get("SEN_LOG_FORMAT", "text") == "json",
    level=os.environ.get("SEN_LOG_LEVEL", "INFO"),
)

NATS_URL = os.environ.get("NATS_URL", "")
SEN_VAR = VAR
SEN_SEAL_TARGETS = [
    target
    for target in os.environ.get("SEN_SEAL_TARGETS", f"file://{VAR}/audit/seals.jsonl").split(",")
    if target
]
SEN_LIVE_URL = os.environ.get("SEN_LIVE_URL", "")
LOGIN_URL = "/tai-khoan/dang-nhap/"
LOGIN_REDIRECT_URL = "/ql/"

from sen.project.mail_settings import *  # noqa: E402, F403  where mail goes
from sen.project.security_settings import *  # noqa: E402, F403  signing in, passwords, sessions
