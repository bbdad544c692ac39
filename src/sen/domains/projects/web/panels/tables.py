"""Small tables in panels: rows of cells, and the way to add another row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from sen.domains.projects.models import ProjectPart
from sen.kernel.access.models import ScopedModel
from sen.kernel.web.register.links import WORK, base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext
from sen.kernel.web.register.resource import resources
from sen.lib.money import format_vnd

SHOWN: Final = 12
TEMPLATE: Final = "projects/table.html"


@dataclass(frozen=True, slots=True)
class TableCell:
    """One value; with an address it is a link, with a tone a badge."""

    text: str
    url: str = ""
    tone: str | None = None
    is_number: bool = False


def text(value: object, url: str = "") -> TableCell:
    return TableCell("" if value is None else str(value), url)


def badge(value: object, tone: str) -> TableCell:
    return TableCell(str(value), tone=tone)


def money(value: int | None) -> TableCell:
    return TableCell("" if value is None else format_vnd(value), is_number=True)


def day(value: date | None, url: str = "") -> TableCell:
    return TableCell(f"{value:%d/%m/%Y}" if value else "", url)


def pct(value: float | None) -> TableCell:
    shown = "" if value is None else f"{value:g}".replace(".", ",") + " %"
    return TableCell(shown, is_number=True)


def url_of(page: PanelContext, slug: str, row_id: int) -> str:
    """The page of a row of a register of projects, on the same side as this page."""
    return detail_url(resources[f"projects.{slug}"], row_id, base_of(page.request))


def add_url(page: PanelContext, model: type[ScopedModel], slug: str, **first: object) -> str:
    """The form for another row; empty where it may not be added."""
    if base_of(page.request) != WORK or not page.actor.may(model.access.permission("add")):
        return ""
    return f"{WORK}projects/{slug}/them/?{urlencode(first)}"


def list_url(page: PanelContext, slug: str, code: str) -> str:
    """The register narrowed to one project."""
    return f"{base_of(page.request)}projects/{slug}/?{urlencode({'project': code})}"


def table(
    heads: list[Any],
    rows: list[list[TableCell]],
    *,
    add: str = "",
    more: str = "",
    add_text: Any = "",
    **context: Any,
) -> PanelBody | None:
    """A table as a panel; None where there is nothing to see and nothing to add."""
    if not rows and not add:
        return None
    shown = [list(zip(heads, row, strict=True)) for row in rows[:SHOWN]]
    return PanelBody(
        TEMPLATE,
        {
            "heads": heads,
            "rows": shown,
            "add": add,
            "add_text": add_text,
            "more": more if len(rows) > SHOWN else "",
            **context,
        },
    )


def may_see(page: PanelContext, model: type[ProjectPart]) -> bool:
    """Whether the actor sees rows of a kind at all."""
    return page.actor.may(model.access.permission("view"))
