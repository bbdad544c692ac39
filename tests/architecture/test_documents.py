"""Documents: what they link to exists, and the two languages stand side by side."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r'\]\(([^)\s]+)\)|src="([^"]+)"')
CODE = re.compile(r"```.*?```|`[^`\n]*`", flags=re.DOTALL)
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "src" / "sen" / "domains").glob("*/README.md"),
    ]
)


def anchors(page: Path) -> set[str]:
    """The names that headings get where Markdown is shown."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for found in LINK.finditer(text):
        link = found[1] or found[2]
        if re.match(r"[a-z]+:", link):
            continue
        name, _sep, anchor = link.partition("#")
        target = page.parent / name if name else page
        is_there = target.exists() and (not anchor or anchor in anchors(target))
        broken += [] if is_there else [link]
    assert not broken, f"{page.relative_to(ROOT)} links to what is not there: {broken}"


def test_guides_for_users_exist_in_both_languages() -> None:
    """A page that holds both languages needs no twin: its heading names both with a ``·``."""
    folder = ROOT / "docs" / "user"
    for page in folder.glob("*.md"):
        stem = page.name.removesuffix(".md").removesuffix(".vi")
        twins = (folder / f"{stem}.md").exists() and (folder / f"{stem}.vi.md").exists()
        heading = page.read_text(encoding="utf-8").partition("\n")[0]
        assert twins or "·" in heading, f"{page.name} stands in one language alone"


def test_vietnamese_is_composed() -> None:
    """Decomposed letters look alike and are not found by search."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert unicodedata.is_normalized("NFC", text), page
