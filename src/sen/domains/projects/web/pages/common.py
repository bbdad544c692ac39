"""What the pages of one project share."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from sen.domains.projects.models import Project
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import SenError
from sen.kernel.web.register.links import WORK, detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import crumbs, row_for


def project_for(request: HttpRequest, project_id: int) -> Project:
    """The project of a page, if the actor may see it.

    Raises:
        Http404: it does not exist, or not for this actor.
    """
    row = row_for(resources["projects.projects"], actor_of(request), project_id)
    if not isinstance(row, Project):
        raise TypeError(f"projects.projects shows projects, not {type(row).__name__}")
    return row


def page_of(project: Project) -> str:
    return detail_url(resources["projects.projects"], project.pk)


def trail(project: Project, title: str) -> list[dict[str, object]]:
    """Breadcrumbs down to a page of a project."""
    return [
        *crumbs(resources["projects.projects"], WORK, link=True),
        {"title": project.name, "url": page_of(project)},
        {"title": title, "url": ""},
    ]


def say(request: HttpRequest, error: SenError) -> None:
    """Everything that is wrong, as messages of the page to which one returns."""
    texts = [text for found in error.fields.values() for text in found] or [str(error)]
    for text in texts:
        messages.error(request, text)
