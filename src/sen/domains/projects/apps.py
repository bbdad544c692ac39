from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "sen.domains.projects"
    label = "projects"
    verbose_name = _("Dự án đầu tư")
    default = True
