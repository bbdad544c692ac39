"""Permissions and patterns of permissions in words, for people who grant or read them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from sen.kernel.access.rls import guarded_models
from sen.kernel.access.scope import KERNEL

VERBS: Final = {
    "view": gettext_noop("Xem"),
    "add": gettext_noop("Thêm"),
    "create": gettext_noop("Thêm"),
    "change": gettext_noop("Sửa"),
    "delete": gettext_noop("Xóa"),
    "export": gettext_noop("Xuất tệp"),
    "import": gettext_noop("Nhập từ tệp"),
    "read": gettext_noop("Xem dữ liệu cá nhân"),
    "personal": gettext_noop("Xem dữ liệu cá nhân"),
    "restore": gettext_noop("Khôi phục phiên bản cũ"),
    "publish": gettext_noop("Ban hành"),
    "approve": gettext_noop("Phê duyệt"),
    "hold": gettext_noop("Giữ lại, không cho hủy"),
    "carry_out": gettext_noop("Thực hiện"),
    "reshape": gettext_noop("Điều chỉnh hướng tuyến"),
    "connect": gettext_noop("Khai kết nối"),
    "grant": gettext_noop("Cấp vai trò"),
    "verify": gettext_noop("Kiểm tra"),
    "update": gettext_noop("Sửa"),
    "put": gettext_noop("Ghi"),
    "bulk": gettext_noop("Ghi nhiều dòng"),
    "record": gettext_noop("Ghi nhận"),
    "submit": gettext_noop("Trình duyệt"),
    "return": gettext_noop("Trả lại"),
    "refuse": gettext_noop("Từ chối"),
    "withdraw": gettext_noop("Rút lại"),
    "acknowledge": gettext_noop("Tiếp nhận"),
    "shelve": gettext_noop("Tạm gác"),
    "escalate": gettext_noop("Báo cấp trên"),
    "close": gettext_noop("Đóng"),
    "*": gettext_noop("Mọi thao tác"),
}
#: What the platform itself guards, beside the models.
_KERNEL: Final = {
    "accounts": gettext_noop("Tài khoản"),
    "audit": gettext_noop("Nhật ký hệ thống"),
    "events": gettext_noop("Sự kiện"),
    "jobs": gettext_noop("Công việc nền"),
    "sources": gettext_noop("Nguồn dữ liệu"),
}
Label = str | Promise
#: What domains guard beside their models: pages that gather what others keep.
declared: Final[dict[str, Label]] = {}


def declare_resource(resource: str, title: Label) -> None:
    """Let ``<domain>.<name>`` be a resource of permissions that no model stands for.

    Raises:
        ValueError: it is declared already.
    """
    if resource in declared:
        raise ValueError(f"resource {resource!r} is declared twice")
    declared[resource] = title


@cache
def _resources() -> dict[str, str]:
    """Resource → label of the model that bears its name, where several share it."""
    found: dict[str, str] = {}
    for model in guarded_models():
        resource = model.access.resource
        bears_name = str(model._meta.model_name).endswith(resource.rpartition(".")[2])
        if bears_name or resource not in found:
            found[resource] = model._meta.label_lower
    return found


def resource_title(resource: str) -> str:
    """A resource in words; its domain when nothing in the house bears its name."""
    domain, _dot, name = resource.partition(".")
    if domain == KERNEL and name in _KERNEL:
        return _(_KERNEL[name])
    if resource in declared:
        return str(declared[resource])
    label = _resources().get(resource, resource)
    try:
        return capfirst(str(apps.get_model(label)._meta.verbose_name))
    except (LookupError, ValueError):
        return domain_title(domain)


def verb_title(act: str) -> str:
    """The act of a permission or a use case in words; empty when it has none.

    Of a use case (``assets.record_inspection``) the verb alone: what it did it to is said apart.
    """
    verb = act.rpartition(".")[2]
    words = VERBS.get(verb) or VERBS.get(verb.partition("_")[0])
    return _(words) if words else ""


def domain_title(code: str) -> str:
    """The domain of a permission as the menu calls it."""
    if code == "*":
        return _("Mọi phân hệ")
    if code == KERNEL:
        return _("Hệ thống")
    english = get_language() == "en"
    names = {m.code: m.name_en if english else m.name_vi for m in settings.MANIFESTS}
    return names.get(code, code)


def pattern_title(pattern: str) -> str:
    """What a pattern allows within its domain: ``Xem: Cầu``, ``Mọi thao tác: mọi dữ liệu``."""
    domain, name, verb = pattern.split(".")
    what = _("mọi dữ liệu") if name == "*" else resource_title(f"{domain}.{name}")
    return f"{verb_title(pattern) or verb}: {what}"


def offered(held: Iterable[str]) -> set[str]:
    """Patterns that a holder may hand on: those held, and narrower ones that programs need.

    Of what holds for every domain, the same for each; of every act, looking and taking files.
    """
    found = set(held)
    for pattern in held:
        domain, name, verb = pattern.split(".")
        verbs = ("*", "view", "export") if verb == "*" else (verb,)
        codes = (domain, *(m.code for m in settings.MANIFESTS)) if domain == "*" else (domain,)
        found |= {f"{code}.{name}.{act}" for code in codes for act in verbs}
    return found


def grouped(patterns: Iterable[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Patterns with their words, by domain: those of every domain first, the platform's last."""
    codes = ["*", *(m.code for m in sorted(settings.MANIFESTS, key=lambda m: m.menu_order)), KERNEL]
    by_domain: dict[str, list[tuple[str, str]]] = {code: [] for code in codes}
    for pattern in sorted(set(patterns)):
        code = pattern.partition(".")[0]
        by_domain.setdefault(code, []).append((pattern, pattern_title(pattern)))
    return [(domain_title(code), items) for code, items in by_domain.items() if items]


def grouped_resources() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every guarded resource with its words, by domain, the platform's last."""
    order = [m.code for m in sorted(settings.MANIFESTS, key=lambda m: m.menu_order)]
    found = [*_resources(), *declared, *(f"{KERNEL}.{name}" for name in _KERNEL)]
    by_domain: dict[str, list[tuple[str, str]]] = {code: [] for code in (*order, KERNEL)}
    for resource in found:
        items = by_domain.setdefault(resource.partition(".")[0], [])
        items.append((resource, resource_title(resource)))
    return [
        (domain_title(code), sorted(items, key=lambda item: item[1]))
        for code, items in by_domain.items()
        if items
    ]
