"""The append-only log: what was done, what rows were before, and the seals over both."""

from __future__ import annotations

from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sen.kernel.search.fields import search_column, search_index


class AuditEntry(models.Model):
    """One act: a use case that wrote, a reading of personal data, a sign-in, a refusal."""

    class Kind(models.TextChoices):
        WRITE = "WRITE", _("Ghi")
        READ = "READ", _("Xem dữ liệu cá nhân")
        SIGN_IN = "SIGN_IN", _("Đăng nhập")
        REFUSED = "REFUSED", _("Bị từ chối")
        SYSTEM = "SYSTEM", _("Hệ thống")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("lúc"), db_default=Now())
    txid = models.BigIntegerField(_("giao dịch"))
    kind = models.CharField(_("loại"), max_length=8, choices=Kind.choices)
    act = models.CharField(_("hành động"), max_length=100)
    resource = models.CharField(_("đối tượng"), max_length=80, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    object_label = models.CharField(_("tên đối tượng"), max_length=250, blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(_("người thực hiện"), max_length=120)
    reason = models.CharField(_("lý do"), max_length=500, blank=True)
    ip = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=32, blank=True)
    detail = models.JSONField(_("chi tiết"), default=dict)
    #: Not sealed: it follows from what is.
    search = search_column("object_label", "reason")

    class Meta:
        indexes = [
            models.Index(fields=["resource", "object_id", "-id"], name="audit_entry_object"),
            # One for each question of the log's page, all in its order: a page of the answer is a
            # range of the index, whatever lies between.
            models.Index(fields=["-at", "-id"], name="audit_entry_at"),
            models.Index(fields=["actor_id", "-at", "-id"], name="audit_entry_actor"),
            models.Index(fields=["kind", "-at", "-id"], name="audit_entry_kind"),
            models.Index(fields=["act", "-at", "-id"], name="audit_entry_act"),
            models.Index(fields=["resource", "-at", "-id"], name="audit_entry_resource"),
            models.Index(fields=["ip", "-at", "-id"], name="audit_entry_ip"),
            BrinIndex(fields=["txid"], name="audit_entry_txid", pages_per_range=16),
            search_index("audit_entry_text"),
        ]
        verbose_name = _("nhật ký")


class RowVersion(models.Model):
    """What a row was before a change (written by the database itself, see ``triggers``)."""

    id = models.BigAutoField(primary_key=True)
    table = models.CharField(max_length=63, db_column="table_name")
    row_id = models.BigIntegerField()
    version = models.IntegerField()
    op = models.CharField(max_length=1)  # U: changed, D: deleted
    image = models.JSONField()
    geom = GeometryField(srid=4326, null=True, spatial_index=False)
    valid_from = models.DateTimeField()
    changed_at = models.DateTimeField()
    txid = models.BigIntegerField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["table", "row_id", "changed_at"], name="audit_version_row"),
            BrinIndex(fields=["txid"], name="audit_version_txid", pages_per_range=16),
            models.Index(fields=["table", "changed_at"], name="audit_version_since"),
            BrinIndex(fields=["changed_at"], name="audit_version_at"),
        ]
        verbose_name = _("phiên bản dữ liệu")


class Seal(models.Model):
    """A link of the hash chain over all entries and versions of a range of transactions.

    ``leaves`` holds 25 bytes for each row: table, id, and half of the SHA-256 of its text, so that
    a later look can name the very row that differs. ``digest`` is the SHA-256 of all the rest and
    of the previous digest.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    form = models.SmallIntegerField()
    from_txid = models.BigIntegerField()
    to_txid = models.BigIntegerField()  # exclusive
    rows = models.IntegerField()
    leaves = models.BinaryField()
    previous = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["from_txid"], name="audit_seal_from"),
            models.UniqueConstraint(fields=["to_txid"], name="audit_seal_to"),
        ]
        verbose_name = _("niêm phong")
