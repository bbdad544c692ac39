from __future__ import annotations

from pathlib import Path

import pytest

from sen.connectors.oidc.config import ProviderError, read_providers

GOOD = """
[[provider]]
id = "vneid"
name = "VNeID"
issuer = "https://login.example.vn"
client_id = "sen"
secret_env = "SEN_TEST_VNEID_SECRET"
audience = "CITIZEN"
scopes = ["openid", "profile", "national_id"]
national_id_claim = "so_dinh_danh"
acr = ["loa-2"]
is_strong = true
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEN_TEST_VNEID_SECRET", "bí mật")
    return tmp_path / "oidc.toml"


def test_a_file_is_read_with_its_secret_from_elsewhere(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    (provider,) = read_providers(file)
    assert (provider.id, provider.secret, provider.acr) == ("vneid", "bí mật", ("loa-2",))
    app = provider.as_app()
    assert app["settings"]["server_url"] == "https://login.example.vn"
    assert app["settings"]["oauth_pkce_enabled"] is True


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("https://login", "http://login", "https://"),
        ('"CITIZEN"', '"EVERYBODY"', "audience"),
        ('id = "vneid"', 'id = "VNeID!"', "small letters"),
        ("SEN_TEST_VNEID_SECRET", "SEN_TEST_ABSENT", "secret"),
        ("client_id", "klient_id", "klient_id"),
    ],
)
def test_mistakes_are_named(file: Path, old: str, new: str, said: str) -> None:
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ProviderError, match=said):
        read_providers(file)


def test_an_id_stands_once(file: Path) -> None:
    file.write_text(GOOD + GOOD, encoding="utf-8")
    with pytest.raises(ProviderError, match="twice"):
        read_providers(file)
