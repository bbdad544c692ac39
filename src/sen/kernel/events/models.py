"""The outbox, the inboxes of the handlers, and what could not be handled yet."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class OutboxEvent(models.Model):
    """An event, written in the transaction that caused it; the record of what happened."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    type = models.CharField(_("loại"), max_length=150)
    #: ``<domain>.<thing>:<key>``; events of one partition keep their order.
    partition = models.CharField(max_length=150)
    shard = models.SmallIntegerField()
    envelope = models.JSONField()
    created_at = models.DateTimeField(_("lúc"), db_default=Now())
    sent_at = models.DateTimeField(_("đã chuyển lúc"), null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["shard", "id"],
                name="events_outbox_pending",
                condition=models.Q(sent_at=None),
            ),
            models.Index(fields=["partition", "id"], name="events_outbox_partition"),
            BrinIndex(fields=["created_at"], name="events_outbox_at"),
        ]
        verbose_name = _("sự kiện")


class InboxEntry(models.Model):
    """A handler has handled an event: written in the handler's own transaction."""

    id = models.BigAutoField(primary_key=True)
    handler = models.CharField(max_length=80)
    event_id = models.UUIDField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "handler"], name="events_inbox_once"),
        ]
        indexes = [BrinIndex(fields=["at"], name="events_inbox_at")]
        verbose_name = _("sự kiện đã xử lý")


class Delivery(models.Model):
    """An event that a handler could not handle yet. Gone as soon as it is handled."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("Chờ sự kiện trước")
        RETRYING = "RETRYING", _("Sẽ thử lại")
        PARKED = "PARKED", _("Tạm dừng")

    id = models.BigAutoField(primary_key=True)
    handler = models.CharField(_("bộ xử lý"), max_length=80)
    event_id = models.UUIDField()
    partition = models.CharField(max_length=150)
    sequence = models.BigIntegerField(_("số thứ tự"))
    envelope = models.JSONField()
    state = models.CharField(_("trạng thái"), max_length=8, choices=State.choices)
    attempts = models.IntegerField(_("số lần thử"), default=0)
    error = models.TextField(_("lỗi"), blank=True)
    next_at = models.DateTimeField(_("thử lại lúc"), db_default=Now())
    created_at = models.DateTimeField(_("lúc"), db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "handler"], name="events_delivery_once"),
        ]
        indexes = [
            models.Index(fields=["handler", "partition", "sequence"], name="events_delivery_key"),
        ]
        verbose_name = _("sự kiện chưa xử lý được")


class HandlerStart(models.Model):
    """Since when a handler has been listening; older events are not its business."""

    handler = models.CharField(max_length=80, primary_key=True)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("bộ xử lý sự kiện")
