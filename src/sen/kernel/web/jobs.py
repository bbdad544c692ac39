"""Measuring the figures of boards, so that their past can be shown."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sen.kernel.jobs.context import JobContext
from sen.kernel.jobs.definition import job
from sen.kernel.web import kpi_history


@job(
    name="kernel.measure_kpis",
    title=_("Đo các chỉ số điều hành"),
    schedule="*/5 * * * *",
    alone=True,
    atomic=False,
)
def measure_kpis(context: JobContext) -> dict[str, int]:
    """Measure the figures of every scope that somebody looks at."""
    return {"boards": kpi_history.measure_watched()}


@job(
    name="kernel.prune_kpis",
    title=_("Dọn số liệu chỉ số cũ"),
    schedule="25 2 * * *",
    alone=True,
)
def prune_kpis(context: JobContext) -> dict[str, int]:
    """Forget what lies further back than can be shown."""
    return {"deleted": kpi_history.forget_old()}
