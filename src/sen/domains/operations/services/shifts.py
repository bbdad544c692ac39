"""Taking a shift, writing its log, handing it over."""

from __future__ import annotations

import re
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.operations.choices import EntryKind, Post
from sen.domains.operations.models import Shift, ShiftEntry
from sen.domains.operations.services.places import home_of
from sen.kernel.access.models import User
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

LONGEST: Final = 2000
#: From short numbers of emergency services on; what people put between the digits is kept.
PHONE: Final = re.compile(r"\+?[0-9](?:[ .-]?[0-9]){2,14}")


@use_case("operations.shift.add", act="operations.shift.start")
def start_shift(*, actor: Actor, post: str, phone: str = "") -> Shift:
    """Go on duty at a post.

    Raises:
        InvalidInputError: no such post, no such telephone number, or on duty there already.
    """
    check = InputCheck()
    check.need(post in Post.__members__, "post", _("Hãy chọn vị trí trực."))
    phone = " ".join(phone.split())
    check.need(
        not phone or PHONE.fullmatch(phone) is not None,
        "phone",
        _("Số điện thoại chỉ gồm chữ số, dấu cách, dấu chấm, từ 3 số, ví dụ 0912 345 678."),
    )
    check.done()
    check.need(
        not Shift.objects.visible_to(actor)
        .filter(person_id=actor.id, post=post, ends_at=None)
        .exists(),
        "post",
        _("Bạn đang trực ở vị trí này; hãy giao ca trước khi nhận ca mới."),
    )
    check.done()
    home = home_of(actor=actor, permission="operations.shift.add")
    shift = Shift(
        post=post,
        person_id=actor.id or 0,
        person_name=actor.name,
        phone=phone,
        begins_at=timezone.now(),
        owner_org_id=home.owner_org_id,
        area_id=home.area_id,
    )
    shift.save()
    return shift


@use_case("operations.shift.change", act="operations.shift.write")
def write_entry(*, actor: Actor, shift: Shift, kind: str, text: str) -> ShiftEntry:
    """Add a line to the log of an open shift.

    Raises:
        InvalidInputError: no text, an unknown kind, or the shift is over.
    """
    said = nfc(text).strip()
    check = InputCheck()
    check.need(kind in EntryKind.__members__, "kind", _("Hãy chọn loại nội dung."))
    check.need(said, "text", _("Hãy ghi nội dung."))
    check.need(
        len(said) <= LONGEST, "text", _("Nội dung dài quá %(most)d ký tự.") % {"most": LONGEST}
    )
    check.need(shift.ends_at is None, "text", _("Ca trực đã giao; hãy ghi vào ca đang trực."))
    check.done()
    entry = ShiftEntry(
        shift=shift,
        kind=kind,
        at=timezone.now(),
        text=said,
        written_by=actor.name,
        owner_org_id=shift.owner_org_id,
        area_id=shift.area_id,
        data_class=shift.data_class,
    )
    entry.save()
    return entry


@use_case("operations.shift.change", act="operations.shift.hand_over")
def hand_over(
    *, actor: Actor, shift: Shift, version: int | None, handover: str, taken_by: User
) -> Shift:
    """End one's shift with what the next one must know; returns the shift that follows.

    Raises:
        InvalidInputError: nothing is handed over in words, the shift is somebody else's or over,
            or the next one has that post already.
        ConflictError: the shift was changed meanwhile.
    """
    check_version(shift, version)
    said = nfc(handover).strip()
    check = InputCheck()
    check.need(shift.ends_at is None, "handover", _("Ca trực này đã giao rồi."))
    check.need(
        shift.person_id == actor.id, "handover", _("Chỉ người đang trực mới giao được ca của mình.")
    )
    check.need(said, "handover", _("Hãy ghi nội dung bàn giao, kể cả khi không có việc tồn."))
    check.need(len(said) <= 2 * LONGEST, "handover", _("Nội dung bàn giao dài quá 4.000 ký tự."))
    check.need(taken_by.pk != shift.person_id, "taken_by", _("Hãy chọn người nhận ca khác."))
    busy = Shift.objects.visible_to(actor).filter(person=taken_by, post=shift.post, ends_at=None)
    check.need(not busy.exists(), "taken_by", _("Người này đang trực ở vị trí đó."))
    check.done()
    now = timezone.now()
    shift.ends_at, shift.handover, shift.taken_by = now, said, taken_by
    shift.save()
    following = Shift(
        post=shift.post,
        person=taken_by,
        person_name=taken_by.full_name,
        begins_at=now,
        owner_org_id=shift.owner_org_id,
        area_id=shift.area_id,
        data_class=shift.data_class,
    )
    following.save()
    return following
