"""Use cases on legal documents."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from sen.domains.norms.models import Document
from sen.domains.norms.selectors.asking import owners
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc, slugify


@use_case("norms.document.add")
def put_document(
    *,
    actor: Actor,
    code: str,
    number: str,
    name: str,
    owner_org: Organisation,
    area: Area,
    issuer: str = "",
    issued_date: date | None = None,
    effective_from: date | None = None,
    effective_to: date | None = None,
    url: str = "",
    note: str = "",
    is_demo: bool = False,
) -> Document:
    """Create or correct a legal document by its code."""
    row = Document.objects.unscoped("documents are unique by code").filter(code=code).first()
    row = row or Document(code=code)
    row.number, row.name, row.issuer = nfc(number), nfc(name), nfc(issuer)
    row.issued_date, row.effective_from, row.effective_to = (
        issued_date,
        effective_from,
        effective_to,
    )
    row.url, row.note = url, nfc(note)
    row.owner_org, row.area, row.is_demo = owner_org, area, is_demo
    row.save()
    return row


@use_case("norms.document.add")
def create_document(
    *,
    actor: Actor,
    number: str,
    name: str,
    code: str = "",
    issuer: str = "",
    issued_date: date | None = None,
    effective_from: date | None = None,
    effective_to: date | None = None,
    url: str = "",
    note: str = "",
) -> Document:
    """A new legal document; its code follows from its number (``95/2027/NĐ-CP`` → ``nd-95-2027``).

    Raises:
        InvalidInputError: the number or the code is taken, or the dates contradict each other.
    """
    said = nfc(number).strip()
    key = slugify(code or code_of(said))
    rows = Document.objects.unscoped("documents are unique by code and number")
    check = InputCheck()
    check.need(said, "number", _("Hãy ghi số, ký hiệu."))
    check.need(nfc(name).strip(), "name", _("Hãy ghi tên văn bản."))
    check.need(
        not rows.filter(number__iexact=said).exists(),
        "number",
        _("Văn bản %(number)s đã có trong danh mục.") % {"number": said},
    )
    check.need(not rows.filter(code=key).exists(), "code", _("Mã này đã dùng cho văn bản khác."))
    _check_span(check, effective_from, effective_to)
    check.done()
    organisation, area = owners()
    row = Document(
        code=key,
        number=said,
        name=nfc(name).strip(),
        issuer=nfc(issuer).strip(),
        issued_date=issued_date,
        effective_from=effective_from,
        effective_to=effective_to,
        url=url,
        note=nfc(note),
        owner_org=organisation,
        area=area,
    )
    row.save()
    return row


@use_case("norms.document.change")
def update_document(
    *,
    actor: Actor,
    row: Document,
    version: int | None,
    reason: str = "",
    name: str,
    issuer: str = "",
    issued_date: date | None = None,
    effective_from: date | None = None,
    effective_to: date | None = None,
    url: str = "",
    note: str = "",
) -> Document:
    """Correct what is said of a document; its number and code stay.

    Raises:
        InvalidInputError: the dates contradict each other.
        ConflictError: somebody changed it after the form was opened.
    """
    check_version(row, version)
    check = InputCheck()
    check.need(nfc(name).strip(), "name", _("Hãy ghi tên văn bản."))
    _check_span(check, effective_from, effective_to)
    check.done()
    row.name, row.issuer, row.url, row.note = nfc(name).strip(), nfc(issuer), url, nfc(note)
    row.issued_date, row.effective_from, row.effective_to = (
        issued_date,
        effective_from,
        effective_to,
    )
    row.save()
    return row


def code_of(number: str) -> str:
    """``95/2027/NĐ-CP`` → ``nd-95-2027``; of other numbers the words as they stand."""
    parts = number.split("/")
    if len(parts) == 3:
        head, *rest = parts[2].split("-")
        tail = "" if rest in ([], ["CP"], ["BGTVT"]) else "-" + "-".join(rest)
        return f"{head}-{parts[0]}-{parts[1]}{tail}"
    return number.replace("/", "-")


def _check_span(check: InputCheck, start: date | None, end: date | None) -> None:
    check.need(
        start is None or end is None or end > start,
        "effective_to",
        _("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
    )
