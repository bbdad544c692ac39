"""What happens on the site: schedule, progress, acceptance, diary."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.projects import choices
from sen.domains.projects.models.parts import ProjectPart
from sen.kernel.access.scope import AccessRule
from sen.kernel.search.fields import search_column, search_index


class Task(ProjectPart):
    """A task or a milestone of the schedule: as agreed, as expected now, as it was."""

    access = AccessRule("projects.task")

    class Kind(models.TextChoices):
        TASK = choices.TaskKind.TASK.value, _("Công việc")
        MILESTONE = choices.TaskKind.MILESTONE.value, _("Mốc")

    work = models.ForeignKey(
        "projects.Work",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("công trình"),
    )
    code = models.CharField(_("số thứ tự"), max_length=20)
    name = models.CharField(_("tên công việc"), max_length=250)
    kind = models.CharField(
        _("loại"), max_length=9, choices=Kind.choices, default=choices.TaskKind.TASK.value
    )
    starts_at = models.DateField(_("bắt đầu theo kế hoạch"))
    ends_at = models.DateField(_("kết thúc theo kế hoạch"))
    expected_at = models.DateField(_("dự kiến kết thúc"), null=True, blank=True)
    weight = models.PositiveIntegerField(_("tỷ trọng"), default=0)
    #: Ties to other tasks of the project by their codes, as ``sequence.Link`` writes them: ``3FS+2,
    #: 5SS``. The services keep them true when codes change and tasks go.
    predecessors = models.CharField(_("công việc trước"), max_length=250, blank=True, default="")
    started_at = models.DateField(_("bắt đầu thực tế"), null=True, editable=False)
    finished_at = models.DateField(_("kết thúc thực tế"), null=True, editable=False)
    done_pct = models.PositiveSmallIntegerField(_("đã thực hiện"), default=0, editable=False)
    search = search_column("code", "name")

    class Meta(ProjectPart.Meta):
        verbose_name = _("công việc của tiến độ")
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="projects_task_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="projects_task_span"
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="projects_task_start"),
            models.Index(fields=["ends_at", "id"], name="projects_task_end"),
            models.Index(fields=["done_pct", "id"], name="projects_task_done"),
            search_index("projects_task_search"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Progress(ProjectPart):
    """How far a task was on a day; it never falls."""

    access = AccessRule("projects.progress")

    task = models.ForeignKey(Task, models.PROTECT, related_name="+", verbose_name=_("công việc"))
    on = models.DateField(_("ngày ghi nhận"))
    pct = models.PositiveSmallIntegerField(
        _("lũy kế thực hiện"), validators=[MaxValueValidator(100)]
    )
    note = models.CharField(_("ghi chú"), max_length=250, blank=True, default="")

    class Meta(ProjectPart.Meta):
        verbose_name = _("lần ghi khối lượng")
        constraints = [
            models.UniqueConstraint(fields=["task", "on"], name="projects_progress_once"),
            models.CheckConstraint(condition=Q(pct__lte=100), name="projects_progress_pct"),
        ]
        indexes = [
            models.Index(fields=["on", "id"], name="projects_progress_on"),
            models.Index(fields=["project", "on"], name="projects_progress_project"),
        ]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y}: {self.pct} %"


class Acceptance(ProjectPart):
    """A record of acceptance. One of completion makes its work ready to be handed over."""

    access = AccessRule("projects.acceptance")

    class Kind(models.TextChoices):
        TASK = choices.AcceptanceKind.TASK.value, _("Công việc xây dựng")
        STAGE = choices.AcceptanceKind.STAGE.value, _("Giai đoạn, bộ phận công trình")
        COMPLETION = choices.AcceptanceKind.COMPLETION.value, _("Hoàn thành hạng mục, công trình")
        HANDOVER = choices.AcceptanceKind.HANDOVER.value, _("Bàn giao đưa vào sử dụng")

    class Result(models.TextChoices):
        ACCEPTED = choices.AcceptanceResult.ACCEPTED.value, _("Chấp nhận")
        CONDITIONAL = choices.AcceptanceResult.CONDITIONAL.value, _("Chấp nhận, còn tồn tại")
        REJECTED = choices.AcceptanceResult.REJECTED.value, _("Không chấp nhận")

    contract = models.ForeignKey(
        "projects.Contract",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("hợp đồng"),
    )
    work = models.ForeignKey(
        "projects.Work",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("công trình"),
    )
    code = models.CharField(_("số biên bản"), max_length=60)
    kind = models.CharField(_("loại nghiệm thu"), max_length=10, choices=Kind.choices)
    held_at = models.DateField(_("ngày nghiệm thu"))
    result = models.CharField(
        _("kết luận"),
        max_length=11,
        choices=Result.choices,
        default=choices.AcceptanceResult.ACCEPTED.value,
    )
    value_vnd = models.BigIntegerField(_("giá trị nghiệm thu"), null=True, blank=True)
    attended = models.TextField(_("thành phần tham gia"), blank=True, default="")
    remarks = models.TextField(_("tồn tại, yêu cầu sửa chữa"), blank=True, default="")
    search = search_column("code", "remarks")

    class Meta(ProjectPart.Meta):
        verbose_name = _("biên bản nghiệm thu")
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="projects_acceptance_once")
        ]
        indexes = [
            models.Index(fields=["held_at", "id"], name="projects_acceptance_date"),
            models.Index(fields=["project", "held_at"], name="projects_acceptance_of"),
            search_index("projects_acceptance_search"),
        ]

    def __str__(self) -> str:
        return self.code


class DiaryEntry(ProjectPart):
    """A day on the site. Photos hang on the row like files on any other."""

    access = AccessRule("projects.diary")

    class Weather(models.TextChoices):
        SUN = choices.Weather.SUN.value, _("Nắng")
        CLOUD = choices.Weather.CLOUD.value, _("Nhiều mây")
        RAIN = choices.Weather.RAIN.value, _("Mưa")
        STORM = choices.Weather.STORM.value, _("Mưa bão")
        FLOOD = choices.Weather.FLOOD.value, _("Ngập, triều cường")

    contract = models.ForeignKey(
        "projects.Contract",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("hợp đồng"),
    )
    work = models.ForeignKey(
        "projects.Work",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("công trình"),
    )
    on = models.DateField(_("ngày"))
    weather = models.CharField(
        _("thời tiết"), max_length=5, choices=Weather.choices, default=choices.Weather.SUN.value
    )
    workers = models.PositiveIntegerField(_("nhân lực"), null=True, blank=True)
    machines = models.CharField(_("máy, thiết bị"), max_length=300, blank=True, default="")
    done = models.TextField(_("công việc đã làm"))
    incidents = models.TextField(_("sự cố, vướng mắc"), blank=True, default="")
    author = models.CharField(_("người ghi"), max_length=120, editable=False)
    search = search_column("done", "incidents", "machines")

    class Meta(ProjectPart.Meta):
        verbose_name = _("nhật ký thi công")
        indexes = [
            models.Index(fields=["on", "id"], name="projects_diary_on"),
            models.Index(fields=["project", "on", "id"], name="projects_diary_project"),
            search_index("projects_diary_search"),
        ]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y}"
