"""The nightly work on projects."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.domains.projects.services import refresh_projects, remind_warranties
from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job


@job(
    name="projects.judge_pace",
    title=_("Đánh giá tiến độ các dự án"),
    schedule="10 1 * * *",
    alone=True,
)
def judge_pace(context: JobContext) -> dict[str, int]:
    """A day passed: projects may have become slow or late without anybody writing."""
    return {"changed": refresh_projects(actor=context.actor)}


@job(
    name="projects.remind_warranties",
    title=_("Nhắc bảo hành sắp hết hạn"),
    schedule="20 1 * * *",
    alone=True,
)
def remind(context: JobContext) -> dict[str, int]:
    """Warranties that end soon are told once."""
    return {"reminded": remind_warranties(actor=context.actor)}
