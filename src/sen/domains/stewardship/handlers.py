"""What of this domain rests on rules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.norms.ports import RuleUse, UseKind, rests_on

rests_on(
    RuleUse(
        name="stewardship.calendar",
        norms=("calendar.holidays", "calendar.makeup-days"),
        title=_("Hạn của các việc cập nhật, báo cáo"),
        kind=UseKind.DEADLINE,
        url="/ql/stewardship/viec/?cua=tat-ca",
    )
)
