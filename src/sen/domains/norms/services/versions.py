"""Use cases on rules and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from sen.domains.norms.choices import Verification
from sen.domains.norms.data import Row
from sen.domains.norms.events import NormVersionPublished, NormVersionVerified
from sen.domains.norms.models import Document, Norm, NormVersion
from sen.domains.norms.rules import faults
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck, InvalidInputError, NotFoundError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("norms.norm.add")
def put_norm(
    *,
    actor: Actor,
    code: str,
    name: str,
    topic: str,
    unit: str,
    keys: Sequence[str],
    owner_org: Organisation,
    area: Area,
) -> Norm:
    """Create or rename a rule; what it says is in its versions."""
    row = Norm.objects.unscoped("rules are unique by code").filter(code=code).first()
    row = row or Norm(code=code)
    row.name, row.topic, row.unit, row.keys = nfc(name), topic, unit, list(keys)
    row.owner_org, row.area = owner_org, area
    row.save()
    return row


@use_case("norms.version.add")
def put_version(
    *,
    actor: Actor,
    norm: Norm,
    document: str,
    legal_ref: str,
    effective_from: date,
    effective_to: date | None,
    rows: Sequence[Mapping[str, Any]],
    verification: str = Verification.UNVERIFIED.value,
    note: str = "",
) -> NormVersion:
    """Add what a rule says from a date on; the version before ends where this one begins.

    Raises:
        NotFoundError: the document is not on record.
        InvalidInputError: the span is empty or overlaps another, or the table is malformed.
    """
    source = Document.objects.unscoped("documents are unique by code").filter(code=document).first()
    if source is None:
        raise NotFoundError(_("văn bản pháp luật"), document)
    check = InputCheck()
    check.need(
        effective_to is None or effective_to > effective_from,
        "effective_to",
        _("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
    )
    for fault in faults([Row(dict(r.get("when", {})), r["value"]) for r in rows], norm.keys):
        check.add("rows", _(fault.template) % fault.params)
    versions = current_versions(norm)
    before = versions.filter(effective_from__lt=effective_from, effective_to=None).first()
    clash = versions.filter(Q(effective_to=None) | Q(effective_to__gt=effective_from))
    if effective_to is not None:
        clash = clash.filter(effective_from__lt=effective_to)
    if before is not None:
        clash = clash.exclude(pk=before.pk)
    check.need(not clash.exists(), "effective_from", _("Trùng thời gian với một phiên bản khác."))
    check.done()
    if before is not None:
        before.effective_to = effective_from
        before.save(update_fields=["effective_to"])
    made = NormVersion(
        norm=norm,
        document=source,
        legal_ref=legal_ref,
        effective_from=effective_from,
        effective_to=effective_to,
        verification=verification,
        rows=[dict(row) for row in rows],
        note=nfc(note),
        owner_org=norm.owner_org,
        area=norm.area,
    )
    made.save()
    publish(
        NormVersionPublished(norm=norm.code, effective_from=effective_from), key=norm.code, on=made
    )
    return made


@use_case("norms.version.change")
def verify_version(
    *,
    actor: Actor,
    row: NormVersion,
    version: int,
    reason: str = "",
    verification: str,
    source: str = "",
    note: str = "",
) -> NormVersion:
    """Note that somebody compared a version with the text of the law; the table stays as it is.

    Raises:
        InvalidInputError: verified without the source that it was compared with.
        ConflictError: somebody changed it after the form was opened.
    """
    check_version(row, version)
    said = nfc(source).strip()
    if verification == Verification.VERIFIED and not said:
        raise InvalidInputError(
            {"source": _("Hãy ghi nguồn đã đối chiếu: số Công báo, địa chỉ văn bản, trang.")}
        )
    row.verification, row.source, row.note = verification, said, nfc(note)
    is_verified = verification == Verification.VERIFIED
    row.verified_by = actor.name if is_verified else ""
    row.verified_on = localdate() if is_verified else None
    row.save()
    publish(
        NormVersionVerified(
            norm=row.norm.code, effective_from=row.effective_from, verification=verification
        ),
        key=row.norm.code,
        on=row,
    )
    return row


def current_versions(norm: Norm) -> QuerySet[NormVersion]:
    """Versions of a rule that nothing superseded."""
    rows = NormVersion.objects.unscoped("versions of one rule")
    found: QuerySet[NormVersion] = rows.filter(norm=norm, superseded_at=None)
    return found
