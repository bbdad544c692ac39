"""Daily work on accounts and sessions, and mail to their owners."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.accounts import upkeep
from sen.kernel.access.accounts.state import may_reset_password
from sen.kernel.access.models import User
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(
    name="kernel.accounts_upkeep",
    title=_("Khóa tài khoản lâu không dùng, dọn phiên đã hết"),
    schedule="10 2 * * *",
    alone=True,
)
def accounts_upkeep(context: JobContext) -> dict[str, int]:
    """Turn off what sleeps and drop what is over."""
    return {
        "locked": upkeep.lock_idle_accounts(),
        "sessions": upkeep.drop_sessions_that_are_over(),
        "counters": upkeep.drop_old_counters(),
    }


@job(name="kernel.accounts_reset_link", title=_("Gửi thư đặt lại mật khẩu"), retry=3)
def send_reset_link(context: JobContext, user_id: int, base_url: str) -> dict[str, int]:
    """Send the link, if there is such an account, it may be used and has an address."""
    user = User.objects.filter(pk=user_id).first()
    if user is None or not may_reset_password(user):
        return {"sent": 0}
    key = default_token_generator.make_token(user)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )
    facts = {
        "user": user,
        "url": base_url + path,
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
    }
    text = render_to_string("account/email/password_reset_link.txt", facts)
    return {"sent": send_mail("Sen: đặt lại mật khẩu", text, None, [user.email])}
