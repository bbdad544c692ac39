"""The style page in a real browser: accessible, within the policy, never wider than the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sen.kernel.web.styleguide import sample_context

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
if TYPE_CHECKING:
    from tests.frontend.conftest import Site, Visit

Open = Callable[..., "Visit"]


def findings(visit: Visit) -> list[str]:
    """Serious and critical findings of axe, one line each."""
    visit.page.evaluate(AXE)
    result: Any = visit.page.evaluate(
        "rules => axe.run(document, {resultTypes: ['violations'],"
        " runOnly: {type: 'tag', values: rules}}).then((said) => said.violations)",
        RULES,
    )
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in result
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_component_is_accessible_and_fits(
    site: Site, visit: Open, width: int, theme: str
) -> None:
    shown = visit(width, theme)
    shown.page.goto(site.show("/style", "sen/styleguide.html", sample_context()))
    shown.page.wait_for_selector("sen-chart svg.chart >> nth=1")
    assert shown.page.locator("html").get_attribute("data-theme") == theme
    assert findings(shown) == []
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
    assert shown.complaints == []


def test_open_dialogs_and_menus_are_accessible(site: Site, visit: Open) -> None:
    shown = visit()
    shown.page.goto(site.show("/style", "sen/styleguide.html", sample_context()))
    site.answers["/tim-kiem/goi-y"] = lambda query: site.json(
        {"items": [{"title": f"Cầu {query['q'][0]}", "url": "/cau/1", "icon": "bridge"}]}
    )
    shown.page.wait_for_selector("sen-palette:defined", state="attached")
    shown.page.keyboard.press("Control+k")
    shown.page.wait_for_selector("dialog.palette input", state="visible")
    shown.page.keyboard.type("mỹ")
    shown.page.wait_for_selector(".palette-item")
    assert findings(shown) == []
    shown.page.keyboard.press("Escape")
    shown.page.click("summary:has-text('Cột')")
    shown.page.click("[data-open=sg-drawer]")
    shown.page.wait_for_timeout(600)  # colours are judged when the drawer has slid in
    assert findings(shown) == []


@pytest.mark.parametrize("template", ["sen/public.html", "sen/solo.html"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_other_shells_are_accessible(site: Site, visit: Open, template: str, theme: str) -> None:
    shown = visit(theme=theme)
    shown.page.goto(site.show("/vo", template, {"page_title": "Đăng nhập"}))
    assert findings(shown) == []
    assert shown.complaints == []


def test_every_class_of_a_template_is_defined() -> None:
    """A class that no sheet knows is a typing mistake or a missing component."""
    sources = ROOT / "src" / "sen"
    sheets = "\n".join(path.read_text(encoding="utf-8") for path in sources.rglob("styles/*.css"))
    known = set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", sheets))
    unknown = {
        f"{path.relative_to(sources)}: {name}"
        for path in sources.rglob("templates/**/*.html")
        for name in _classes(path)
        if name not in known
    }
    assert unknown == set()


def _classes(path: Path) -> set[str]:
    names: set[str] = set()
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{%[^%]*%\}", " ", text.replace("'", '"') if "class='" in text else text)
    for value in re.findall(r'class="([^"]*)"', text):
        names.update(re.sub(r"\S*\{\{.*?\}\}\S*", " ", value).split())
    return {name for name in names if not name.endswith("-")}


def test_no_template_has_inline_style_or_script() -> None:
    """The policy would block them silently."""
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src" / "sen").rglob("templates/**/*.html")
        if re.search(r"\sstyle=|\son[a-z]+=\"|<script>|javascript:", path.read_text("utf-8"))
    ]
    assert found == []
