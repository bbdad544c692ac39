"""Words of the account pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation

from sen.kernel.access.accounts import words
from sen.kernel.access.accounts.adapter import ACTS
from sen.kernel.jobs.web.views import schedule_text
from sen.kernel.numbers import chainage_text, number_text

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36", "Chrome 126, Windows"),
        (f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge 126, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "Safari 17, iPhone",
        ),
        ("QGIS/3.34 Linux", "QGIS/3.34 Linux"),
    ],
)
def test_a_browser_is_named_as_people_name_it(said: str, expected: str) -> None:
    assert words.browser_text(said) == expected


def test_every_act_on_an_account_has_words() -> None:
    folder = Path(words.__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
    written = set(re.findall(r'act="(accounts\.[a-z.-]+)"', "\n".join(texts))) | set(ACTS.values())
    on_accounts = written - {"accounts.review.exported", "accounts.data-key.rotated"}
    assert len(on_accounts) > 15
    with translation.override("vi"):
        assert [act for act in sorted(on_accounts) if words.act_text(act) == act] == []


def test_schedules_are_told_in_words() -> None:
    with translation.override("vi"):
        assert schedule_text("10 2 * * *") == "Hằng ngày lúc 02:10"
        assert schedule_text("*/5 * * * *") == "Mỗi 5 phút"
        assert schedule_text("0 3 1 * *") == "0 3 1 * *"


def test_numbers_follow_the_language_of_the_page() -> None:
    with translation.override("vi"):
        assert (number_text(1906.5), chainage_text(12500.4)) == ("1.906,5", "Km12+500,4")
    with translation.override("en"):
        assert (number_text(1906.5), chainage_text(12500.4)) == ("1,906.5", "Km12+500.4")
