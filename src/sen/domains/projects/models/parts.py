"""What everything below a project has in common."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.models import DataClassChoices, ScopedModel
from sen.kernel.access.scope import DataClass


class ProjectPart(ScopedModel, abstract=True):
    """A part of a project: it belongs to whom the project belongs, and lies where it lies.

    ``own_class`` is the lowest data class of such a part, however open the project is.
    """

    own_class: ClassVar[DataClass] = DataClass.INTERNAL

    project = models.ForeignKey(
        "projects.Project", models.PROTECT, related_name="+", verbose_name=_("dự án")
    )
    data_class = models.SmallIntegerField(
        _("mức dữ liệu"), choices=DataClassChoices.choices, default=DataClass.INTERNAL.value
    )

    class Meta(ScopedModel.Meta):
        abstract = True
