"""Writing values into rows, and the checks that many of them share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.projects.choices import Status
from sen.domains.projects.models import Project, ProjectPart
from sen.domains.projects.rules import may_move
from sen.kernel.access.context import as_system, current_actor
from sen.kernel.access.models import ScopedModel
from sen.kernel.errors import ConflictError, InputCheck, PermissionDeniedError

#: Above this an amount is a slip of the keyboard: a thousand trillion đồng.
MOST_VND: Final = 10**15


def join(row: ProjectPart, project: Project) -> None:
    """A part belongs to whom its project belongs and is at least as closed as it."""
    row.project = project
    row.owner_org_id, row.area_id = project.owner_org_id, project.area_id
    row.data_class = max(project.data_class, row.own_class.value)
    row.is_demo = project.is_demo
    if row.pk is None:
        need_scope(row, "add")


def need_scope(row: ScopedModel, act: str) -> None:
    """The database would refuse the row as well, but without words.

    Raises:
        PermissionDeniedError: the row lies outside what the actor may write.
    """
    if not current_actor().scope(row.access, act).allows(row):
        raise PermissionDeniedError(
            row.access.permission(act),
            _("Bạn không được ghi dữ liệu này cho đơn vị hoặc địa bàn của dự án."),
        )


def need_text(check: InputCheck, row: ScopedModel, *names: str) -> None:
    """Texts that must not be empty, within what the column holds."""
    for name in names:
        field = row._meta.get_field(name)
        text, most = str(getattr(row, name) or ""), getattr(field, "max_length", None) or 5000
        check.need(
            0 < len(text) <= most,
            name,
            _("Hãy ghi %(label)s, tối đa %(most)s ký tự.")
            % {"label": getattr(field, "verbose_name", name), "most": most},
        )


def need_given(check: InputCheck, row: ScopedModel, *names: str) -> None:
    """Values that must be there; references by their id."""
    for name in names:
        field = row._meta.get_field(name)
        value = getattr(row, getattr(field, "attname", name))
        check.need(
            value is not None and value != "",
            name,
            _("Hãy cho biết %(label)s.") % {"label": getattr(field, "verbose_name", name)},
        )


def need_choice(check: InputCheck, row: ScopedModel, *names: str) -> None:
    """Values of closed lists."""
    for name in names:
        field = row._meta.get_field(name)
        known = {str(value): str(label) for value, label in getattr(field, "flatchoices", ())}
        value = str(getattr(row, name) or "")
        is_empty = not value and getattr(field, "blank", False)
        check.need(
            is_empty or value in known,
            name,
            _("Không có giá trị “%(value)s”; hãy chọn một trong: %(known)s.")
            % {"value": value, "known": ", ".join(known.values())},
        )


def need_amount(
    check: InputCheck, row: ScopedModel, *names: str, least: int = 0, may_fall: bool = False
) -> None:
    """Amounts in whole đồng, not negative unless they may fall."""
    for name in names:
        value = getattr(row, name)
        if value is None:
            continue
        lowest = -MOST_VND if may_fall else least
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        check.need(
            is_whole and lowest <= value <= MOST_VND,
            name,
            _("Số tiền phải là số đồng tròn từ %(least)s đến %(most)s; đã nhập %(value)s.")
            % {
                "least": f"{lowest:,}".replace(",", "."),
                "most": f"{MOST_VND:,}".replace(",", "."),
                "value": value,
            },
        )


def need_order(check: InputCheck, row: ScopedModel, first: str, last: str) -> None:
    """Two dates in order, where both are known."""
    start, end = getattr(row, first), getattr(row, last)
    if start is None or end is None:
        return
    field = row._meta.get_field(first)
    check.need(
        end >= start,
        last,
        _("Ngày này phải từ %(start)s (%(label)s) trở đi.")
        % {"start": f"{start:%d/%m/%Y}", "label": getattr(field, "verbose_name", first)},
    )


def need_past(check: InputCheck, row: ScopedModel, *names: str) -> None:
    """Days on which something happened do not lie ahead."""
    for name in names:
        value: date | None = getattr(row, name)
        check.need(
            value is None or value <= timezone.localdate(),
            name,
            _("Ngày này không được ở tương lai."),
        )


def need_move(
    check: InputCheck,
    row: ScopedModel,
    name: str,
    moves: Mapping[str, frozenset[str]],
    old: str,
) -> None:
    """A state that may follow the old one."""
    new = str(getattr(row, name))
    if new not in moves or may_move(moves, old, new):
        return
    field = row._meta.get_field(name)
    words = {str(value): str(label) for value, label in getattr(field, "flatchoices", ())}
    allowed = ", ".join(words[state] for state in words if state in moves[old])
    check.add(
        name,
        _("Từ “%(old)s” không chuyển sang “%(new)s” được; có thể chuyển sang: %(allowed)s.")
        % {
            "old": words[old],
            "new": words[new],
            "allowed": allowed or _("không có trạng thái nào"),
        },
    )


def need_same_project(check: InputCheck, row: ProjectPart, *names: str) -> None:
    """What a part points at belongs to its own project."""
    for name in names:
        other = getattr(row, name)
        check.need(
            other is None or other.project_id == row.project_id,
            name,
            _("“%(other)s” không thuộc dự án này.") % {"other": other},
        )


def need_open(check: InputCheck, project: Project) -> None:
    """A project that was given up takes nothing new."""
    check.need(
        project.status != Status.CANCELLED,
        "project",
        _("Dự án đã dừng hẳn; không ghi thêm được."),
    )


def is_taken(row: ScopedModel, **where: object) -> bool:
    """Whether another row has these values, whoever may see it."""
    with as_system("uniqueness knows no scope"):
        return type(row).base.filter(**where).exclude(pk=row.pk).exists()


def take_out(row: ScopedModel) -> None:
    """Delete a row on which nothing hangs.

    Raises:
        ConflictError: something does; the error says what.
    """
    try:
        with as_system("what hangs on a row holds it, whoever may see it"):
            row.delete()
    except ProtectedError as error:
        names = {str(found._meta.verbose_name) for found in error.protected_objects}
        raise ConflictError(
            _("Chưa xóa được: còn %(what)s gắn với bản ghi này.")
            % {"what": ", ".join(sorted(names))},
            hint=_("Hãy xóa các phần đó trước."),
        ) from error
