"""Data sets and their owners, duties of the calendar, tasks, and change-sets."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.domains.stewardship.choices import (
    DutyKind,
    Outcome,
    Recurrence,
    Shift,
    Slice,
    Stage,
    TaskStatus,
)
from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import AccessRule, DataClass
from sen.kernel.search.fields import search_column, search_index

INTERNAL = DataClass.INTERNAL.value


class KindChoices(models.TextChoices):
    UPDATE = DutyKind.UPDATE.value, _("Cập nhật dữ liệu")
    REPORT = DutyKind.REPORT.value, _("Báo cáo")
    PUBLISH = DutyKind.PUBLISH.value, _("Công bố")
    FAULT = DutyKind.FAULT.value, _("Sửa lỗi dữ liệu")


class OfOffice(ScopedModel, abstract=True):
    """What the offices know among themselves."""

    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=INTERNAL
    )

    class Meta(ScopedModel.Meta):
        abstract = True


class DataSet(OfOffice):
    """A register or a slice of it, with the unit that owes it and the people who keep it.

    The slice is told by the owner and the place of this row, as ``slice_by`` says.
    """

    access = AccessRule("stewardship.dataset", public=False)

    class By(models.TextChoices):
        WHOLE = Slice.WHOLE.value, _("Toàn bộ danh mục")
        OWNER = Slice.OWNER.value, _("Theo đơn vị quản lý")
        AREA = Slice.AREA.value, _("Theo địa bàn")

    code = models.CharField(_("mã"), max_length=80, unique=True)
    name = models.CharField(_("tên bộ dữ liệu"), max_length=250)
    register_key = models.CharField(_("danh mục"), max_length=80)
    slice_by = models.CharField(
        _("phạm vi"), max_length=5, choices=By.choices, default=Slice.WHOLE.value
    )
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người phụ trách"),
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người phối hợp"),
    )
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)
    is_active = models.BooleanField(_("đang theo dõi"), default=True)
    search = search_column("code", "name")

    class Meta(ScopedModel.Meta):
        verbose_name = _("bộ dữ liệu")
        indexes = [
            models.Index(fields=["name", "id"], name="stewardship_set_name"),
            models.Index(fields=["register_key", "id"], name="stewardship_set_register"),
            search_index("stewardship_set_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["register_key", "slice_by", "owner_org", "area"],
                name="stewardship_set_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Obligation(OfOffice):
    """Something that is owed again and again by a calendar: of the law, or of the province.

    A duty with a register is owed by the owner of each of its data sets, else by its own owner.

    Units:
        ``due_days``: ``MM-DD`` each year, ``DD`` each month, ``YYYY-MM-DD`` once.
        ``lead_days``: from the opening of a task to its due day. ``remind_days``: before the due
        day. ``escalate_days``: after it, one number for each level of superiors.
    """

    access = AccessRule("stewardship.obligation", public=False)

    class Again(models.TextChoices):
        YEARLY = Recurrence.YEARLY.value, _("Hằng năm")
        MONTHLY = Recurrence.MONTHLY.value, _("Hằng tháng")
        ONCE = Recurrence.ONCE.value, _("Một lần")

    class OnDayOff(models.TextChoices):
        NONE = Shift.NONE.value, _("Giữ nguyên ngày")
        BEFORE = Shift.BEFORE.value, _("Chuyển về ngày làm việc trước")
        AFTER = Shift.AFTER.value, _("Chuyển sang ngày làm việc sau")

    code = models.CharField(_("mã"), max_length=80, unique=True)
    title = models.CharField(_("nghĩa vụ"), max_length=250)
    kind = models.CharField(
        _("loại"), max_length=8, choices=KindChoices.choices, default=DutyKind.REPORT.value
    )
    register_key = models.CharField(_("danh mục"), max_length=80, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người phụ trách"),
    )
    recurrence = models.CharField(
        _("lặp lại"), max_length=7, choices=Again.choices, default=Recurrence.YEARLY.value
    )
    due_days = ArrayField(models.CharField(max_length=10), verbose_name=_("hạn"))
    shift = models.CharField(
        _("khi rơi vào ngày nghỉ"),
        max_length=6,
        choices=OnDayOff.choices,
        default=Shift.BEFORE.value,
    )
    lead_days = models.PositiveSmallIntegerField(_("mở trước hạn"), default=30)
    remind_days = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("nhắc trước hạn"), default=list
    )
    escalate_days = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("báo cấp trên sau hạn"), default=list
    )
    document = models.CharField(_("văn bản"), max_length=80, blank=True)
    legal_ref = models.CharField(_("căn cứ"), max_length=200, blank=True)
    is_verified = models.BooleanField(_("đã xác minh căn cứ"), default=False)
    starts_on = models.DateField(_("áp dụng từ"))
    ends_on = models.DateField(_("áp dụng đến trước ngày"), null=True, blank=True)
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)
    is_active = models.BooleanField(_("đang áp dụng"), default=True)
    search = search_column("code", "title")

    class Meta(ScopedModel.Meta):
        verbose_name = _("nghĩa vụ định kỳ")
        indexes = [
            models.Index(fields=["title", "id"], name="stewardship_duty_title"),
            search_index("stewardship_duty_search"),
        ]

    def __str__(self) -> str:
        return self.title


class ChangeSet(OfOffice):
    """Changes of records that belong together: drafted by one, checked and approved by others.

    ``steps`` is what happened to the set: who, when, what was said.
    """

    access = AccessRule(
        "stewardship.changeset",
        public=False,
        subject_field="author_id",
        subject_acts=frozenset({"view", "add", "change"}),
    )

    class Status(models.TextChoices):
        DRAFT = Stage.DRAFT.value, _("Đang soạn")
        CHECKING = Stage.CHECKING.value, _("Chờ kiểm tra")
        APPROVING = Stage.APPROVING.value, _("Chờ duyệt")
        APPLIED = Stage.APPLIED.value, _("Đã áp dụng")
        REVERSED = Stage.REVERSED.value, _("Đã hoàn nguyên")
        WITHDRAWN = Stage.WITHDRAWN.value, _("Đã rút")

    code = models.CharField(_("số"), max_length=40, unique=True)
    title = models.CharField(_("tên bộ thay đổi"), max_length=250)
    status = models.CharField(
        _("giai đoạn"), max_length=9, choices=Status.choices, default=Stage.DRAFT.value
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("người soạn"),
        editable=False,
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người kiểm tra"),
        editable=False,
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người duyệt"),
        editable=False,
    )
    submitted_at = models.DateTimeField(_("trình lúc"), null=True, blank=True, editable=False)
    applied_at = models.DateTimeField(_("áp dụng lúc"), null=True, blank=True, editable=False)
    item_count = models.IntegerField(_("số thay đổi"), default=0, editable=False)
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("hoàn nguyên bộ"),
        editable=False,
    )
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)
    steps = models.JSONField(default=list, editable=False)
    search = search_column("code", "title")

    class Meta(ScopedModel.Meta):
        verbose_name = _("bộ thay đổi")
        indexes = [
            models.Index(fields=["code", "id"], name="stewardship_cs_code"),
            models.Index(fields=["author", "status"], name="stewardship_cs_author"),
            models.Index(fields=["status", "id"], name="stewardship_cs_status"),
            search_index("stewardship_cs_search"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ChangeItem(OfOffice):
    """One record made, changed or ended by a set; guarded as the record itself is.

    ``values`` and ``before`` hold the fields that change as a form sends them, ``shown`` the same
    as people read them. ``base_version`` is the version of the record that the author saw.
    """

    access = AccessRule("stewardship.changeitem", public=False, subject_field="author_id")

    class Act(models.TextChoices):
        ADD = "add", _("Thêm")
        CHANGE = "change", _("Sửa")
        DELETE = "delete", _("Xóa")

    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    position = models.IntegerField(_("thứ tự"))
    register = models.CharField(_("danh mục"), max_length=80)
    act = models.CharField(_("việc làm"), max_length=6, choices=Act.choices)
    row_id = models.BigIntegerField(_("bản ghi"), null=True)
    base_version = models.IntegerField(_("phiên bản đã xem"), null=True)
    label = models.CharField(_("tên bản ghi"), max_length=250)
    values = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    shown = models.JSONField(default=list)
    reason = models.CharField(_("lý do"), max_length=500, blank=True)
    problem = models.CharField(_("vướng mắc"), max_length=1000, blank=True)
    written_version = models.IntegerField(_("phiên bản đã ghi"), null=True)

    class Meta(ScopedModel.Meta):
        verbose_name = _("thay đổi trong bộ")
        indexes = [
            models.Index(fields=["change_set", "position"], name="stewardship_item_set"),
            models.Index(fields=["register", "row_id"], name="stewardship_item_row"),
        ]

    def __str__(self) -> str:
        return self.label


class UpdateTask(OfOffice):
    """What one unit owes by one day."""

    access = AccessRule(
        "stewardship.task",
        public=False,
        subject_field="assignee_id",
        subject_acts=frozenset({"view", "change"}),
    )

    class Status(models.TextChoices):
        OPEN = TaskStatus.OPEN.value, _("Phải làm")
        SUBMITTED = TaskStatus.SUBMITTED.value, _("Chờ duyệt bộ thay đổi")
        DONE = TaskStatus.DONE.value, _("Đã xong")
        CANCELLED = TaskStatus.CANCELLED.value, _("Đã hủy")

    class Result(models.TextChoices):
        NO_CHANGE = Outcome.NO_CHANGE.value, _("Xác nhận không thay đổi")
        CHANGED = Outcome.CHANGED.value, _("Đã cập nhật")
        REPORTED = Outcome.REPORTED.value, _("Đã gửi báo cáo")

    title = models.CharField(_("việc phải làm"), max_length=300)
    kind = models.CharField(_("loại"), max_length=8, choices=KindChoices.choices)
    obligation = models.ForeignKey(
        Obligation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("nghĩa vụ"),
    )
    data_set = models.ForeignKey(
        DataSet,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("bộ dữ liệu"),
    )
    check_key = models.CharField(_("phép kiểm tra"), max_length=160, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("người phụ trách"),
    )
    period = models.CharField(_("kỳ"), max_length=20)
    opens_on = models.DateField(_("mở từ ngày"))
    due_on = models.DateField(_("hạn"))
    status = models.CharField(
        _("trạng thái"), max_length=9, choices=Status.choices, default=TaskStatus.OPEN.value
    )
    outcome = models.CharField(_("kết quả"), max_length=9, choices=Result.choices, blank=True)
    change_set = models.ForeignKey(
        ChangeSet,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("bộ thay đổi"),
    )
    note = models.CharField(_("ghi chú"), max_length=500, blank=True)
    done_at = models.DateTimeField(_("xong lúc"), null=True, blank=True)
    done_by = models.CharField(_("người làm"), max_length=150, blank=True)
    #: Days before the due day of which people were reminded already.
    reminded = ArrayField(models.SmallIntegerField(), default=list, editable=False)
    #: Levels of superiors who were told that it is overdue.
    level = models.SmallIntegerField(_("đã báo cấp"), default=0, editable=False)
    search = search_column("title", "period")

    class Meta(ScopedModel.Meta):
        verbose_name = _("việc cập nhật")
        indexes = [
            models.Index(fields=["due_on", "id"], name="stewardship_task_due"),
            models.Index(fields=["status", "due_on"], name="stewardship_task_status"),
            search_index("stewardship_task_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["obligation", "data_set", "owner_org", "period"],
                condition=models.Q(obligation__isnull=False),
                nulls_distinct=False,
                name="stewardship_task_once",
            ),
            models.UniqueConstraint(
                fields=["data_set", "check_key"],
                condition=models.Q(obligation__isnull=True, status="OPEN"),
                name="stewardship_task_fault_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.period})"
