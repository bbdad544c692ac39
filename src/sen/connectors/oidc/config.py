"""Identity providers as an installation describes them, in one TOML file.

Read before Django is set up; it imports none of it.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

AUDIENCES: Final = ("CITIZEN", "OFFICIAL")
_ID: Final = re.compile(r"[a-z][a-z0-9-]{1,30}")


class ProviderError(ValueError):
    """The description of a provider is wrong; the text says which key and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One identity provider.

    ``audience`` CITIZEN: whoever it vouches for gets a citizen's account. OFFICIAL: only subjects
    that an administrator registered beforehand get in. ``is_strong``: its sign-in counts as one
    with a second factor. ``acr``: the level of assurance that its ID token must state.
    ``fetches_userinfo``: claims come from the userinfo endpoint as well.
    """

    id: str
    name: str
    issuer: str
    client_id: str
    secret: str
    audience: str
    scopes: tuple[str, ...] = ("openid", "profile")
    subject_claim: str = "sub"
    name_claim: str = "name"
    national_id_claim: str = ""
    email_claim: str = "email"
    acr: tuple[str, ...] = ()
    is_strong: bool = False
    fetches_userinfo: bool = False
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    token_auth_method: str = ""

    def as_app(self) -> dict[str, Any]:
        """The provider in the words of allauth."""
        return {
            "provider_id": self.id,
            "name": self.name,
            "client_id": self.client_id,
            "secret": self.secret,
            "settings": {
                "server_url": self.issuer,
                "uid_field": self.subject_claim,
                "scope": list(self.scopes),
                "oauth_pkce_enabled": True,
                "fetch_userinfo": False,
                "token_auth_method": self.token_auth_method or None,
            },
        }


def read_providers(path: Path) -> tuple[Provider, ...]:
    """Providers of a file with ``[[provider]]`` tables.

    A secret is given as ``secret_env`` or ``secret_file``: the file of providers may be shown.

    Raises:
        ProviderError: a key is missing, unknown or wrong, or an id is used twice.
    """
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    providers = tuple(parse_provider(entry, str(path)) for entry in raw.get("provider", []))
    ids = [provider.id for provider in providers]
    if len(ids) != len(set(ids)):
        raise ProviderError(f"{path}: an id is used twice: {ids}")
    return providers


def parse_provider(entry: dict[str, Any], where: str) -> Provider:
    """Check one table and resolve its secret."""
    values = dict(entry)
    values["secret"] = _secret(values, where)
    for key, value in values.items():
        if isinstance(value, list):
            values[key] = tuple(value)
    try:
        provider = Provider(**values)
    except TypeError as error:
        raise ProviderError(f"{where}: {error}") from error
    if not _ID.fullmatch(provider.id):
        raise ProviderError(f"{where}: id {provider.id!r} must be small letters, digits and -")
    if provider.audience not in AUDIENCES:
        raise ProviderError(f"{where}: audience of {provider.id!r} is one of {AUDIENCES}")
    local = provider.issuer.startswith(("http://127.0.0.1:", "http://localhost:"))
    if not provider.issuer.startswith("https://") and not local:
        raise ProviderError(f"{where}: issuer of {provider.id!r} must begin with https://")
    return provider


def _secret(values: dict[str, Any], where: str) -> str:
    variable, file = values.pop("secret_env", ""), values.pop("secret_file", "")
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    if variable and variable in os.environ:
        return os.environ[variable]
    raise ProviderError(f"{where}: set secret_file, or secret_env to a variable that is set")
