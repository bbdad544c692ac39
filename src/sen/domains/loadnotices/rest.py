"""The publication that holds, for programs."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from sen.domains.loadnotices.choices import Kind, Status
from sen.domains.loadnotices.selectors import current_items, current_notice, notices
from sen.domains.loadnotices.web.texts import plain
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import NotFoundError
from sen.kernel.rest.api import Audience, Field, Schema, router


class NoticeOut(Schema):
    code: str
    number: str
    name: str
    published_at: date | None
    as_on: date
    digest: str = Field(description="SHA-256 of what it says")


class ItemOut(Schema):
    key: str = Field(description="the same road or work in all publications")
    subject: str
    code: str
    name: str
    road: str
    from_m: float | None
    to_m: float | None
    load_limit_t: float | None
    load_limit_rigid_t: float | None
    load_limit_semi_t: float | None
    load_limit_trailer_t: float | None
    axle_limit_t: float | None
    clearance_m: float | None
    width_m: float | None
    is_limited: bool
    manager: str


class CurrentOut(Schema):
    notice: NoticeOut
    changes: list[NoticeOut] = Field(description="change notices since")
    items: list[ItemOut]


def current(request: HttpRequest, limited: bool = True) -> Any:
    """What holds now: the yearly publication with all changes after it."""
    actor = actor_of(request)
    held = current_notice(actor)
    if held is None:
        raise NotFoundError(_("công bố tải trọng"), "")
    since = notices(actor).filter(kind=Kind.CHANGE.value, status=Status.PUBLISHED.value)
    rows = current_items(actor).defer("geom", "search")
    return {
        "notice": held,
        "changes": list(since.filter(published_at__gte=held.published_at)),
        "items": [plain(row) for row in (rows.filter(is_limited=True) if limited else rows)],
    }


for audience in (Audience.PUBLIC, Audience.PARTNER, Audience.INTERNAL):
    router(audience, "loadnotices").get("/current", response=CurrentOut)(current)
