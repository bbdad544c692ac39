"""Notices by mail, and the end of old ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job
from sen.kernel.notices.models import Notice

KEPT_DAYS: Final = 365


@job(name="kernel.mail_notices", title=_("Gửi thông báo qua thư điện tử"), retry=3)
def send_mails(context: JobContext, *, key: str) -> dict[str, int]:
    """Mail a notice to everybody who was told it, has an address and got no mail of it yet."""
    sent = 0
    waiting = Notice.objects.filter(key=key, mailed_at=None, user__is_active=True)
    for notice in waiting.exclude(user__email="").select_related("user"):
        lines = [notice.text, f"{settings.SEN_PUBLIC_URL}{notice.url}" if notice.url else ""]
        body = "\n\n".join([notice.title, *(line for line in lines if line)])
        sent += send_mail(f"Sen: {notice.title}", body, None, [notice.user.email])
        notice.mailed_at = timezone.now()
        notice.save(update_fields=["mailed_at"])
    return {"sent": sent}


@job(
    name="kernel.prune_notices",
    title=_("Dọn thông báo cũ"),
    schedule="40 2 * * *",
    alone=True,
)
def prune_notices(context: JobContext) -> dict[str, int]:
    """Delete notices after a year."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    return {"deleted": Notice.objects.filter(created_at__lt=before).delete()[0]}
