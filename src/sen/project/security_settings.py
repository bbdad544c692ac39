"""Settings of signing in, passwords, sessions and personal data. ``settings`` imports all of them.

The figures are those of security level 3; each can be made stricter from the environment.

Source: tcvn-14423-2026 (level 3), OWASP ASVS 5.0 chapters 6, 7 and 9.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from sen.connectors.oidc.config import read_providers


def _flag(name: str, *, default: bool) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def _number(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


def _words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


_DEMO: Final = _flag("SEN_DEMO", default=True)

# Who stands between a browser and us; only their X-Forwarded-For is believed.
SEN_TRUSTED_PROXIES = _words("SEN_TRUSTED_PROXIES")

# Second factor -----------------------------------------------------------------------------
# The demonstration's accounts are for looking around; the banner of its pages says so.
SEN_REQUIRE_MFA = _flag("SEN_REQUIRE_MFA", default=not _DEMO)
SEN_STAFF_PREFIXES = ["/ql/", "/ioc/"]
#: What the key of a screen on a wall opens, and origins whose pages may hold tiles of figures.
SEN_DISPLAY_PREFIXES = ["/ioc/", "/live/ticket", "/map/", "/tiles/"]
SEN_TILE_ORIGINS = os.environ.get("SEN_TILE_ORIGINS", "").split()
SEN_WEBAUTHN_RP_ID = os.environ.get("SEN_WEBAUTHN_RP_ID", "")

# Passwords ---------------------------------------------------------------------------------
PASSWORD_HASHERS = ["sen.kernel.access.accounts.hashers.Argon2id"]
SEN_PASSWORD_LENGTH = _number("SEN_PASSWORD_LENGTH", 14)
SEN_PASSWORD_LENGTH_WITH_MFA = _number("SEN_PASSWORD_LENGTH_WITH_MFA", 8)
SEN_PASSWORD_HISTORY = _number("SEN_PASSWORD_HISTORY", 10)
SEN_ADMIN_PASSWORD_DAYS = _number("SEN_ADMIN_PASSWORD_DAYS", 60)
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "sen.kernel.access.accounts.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "sen.kernel.access.accounts.passwords.LocalWordsValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
    {"NAME": "sen.kernel.access.accounts.passwords.HistoryValidator"},
]

# Accounts that nobody uses -----------------------------------------------------------------
SEN_IDLE_ACCOUNT_DAYS = _number("SEN_IDLE_ACCOUNT_DAYS", 45)
SEN_IDLE_KINDS = ["OFFICIAL", "FIRM"]

# Sessions ----------------------------------------------------------------------------------
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SEN_SESSION_IDLE_S = _number("SEN_SESSION_IDLE_S", 30 * 60)
SEN_SESSION_LIFE_S = _number("SEN_SESSION_LIFE_S", 12 * 3600)
SEN_SESSION_IDLE_CITIZEN_S = _number("SEN_SESSION_IDLE_CITIZEN_S", 60 * 60)
SEN_SESSION_LIFE_CITIZEN_S = _number("SEN_SESSION_LIFE_CITIZEN_S", 24 * 3600)
SESSION_COOKIE_AGE = max(SEN_SESSION_LIFE_S, SEN_SESSION_LIFE_CITIZEN_S)
SEN_SESSION_WARNING_S = _number("SEN_SESSION_WARNING_S", 120)
SEN_SESSIONS_AT_ONCE = _number("SEN_SESSIONS_AT_ONCE", 5)

# Keys for programs and devices --------------------------------------------------------------
SEN_TOKEN_DAYS_MOST = _number("SEN_TOKEN_DAYS_MOST", 365)
SEN_DEVICE_OVERLAP_H = _number("SEN_DEVICE_OVERLAP_H", 72)

# Personal data at rest ----------------------------------------------------------------------
SEN_DATA_KEYS_FILE = os.environ.get("SEN_DATA_KEYS_FILE", "")
SEN_DATA_KEYS = os.environ.get("SEN_DATA_KEYS", "")

# allauth -----------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "sen.kernel.access.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # they go to the audit log, see the adapter
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# The brake is ours (accounts.throttle): allauth counts in a cache that each process has alone.
ACCOUNT_RATE_LIMITS = False
# A link from a mail is good for half an hour and for one use.
PASSWORD_RESET_TIMEOUT = _number("SEN_PASSWORD_RESET_S", 30 * 60)
ACCOUNT_FORMS = {
    "login": "sen.kernel.access.accounts.forms.LoginForm",
    "change_password": "sen.kernel.access.accounts.forms.ChangePasswordForm",
    "set_password": "sen.kernel.access.accounts.forms.SetPasswordForm",
    "reauthenticate": "sen.kernel.access.accounts.forms.ConfirmPasswordForm",
    "reset_password_from_key": "sen.kernel.access.accounts.recovery.NewPasswordForm",
    "user_token": "sen.kernel.access.accounts.recovery.ResetLinkForm",
}
MFA_ADAPTER = "sen.kernel.access.accounts.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = False
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "sen.kernel.access.accounts.forms.CodeForm",
    "reauthenticate": "sen.kernel.access.accounts.forms.ConfirmCodeForm",
    "activate_totp": "sen.kernel.access.accounts.forms.ActivateCodeForm",
    "add_webauthn": "sen.kernel.access.accounts.forms.AddPasskeyForm",
    "authenticate_webauthn": "sen.kernel.access.accounts.forms.PasskeyForm",
    "login_webauthn": "sen.kernel.access.accounts.forms.LoginPasskeyForm",
    "reauthenticate_webauthn": "sen.kernel.access.accounts.forms.ConfirmPasskeyForm",
}
USERSESSIONS_TRACK_ACTIVITY = False

# National identity and the province's single sign-on ----------------------------------------
_OIDC_FILE: Final = os.environ.get("SEN_OIDC_FILE", "")
SEN_OIDC_PROVIDERS = read_providers(Path(_OIDC_FILE)) if _OIDC_FILE else ()
#: Providers whose sign-in counts as one with a second factor.
SEN_OIDC_STRONG = [provider.id for provider in SEN_OIDC_PROVIDERS if provider.is_strong]
SOCIALACCOUNT_ADAPTER = "sen.connectors.oidc.adapter.OidcAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "sen.connectors.oidc.provider.OidcProvider",
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [provider.as_app() for provider in SEN_OIDC_PROVIDERS],
    }
}

#: Networks in which devices may be asked (Modbus TCP, OPC UA). This machine itself and link-local
#: addresses are reached only if they are named here.
SEN_PULL_NETWORKS: Final = os.environ.get(
    "SEN_PULL_NETWORKS", "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"
)
