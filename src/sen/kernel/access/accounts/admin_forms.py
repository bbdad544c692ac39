"""Forms of the administration of accounts; they check shapes, the use cases check everything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.accounts.tokens import patterns_of
from sen.kernel.access.actors import actor_for
from sen.kernel.access.models import Area, DataClassChoices, Organisation, Role, User
from sen.kernel.access.permissions import grouped, offered
from sen.kernel.access.scope import ANY, Actor


def organisations_of(actor: Actor, act: str) -> Any:
    """Organisations for which an administrator may do ``act``, as a list that shows the tree."""
    rows = Organisation.objects.filter(is_active=True).order_by("path")
    held = [e for e in actor.entitlements if e.grants(f"kernel.accounts.{act}")]
    if actor.is_system or any(e.orgs is ANY for e in held):
        return rows
    return rows.filter(pk__in=set().union(*(e.orgs or () for e in held)))


class OrganisationField(forms.ModelChoiceField[Organisation]):
    def label_from_instance(self, obj: Organisation) -> str:
        depth = obj.path.count("/") - 2
        return f"{'— ' * depth}{obj.name}"


class AccountForm(forms.Form):
    username = forms.CharField(label=_("Tên đăng nhập"), max_length=60)
    full_name = forms.CharField(label=_("Họ và tên"), max_length=120)
    kind = forms.ChoiceField(label=_("Loại tài khoản"))
    organisation = OrganisationField(
        label=_("Đơn vị"), queryset=Organisation.objects.none(), required=False
    )
    email = forms.EmailField(label=_("Thư điện tử"), required=False)

    def __init__(self, *args: Any, actor: Actor, changing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if changing:
            del self.fields["username"], self.fields["kind"]
        else:
            self.fields["kind"].choices = User.Kind.choices  # type: ignore[attr-defined]
        act = "change" if changing else "create"
        self.fields["organisation"].queryset = organisations_of(actor, act)  # type: ignore[attr-defined]


class GrantForm(forms.Form):
    role = forms.ModelChoiceField(label=_("Vai trò"), queryset=Role.objects.order_by("name_vi"))
    organisation = OrganisationField(
        label=_("Tại đơn vị"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("Mọi đơn vị"),
    )
    area = forms.ModelChoiceField(
        label=_("Trên địa bàn"),
        queryset=Area.objects.filter(is_active=True).order_by("path"),
        required=False,
        empty_label=_("Mọi địa bàn"),
    )
    valid_to = forms.DateField(label=_("Đến hết ngày"), required=False, widget=forms.DateInput())

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation: Any = self.fields["organisation"]
        organisation.queryset = organisations_of(actor, "grant")
        held = [e for e in actor.entitlements if e.grants("kernel.accounts.grant")]
        if not actor.is_system and all(e.orgs is not ANY for e in held):
            # "Everywhere" would be more than this administrator has.
            organisation.empty_label, organisation.required = None, True


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200)

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label or _("Lý do")


class SubjectForm(forms.Form):
    provider = forms.ChoiceField(label=_("Nơi cấp định danh"))
    subject = forms.CharField(label=_("Mã định danh"), max_length=150)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [  # type: ignore[attr-defined]
            (one.id, one.name) for one in settings.SEN_OIDC_PROVIDERS if one.audience == "OFFICIAL"
        ]


class NationalIdForm(forms.Form):
    national_id = forms.CharField(
        label=_("Số định danh cá nhân"), max_length=12, required=False, widget=forms.TextInput()
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Tên"),
        max_length=80,
        help_text=_("Ví dụ: Đồng bộ số liệu cầu của Công ty A"),
    )
    days = forms.TypedChoiceField(label=_("Thời hạn"), coerce=int)
    max_class = forms.TypedChoiceField(
        label=_("Đọc dữ liệu đến mức"), coerce=int, choices=DataClassChoices.choices[:3]
    )
    scopes = forms.MultipleChoiceField(
        label=_("Quyền"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Chỉ chọn quyền mà chương trình cần. Khóa không thể có nhiều quyền hơn tài khoản."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = grouped(offered(patterns_of(actor_for(user))))
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]
        spans = [days for days in (30, 90, 180, 365) if days <= settings.SEN_TOKEN_DAYS_MOST]
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (days, _("%(days)d ngày") % {"days": days}) for days in spans
        ]

    def arguments(self) -> dict[str, Any]:
        """What ``create_api_token`` wants."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "scopes": data["scopes"],
            "expires_at": timezone.now() + timedelta(days=data["days"]),
            "max_class": data["max_class"],
        }
