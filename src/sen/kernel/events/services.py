"""What people do with events that could not be handled."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError
from sen.kernel.events.base import event_types, personal_fields
from sen.kernel.events.handlers import handlers
from sen.kernel.events.models import Delivery

VIEW = "kernel.events.view"
CHANGE = "kernel.events.change"


def undelivered(actor: Actor) -> QuerySet[Delivery]:
    """Events that wait for a repetition or were parked, newest first.

    Raises:
        PermissionDeniedError: the actor may not look after events.
    """
    if not actor.may(VIEW):
        raise PermissionDeniedError(VIEW)
    return Delivery.objects.order_by("-id")


def shown_data(delivery: Delivery) -> dict[str, object]:
    """The data of an event as it may be shown: personal data is left out."""
    cls = event_types.get(delivery.envelope["type"])
    hidden = personal_fields(cls) if cls else frozenset(delivery.envelope["data"])
    return {k: "•••" if k in hidden else v for k, v in delivery.envelope["data"].items()}


@transaction.atomic
def retry_delivery(*, actor: Actor, delivery: Delivery) -> Delivery:
    """Hand an event to its handler again, at once and with all its tries.

    Raises:
        PermissionDeniedError: the actor may not look after events.
        ConflictError: the handler no longer exists.
    """
    _authorise(actor)
    if delivery.handler not in handlers:
        raise ConflictError(
            _("Bộ xử lý “%(name)s” không còn trong hệ thống.") % {"name": delivery.handler},
            hint=_("Hãy bỏ qua sự kiện này."),
        )
    delivery.state = Delivery.State.RETRYING
    delivery.attempts = 0
    delivery.next_at = timezone.now()
    delivery.save(update_fields=["state", "attempts", "next_at"])
    _record("kernel.events.retry", delivery, "")
    return delivery


@transaction.atomic
def drop_delivery(*, actor: Actor, delivery: Delivery, reason: str) -> None:
    """Give an event up for its handler; later events of the same thing go on.

    Raises:
        PermissionDeniedError: the actor may not look after events.
        InvalidInputError: no reason is given.
    """
    _authorise(actor)
    if not reason.strip():
        raise InvalidInputError({"reason": _("Hãy ghi lý do bỏ qua sự kiện này.")})
    _record("kernel.events.drop", delivery, reason)
    delivery.delete()


def _authorise(actor: Actor) -> None:
    if not actor.may(CHANGE):
        raise PermissionDeniedError(CHANGE)


def _record(act: str, delivery: Delivery, reason: str) -> None:
    record(
        act=act,
        resource="kernel.events",
        object_id=str(delivery.event_id),
        label=f"{delivery.envelope['type']} → {delivery.handler}",
        reason=reason,
    )
