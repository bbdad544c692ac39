"""Events that could not be handled, at ``/ql/he-thong/su-kien/``."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import NotFoundError, SenError
from sen.kernel.events.models import Delivery
from sen.kernel.events.relay import lag
from sen.kernel.events.services import (
    CHANGE,
    drop_delivery,
    retry_delivery,
    shown_data,
    undelivered,
)
from sen.kernel.jobs.web.views import page

SHOWN: Final = 200
TONES: Final = {
    Delivery.State.WAITING: "",
    Delivery.State.RETRYING: "warn",
    Delivery.State.PARKED: "danger",
}


@require_GET
@never_cache
@page
def delivery_list(request: HttpRequest) -> HttpResponse:
    """What waits and what was parked, with the state of the outbox."""
    actor = actor_of(request)
    rows = [
        {
            "delivery": delivery,
            "tone": TONES[Delivery.State(delivery.state)],
            "type": delivery.envelope["type"],
            "data": shown_data(delivery),
            "cause": delivery.error.strip().rpartition("\n")[2],
        }
        for delivery in undelivered(actor)[:SHOWN]
    ]
    context = {
        "page_title": _("Sự kiện chưa xử lý được"),
        "rows": rows,
        "lag": lag(),
        "may_change": actor.may(CHANGE),
    }
    return render(request, "events/list.html", context)


@require_POST
@page
def delivery_act(request: HttpRequest, delivery_id: int, act: str) -> HttpResponse:
    """Hand an event over again, or give it up with a reason."""
    actor = actor_of(request)
    delivery = undelivered(actor).filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFoundError(_("sự kiện"), delivery_id)
    try:
        if act == "xu-ly-lai":
            retry_delivery(actor=actor, delivery=delivery)
            messages.success(request, _("Sự kiện sẽ được xử lý lại ngay."))
        else:
            drop_delivery(actor=actor, delivery=delivery, reason=request.POST.get("reason", ""))
            messages.success(request, _("Đã bỏ qua sự kiện."))
    except SenError as error:
        messages.error(request, str(error))
    return redirect("events")
