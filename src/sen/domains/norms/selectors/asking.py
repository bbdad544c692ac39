"""Asking rules: always for a date, never for «now»."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from sen.domains.norms.choices import Verification
from sen.domains.norms.data import Row, Ruling, Table
from sen.domains.norms.models import Document, Norm, NormVersion
from sen.domains.norms.rules import NoRowError, decide
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.services import put_node
from sen.kernel.errors import NotFoundError, RuleNotInForceError
from sen.kernel.memo import remembered
from sen.lib.workdays import OfficeHours, WorkCalendar

HOLIDAYS = "calendar.holidays"
MAKEUP_DAYS = "calendar.makeup-days"
OFFICE_HOURS = "calendar.office-hours"


def ruling(code: str, *, on: date, **case: Any) -> Ruling:
    """What the rule ``code`` says on a date in a case.

    Raises:
        NotFoundError: no rule has this code.
        RuleNotInForceError: no version is in force on the date, or it is silent on the case; the
            error says which.
    """
    version = version_on(code, on)
    try:
        value = decide(rows_of(version), case)
    except NoRowError as error:
        raise RuleNotInForceError(
            version.norm.name,
            on,
            hint=_("Quy định còn hiệu lực nhưng không có dòng cho: %(case)s.") % {"case": error},
        ) from error
    return Ruling(
        code=code,
        value=value,
        unit=version.norm.unit,
        legal_ref=version.legal_ref,
        document=version.document.number,
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        verification=Verification(version.verification),
    )


@remembered
def version_on(code: str, on: date, *, known_at: datetime | None = None) -> NormVersion:
    """The version of a rule in force on a date; with ``known_at`` as the house knew it then.

    Raises:
        NotFoundError: no rule has this code.
        RuleNotInForceError: none is in force then.
    """
    rows = NormVersion.objects.unscoped("law is the same for everybody")
    if known_at is None:
        rows = rows.filter(superseded_at=None)
    else:
        rows = rows.filter(Q(superseded_at=None) | Q(superseded_at__gt=known_at))
        rows = rows.filter(created_at__lte=known_at)
    found = (
        rows.filter(norm__code=code, effective_from__lte=on)
        .filter(Q(effective_to=None) | Q(effective_to__gt=on))
        .select_related("norm", "document")
        .order_by("-created_at")
        .first()
    )
    if found is not None:
        version: NormVersion = found
        return version
    norm = Norm.objects.unscoped("law is the same for everybody").filter(code=code).first()
    if norm is None:
        raise NotFoundError(_("quy định"), code)
    raise RuleNotInForceError(norm.name, on)


def table_on(code: str, on: date) -> Table:
    """The whole table of a rule on a date.

    Raises:
        NotFoundError: no rule has this code.
        RuleNotInForceError: no version is in force on the date.
    """
    return _table(version_on(code, on))


def tables_on(codes: Collection[str], on: date) -> dict[str, Table]:
    """The tables of several rules on a date, read at once; those not in force are left out."""
    rows = NormVersion.objects.unscoped("law is the same for everybody")
    held = rows.filter(superseded_at=None, norm__code__in=codes, effective_from__lte=on)
    held = held.filter(Q(effective_to=None) | Q(effective_to__gt=on))
    newest_last = held.select_related("norm", "document").order_by("created_at")
    return {version.norm.code: _table(version) for version in newest_last}


def _table(version: NormVersion) -> Table:
    return Table(
        code=version.norm.code,
        name=version.norm.name,
        unit=version.norm.unit,
        rows=tuple(rows_of(version)),
        legal_ref=version.legal_ref,
        document=version.document.number,
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        verification=Verification(version.verification),
    )


def rows_of(version: NormVersion) -> list[Row]:
    """The table of a version."""
    return [Row(dict(row.get("when", {})), row["value"]) for row in version.rows]


def calendar(first: date, last: date) -> WorkCalendar:
    """The working calendar of a span of days, from the rules of holidays and office hours.

    Raises:
        RuleNotInForceError: the holidays of a year of the span are not known: a deadline computed
            without them would be wrong without saying so.
    """
    holidays: set[date] = set()
    makeup: set[date] = set()
    for year in range(first.year, last.year + 1):
        on = date(year, 1, 1)
        holidays |= {date.fromisoformat(day) for day in ruling(HOLIDAYS, on=on).value}
        makeup |= {date.fromisoformat(day) for day in ruling(MAKEUP_DAYS, on=on).value}
    hours = OfficeHours.parse(str(ruling(OFFICE_HOURS, on=first).value))
    return WorkCalendar(
        first, last + timedelta(days=1), hours, holidays=holidays, makeup_days=makeup
    )


def norm(code: str) -> Norm:
    """A rule by its code.

    Raises:
        NotFoundError: no rule has this code.
    """
    found = Norm.objects.unscoped("law is the same for everybody").filter(code=code).first()
    if found is None:
        raise NotFoundError(_("quy định"), code)
    row: Norm = found
    return row


def document(code: str) -> Document:
    """A legal document by its code.

    Raises:
        NotFoundError: no document has this code.
    """
    found = Document.objects.unscoped("law is the same for everybody").filter(code=code).first()
    if found is None:
        raise NotFoundError(_("văn bản pháp luật"), code)
    row: Document = found
    return row


def owners() -> tuple[Organisation, Area]:
    """To whom law belongs: the state and the whole country; made where they are missing."""
    state = Organisation.objects.filter(code="NN").first() or put_node(
        Organisation, code="NN", name="Văn bản quy phạm pháp luật", kind="STATE"
    )
    country = Area.objects.filter(code="VN").first() or put_node(
        Area, code="VN", name="Việt Nam", kind="COUNTRY"
    )
    return state, country
