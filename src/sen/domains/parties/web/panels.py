"""Identifiers on a party's own page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.parties.choices import PERSONAL_SCHEMES, Scheme
from sen.domains.parties.models import Party
from sen.domains.parties.selectors import identifiers_of
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel


@panel("parties.parties", title=_("Mã định danh"), order=10)
def identifiers(page: PanelContext) -> PanelBody | None:
    """Personal identifiers by their last digits; the full value is asked for with a purpose."""
    if not isinstance(page.row, Party) or not page.actor.is_authenticated:
        return None
    rows = [
        {
            "scheme": item.get_scheme_display(),
            "value": f"•••• {item.last_digits}"
            if Scheme(item.scheme) in PERSONAL_SCHEMES
            else item.value,
            "sync": item.get_sync_display(),
            "synced_at": item.synced_at,
        }
        for item in identifiers_of(page.row)
    ]
    return PanelBody("parties/identifiers.html", {"rows": rows}) if rows else None
