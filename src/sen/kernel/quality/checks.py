"""What is checked on the rows of a register.

A domain declares its checks in ``quality.py``::

    expected("assets.bridges", "load_limit", "attributes__load_limit_t", _("Tải trọng"))
    alive("assets.bridges", days=365)
    add_check(Check(
        register="assets.bridges", name="spans-add-up", dimension=Dimension.CORRECT,
        title=_("Tổng nhịp khác chiều dài cầu"), help=_("Xem lại chiều dài hoặc sơ đồ nhịp."),
        faulty=lambda: Q(attributes__length_m__lt=F("attributes__spans_sum_m")),
    ))

A check is a condition on rows, so that the same declaration gives a figure, a list of the records
behind it and a mark on each record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import CharField, F, Func, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sen.kernel.registry import Store
from sen.kernel.web.register.resource import Resource, resources

Label = str | Promise


class Dimension(StrEnum):
    """The five qualities of data.

    Source: CV4856-BCA (đúng, đủ, sạch, sống, thống nhất).
    """

    CORRECT = "correct"
    COMPLETE = "complete"
    CLEAN = "clean"
    ALIVE = "alive"
    CONSISTENT = "consistent"


DIMENSIONS: Final[dict[Dimension, Label]] = {
    Dimension.CORRECT: _("Đúng"),
    Dimension.COMPLETE: _("Đủ"),
    Dimension.CLEAN: _("Sạch"),
    Dimension.ALIVE: _("Sống"),
    Dimension.CONSISTENT: _("Thống nhất"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check. ``faulty`` and ``applies`` are made anew each time: some depend on today.

    ``help`` says how a fault is mended; ``weight`` how much it counts within its dimension.
    """

    register: str
    name: str
    dimension: Dimension
    title: Label
    faulty: Callable[[], Q]
    applies: Callable[[], Q] | None = None
    field: str = ""
    help: Label = ""
    weight: int = 1

    @property
    def key(self) -> str:
        return f"{self.register}.{self.name}"

    @property
    def at_fault(self) -> Q:
        """The rows that the check finds fault with."""
        return self.faulty() & self.applies() if self.applies is not None else self.faulty()


class CheckError(ValueError):
    """A check is declared wrongly."""


checks: Store[Check] = Store("quality check")


def add_check(check: Check) -> Check:
    """Declare a check.

    Raises:
        CheckError: there is no such register, or the field is hidden from some of its readers:
            the list of faults would tell them what is hidden.
    """
    resource = resources.get(check.register)
    if resource is None:
        raise CheckError(f"{check.key}: there is no register {check.register!r}")
    if check.field.split("__")[0] in resource.rule.masks or check.field in resource.rule.masks:
        raise CheckError(f"{check.key}: {check.field!r} is masked, its faults would betray it")
    return checks.add(check.key, check)


def checks_of(resource: Resource[Any]) -> list[Check]:
    """The checks of one register, in the order of declaration."""
    return [check for check in checks if check.register == resource.key]


def registers_with_checks() -> list[Resource[Any]]:
    """Registers that are judged at all, in the order of the house."""
    judged = {check.register for check in checks}
    return [resource for resource in resources if resource.key in judged]


def expected(
    register: str,
    name: str,
    path: str,
    title: Label,
    *,
    applies: Callable[[], Q] | None = None,
    weight: int = 1,
) -> Check:
    """The value at ``path`` ought to be known."""
    resource = resources.get(register)
    if resource is None:
        raise CheckError(f"{register}: there is no such register")
    empty = _empty(resource, path)
    return add_check(
        Check(
            register=register,
            name=f"{name}-known",
            dimension=Dimension.COMPLETE,
            title=title,
            help=_("Bổ sung giá trị còn thiếu."),
            field=path,
            faulty=lambda: empty,
            applies=applies,
            weight=weight,
        )
    )


def _empty(resource: Resource[Any], path: str) -> Q:
    if resource.is_json(path):
        return Q(**{f"{path}__isnull": True}) | Q(**{path: None})
    field = resource.model_field(path)
    if isinstance(field, CharField):
        return Q(**{path: ""}) | Q(**{f"{path}__isnull": True})
    return Q(**{f"{path}__isnull": True})


def alive(register: str, *, days: int, path: str = "updated_at", weight: int = 1) -> Check:
    """A row ought to be looked at again after so many days."""

    def old() -> Q:
        return Q(**{f"{path}__lt": timezone.now() - timedelta(days=days)}) | Q(
            **{f"{path}__isnull": True}
        )

    return add_check(
        Check(
            register=register,
            name="alive",
            dimension=Dimension.ALIVE,
            title=_("Được cập nhật trong thời hạn"),
            help=_("Kiểm tra ngoài thực địa hoặc trong hồ sơ rồi lưu lại bản ghi."),
            field=path,
            faulty=old,
            weight=weight,
        )
    )


class Composed(Func):
    """A text in composed letters, as all searching and sorting expects it."""

    template = "normalize(%(expressions)s, NFC)"
    output_field = CharField()


#: Spaces at the ends or doubled, control characters, and letters of old fonts read as Latin-1.
_DIRTY: Final = (
    r"(^\s|\s$|\s\s|[\x01-\x1f\ufffd]"
    r"|[\u00b8\u00b5\u00b6\u00b7\u00b9\u00a8\u00be\u00bb\u00bc\u00bd\u00c6\u00a9\u00ae\u00a7])"
)


def clean_text(register: str, path: str, title: Label, *, weight: int = 1) -> Check:
    """A text is free of stray spaces, broken letters and split diacritics."""
    return add_check(
        Check(
            register=register,
            name=f"{path.replace('_', '-')}-clean",
            dimension=Dimension.CLEAN,
            title=title,
            help=_("Sửa khoảng trắng thừa, chữ lỗi phông hoặc dấu tách rời."),
            field=path,
            faulty=lambda: Q(**{f"{path}__regex": _DIRTY}) | ~Q(**{path: Composed(F(path))}),
            applies=lambda: ~Q(**{path: ""}),
            weight=weight,
        )
    )
