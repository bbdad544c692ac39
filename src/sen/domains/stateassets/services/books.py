"""Closing the year of an organisation, and opening it again."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.stateassets.choices import BookStatus
from sen.domains.stateassets.events import BookClosed, BookReopened
from sen.domains.stateassets.models import Book, Card, Charge
from sen.domains.stateassets.rules import BooksFault, Standing
from sen.domains.stateassets.selectors import Reckoning, last_closed_year, reckon_year
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck, InvalidInputError, PermissionDeniedError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case

_BATCH = 2000


@use_case("stateassets.book.add", act="stateassets.close_book")
def close_book(*, actor: Actor, organisation: Organisation, year: int, reason: str = "") -> Book:
    """Charge every card on an organisation's books for a year, and lock the year.

    Raises:
        ConflictError: it is closed, or a year before it is not.
        InvalidInputError: the year is not over, no card is on the books, or a card cannot be
            computed; the error names the cards.
        RuleNotInForceError: the law has no rates for the year.
    """
    check = InputCheck()
    check.need(
        year < timezone.localdate().year,
        "year",
        _("Chỉ khóa sổ năm đã kết thúc; năm %(year)s chưa hết.") % {"year": year},
    )
    check.done()
    last = last_closed_year(organisation.pk)
    if last is not None and year != last + 1:
        raise ConflictError(
            _("Năm phải khóa tiếp theo của %(org)s là %(next)s.")
            % {"org": organisation.name, "next": last + 1}
        )
    # Written in one after the other: two closings of one year must not both charge.
    held = Card.objects.visible_to(actor, "change").filter(owner_org=organisation)
    locked = set(held.select_for_update(of=("self",)).order_by("id").values_list("id", flat=True))
    found = reckon_year(actor, organisation, year)
    if not found.lines:
        raise InvalidInputError(
            {"year": _("Đến hết năm %(year)s đơn vị chưa có thẻ nào trên sổ.") % {"year": year}}
        )
    if any(line.card.pk not in locked for line in found.lines):
        raise PermissionDeniedError("stateassets.card.change")
    _check_lines(found)
    return _write(actor, organisation, found)


def _check_lines(found: Reckoning) -> None:
    """What was recorded since the end of the year must still fit after its charge."""
    wrong: list[str] = []
    for line in found.lines:
        now = Standing(line.card.original_vnd, line.card.accumulated_vnd)
        try:
            now.moved(0, line.charge_vnd)
        except BooksFault:
            wrong.append(line.card.code)
    if wrong:
        raise InvalidInputError(
            {
                "year": _("Chưa tính được hao mòn của các thẻ: %(codes)s.")
                % {"codes": ", ".join(wrong[:20])}
            },
            hint=_("Biến động ghi sau năm này đã dùng hết giá trị; hãy ghi điều chỉnh trước."),
        )


def _write(actor: Actor, organisation: Organisation, found: Reckoning) -> Book:
    book = Book.objects.visible_to(actor).filter(owner_org=organisation, year=found.year).first()
    first = found.lines[0].card
    if book is None:
        book = Book(owner_org=organisation, area_id=first.area_id, year=found.year)
        book.is_demo = all(line.card.is_demo for line in found.lines)
    book.status = BookStatus.CLOSED.value
    book.cards, book.charged_vnd = len(found.lines), found.charged_vnd
    book.citation, book.is_verified = found.law.citation[:250], found.law.is_verified
    book.closed_by_id, book.closed_by_name = actor.id, actor.name or actor.username
    book.closed_at = timezone.now()
    book.save()
    Charge.objects.bulk_create(
        [
            Charge(
                card=line.card,
                book=book,
                year=found.year,
                original_vnd=line.at_end.original_vnd,
                rate_pct=line.rate.pct,
                amount_vnd=line.charge_vnd,
                accumulated_vnd=line.after.accumulated_vnd,
                owner_org_id=line.card.owner_org_id,
                area_id=line.card.area_id,
                data_class=line.card.data_class,
                is_demo=line.card.is_demo,
            )
            for line in found.lines
        ],
        batch_size=_BATCH,
    )
    charged = [line for line in found.lines if line.charge_vnd]
    for line in charged:
        line.card.accumulated_vnd += line.charge_vnd
    Card.objects.bulk_update(
        [line.card for line in charged], ["accumulated_vnd"], batch_size=_BATCH
    )
    publish(
        BookClosed(
            book_id=book.pk,
            organisation=organisation.code,
            year=found.year,
            cards=book.cards,
            charged_vnd=book.charged_vnd,
        ),
        key=book.pk,
        on=book,
    )
    return book


@use_case("stateassets.book.change", act="stateassets.reopen_book")
def reopen_book(*, actor: Actor, row: Book, version: int | None, reason: str) -> Book:
    """Open a closed year again and take its charges back; another person than who closed it.

    Raises:
        ConflictError: it is open, or a later year is closed.
        InvalidInputError: no reason.
        PermissionDeniedError: the same person closed it.
    """
    check_version(row, version)
    check = InputCheck()
    check.need(reason.strip(), "reason", _("Hãy ghi lý do mở lại sổ."))
    check.done()
    if row.status != BookStatus.CLOSED:
        raise ConflictError(_("Sổ năm này đang mở."))
    if row.closed_by_id is not None and row.closed_by_id == actor.id:
        raise PermissionDeniedError(
            "stateassets.book.change",
            _("Người đã khóa sổ không được tự mở lại."),
            hint=_("Hãy đề nghị người khác có quyền mở lại sổ."),
        )
    last = last_closed_year(row.owner_org_id)
    if last != row.year:
        raise ConflictError(_("Năm %(last)s đã khóa; hãy mở lại năm đó trước.") % {"last": last})
    with as_system("a year is opened again with all of its cards"):
        charges = Charge.objects.filter(book=row)
        amounts = dict(charges.values_list("card_id", "amount_vnd"))
        cards = list(Card.objects.filter(pk__in=list(amounts)))
        for card in cards:
            card.accumulated_vnd -= amounts[card.pk]
        Card.objects.bulk_update(cards, ["accumulated_vnd"], batch_size=_BATCH)
        charges.delete()
    row.status, row.reopened_at = BookStatus.OPEN.value, timezone.now()
    row.reopened_by_name = actor.name or actor.username
    row.reopening_reason = reason.strip()[:500]
    row.cards, row.charged_vnd = 0, 0
    row.save()
    publish(
        BookReopened(book_id=row.pk, organisation=row.owner_org.code, year=row.year),
        key=row.pk,
        on=row,
    )
    return row
