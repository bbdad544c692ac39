"""Where faults are seen: the list of the records behind a figure, and a mark on each record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.quality.checks import DIMENSIONS, Check, checks, checks_of
from sen.kernel.registry import Store
from sen.kernel.web.register.filters import FilterError, Narrowing, narrowings
from sen.kernel.web.register.links import list_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import Label, Resource

#: Parameter of every list: ``?fault=<name of a check>``.
PARAMETER: Final = "fault"


@dataclass(frozen=True, slots=True)
class FaultLink:
    """What a domain above offers to do about the faults that a check finds."""

    name: str
    title: Label
    icon: str
    permission: str
    url: Callable[[Resource[Any], Check], str]


fault_links: Store[FaultLink] = Store("link of faults")


def faults_url(resource: Resource[Any], check: Check) -> str:
    """The list of the rows with which a check finds fault."""
    return f"{list_url(resource)}?{PARAMETER}={check.name}"


def _check(resource: Resource[Any], name: str) -> Check:
    found = checks.get(f"{resource.key}.{name}")
    if found is None:
        raise FilterError(_("Không có phép kiểm tra “%(name)s”.") % {"name": name[:60]})
    return found


def _condition(resource: Resource[Any], name: str) -> Q:
    return _check(resource, name).at_fault


def _words(resource: Resource[Any], name: str) -> str:
    found = checks.get(f"{resource.key}.{name}")
    return str(found.title) if found is not None else name[:60]


narrowings.add(PARAMETER, Narrowing(PARAMETER, gettext_lazy("Chưa đạt"), _condition, _words))


def _at_fault(page: PanelContext) -> dict[str, QuerySet[Any, Any]]:
    """Place of each check → the row of the page, if it fails the check."""
    found = checks_of(page.resource)
    if not found or not page.resource.may(page.actor, "change"):
        return {}
    rows = page.resource.rows(page.actor, "change").filter(pk=page.row.pk)
    return {str(place): rows.filter(check.at_fault) for place, check in enumerate(found)}


@panel("*", title=gettext_lazy("Chất lượng dữ liệu"), order=90, asks=_at_fault)
def faults_of_row(page: PanelContext) -> PanelBody | None:
    """What is wrong with this record and how to mend it, for those who may."""
    found = checks_of(page.resource)
    wrong = [check for place, check in enumerate(found) if page.has(str(place))]
    if not wrong:
        return None
    faults = [{"check": check, "dimension": DIMENSIONS[check.dimension]} for check in wrong]
    return PanelBody("sen/quality/faults.html", {"faults": faults, "count": len(found)})
