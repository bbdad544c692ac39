from __future__ import annotations

from typing import Any

import pytest

from sen.kernel.access.accounts.checks import check_accounts


def ids() -> set[str | None]:
    return {message.id for message in check_accounts(None)}


def test_a_server_for_real_work_is_warned_of_what_a_demonstration_may_do(settings: Any) -> None:
    settings.SEN_REQUIRE_MFA = settings.TLS = False
    settings.DEMO = True
    assert ids() == set()
    settings.DEMO = False
    assert ids() == {"sen.accounts.W001", "sen.accounts.W002", "sen.accounts.W003"}
    settings.SEN_REQUIRE_MFA = settings.TLS = True
    settings.SEN_DATA_KEYS = "index:" + "A" * 43 + "=,k1:" + "A" * 43 + "="
    assert ids() == set()


@pytest.mark.parametrize("file", ["/gone/keys", __file__])
def test_keys_that_cannot_be_read_are_an_error(settings: Any, file: str) -> None:
    settings.SEN_DATA_KEYS_FILE = file
    assert "sen.accounts.E001" in ids()
