"""Errors that a person may read: forms, pages and problem details (RFC 9457) show the same ones.

Every error says what is wrong, where (``fields``), and how to mend it (``hint``). Screens decide
by class or ``code``, never by the text. Raise them from services and selectors; whatever else
escapes is a defect and is shown as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from sen.lib.errors import InputError


class SenError(Exception):
    """The base of all errors that a person may read."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(
        self,
        message: str = "",
        *,
        hint: str = "",
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.message = str(message) or self.default_message()
        self.hint = str(hint)
        self.fields: dict[str, list[str]] = {
            name: [str(text) for text in texts] for name, texts in (fields or {}).items()
        }
        super().__init__(self.message)

    @classmethod
    def default_message(cls) -> str:
        return _("Không thực hiện được yêu cầu.")

    @property
    def title(self) -> str:
        """The sentence of the whole class, without the particulars of the case."""
        return self.default_message()

    def extra(self) -> dict[str, Any]:
        """What a program may want to know besides the text."""
        return {}

    def as_problem(self) -> dict[str, Any]:
        """The members of a problem details document."""
        problem: dict[str, Any] = {
            "type": f"urn:sen:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.message,
        }
        if self.hint:
            problem["hint"] = self.hint
        if self.fields:
            problem["errors"] = self.fields
        return problem | self.extra()

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InvalidInputError(SenError):
    """Values that a person or a program gave are wrong, by field."""

    code = "invalid-input"
    status = 422

    def __init__(
        self,
        fields: Mapping[str, str | Iterable[str]] | None = None,
        message: str = "",
        *,
        hint: str = "",
    ) -> None:
        listed = {
            name: [texts] if isinstance(texts, str) else [str(text) for text in texts]
            for name, texts in (fields or {}).items()
        }
        first = next((texts[0] for texts in listed.values() if texts), "")
        super().__init__(message or first, hint=hint, fields=listed)

    @classmethod
    def default_message(cls) -> str:
        return _("Dữ liệu nhập chưa đúng.")

    @classmethod
    def of(cls, field: str, error: InputError) -> InvalidInputError:
        """The error of a field out of an error of the pure library."""
        return cls({field: _(error.template) % error.params})


class InputCheck:
    """Collects the errors of all fields, so that a person sees them at once.

    Use: ``check = InputCheck(); check.add("name", _("…")); check.done()``.
    """

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}

    def add(self, field: str, message: str) -> None:
        self.fields.setdefault(field, []).append(str(message))

    def need(self, holds: object, field: str, message: str) -> None:
        """Add ``message`` unless ``holds``."""
        if not holds:
            self.add(field, message)

    def done(self) -> None:
        """End the check.

        Raises:
            InvalidInputError: something was added.
        """
        if self.fields:
            raise InvalidInputError(self.fields)


class PermissionDeniedError(SenError):
    """The actor lacks a permission, or has it for other organisations or places."""

    code = "permission-denied"
    status = 403

    def __init__(self, permission: str = "", message: str = "", *, hint: str = "") -> None:
        self.permission = permission
        if permission and not message:
            message = _("Tài khoản của bạn không có quyền “%(permission)s”.") % {
                "permission": permission
            }
        super().__init__(
            message,
            hint=hint or _("Hãy đề nghị người quản trị phân quyền của đơn vị cấp quyền này."),
        )

    @classmethod
    def default_message(cls) -> str:
        return _("Bạn không có quyền thực hiện việc này.")

    def extra(self) -> dict[str, Any]:
        return {"permission": self.permission} if self.permission else {}


class NotFoundError(SenError):
    """Nothing is there, or nothing that this actor may see: the two are never told apart."""

    code = "not-found"
    status = 404

    def __init__(self, what: str = "", key: object = "", message: str = "") -> None:
        if what and not message:
            message = _("Không tìm thấy %(what)s “%(key)s” trong phạm vi bạn được xem.") % {
                "what": what,
                "key": key,
            }
        super().__init__(message)

    @classmethod
    def default_message(cls) -> str:
        return _("Không tìm thấy nội dung này.")


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else changed after a form was opened."""

    version: int
    at: datetime
    who: str
    fields: tuple[str, ...] = ()


class ConflictError(SenError):
    """The row, or the state that the act needs, is no longer what the caller saw."""

    code = "conflict"
    status = 409

    def __init__(
        self,
        message: str = "",
        *,
        current_version: int | None = None,
        meanwhile: Sequence[Meanwhile] = (),
        hint: str = "",
    ) -> None:
        self.current_version = current_version
        self.meanwhile = tuple(meanwhile)
        if self.meanwhile and not message:
            message = " ".join(_describe(step) for step in self.meanwhile)
        super().__init__(
            message,
            hint=hint or _("Hãy tải lại trang, xem thay đổi của người khác rồi lưu lại."),
        )

    @classmethod
    def default_message(cls) -> str:
        return _("Dữ liệu đã được người khác thay đổi sau khi bạn mở.")

    def extra(self) -> dict[str, Any]:
        if self.current_version is None:
            return {}
        return {
            "current_version": self.current_version,
            "meanwhile": [
                {
                    "version": step.version,
                    "at": step.at.isoformat(),
                    "who": step.who,
                    "fields": list(step.fields),
                }
                for step in self.meanwhile
            ],
        }


def _describe(step: Meanwhile) -> str:
    at = date_format(localtime(step.at), "H:i d/m/Y")
    if step.fields:
        return _("%(who)s đã sửa %(fields)s lúc %(at)s.") % {
            "who": step.who,
            "fields": ", ".join(step.fields),
            "at": at,
        }
    return _("%(who)s đã sửa lúc %(at)s.") % {"who": step.who, "at": at}


class RuleNotInForceError(SenError):
    """No rule is in force on the date: the law that the house knows does not cover it."""

    code = "rule-not-in-force"
    status = 422

    def __init__(self, rule: str = "", on: date | None = None, *, hint: str = "") -> None:
        self.rule = rule
        self.on = on
        message = ""
        if rule and on:
            message = _("Không có quy định “%(rule)s” còn hiệu lực vào ngày %(on)s.") % {
                "rule": rule,
                "on": on.strftime("%d/%m/%Y"),
            }
        super().__init__(
            message,
            hint=hint or _("Hãy bổ sung quy định vào danh mục quy định hoặc chọn ngày khác."),
        )

    @classmethod
    def default_message(cls) -> str:
        return _("Không có quy định còn hiệu lực cho ngày này.")

    def extra(self) -> dict[str, Any]:
        return {"rule": self.rule, "on": self.on.isoformat() if self.on else None}
