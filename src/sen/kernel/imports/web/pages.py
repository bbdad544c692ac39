"""What all pages of imports share: the register, the draft, the steps, refusals in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import SenError
from sen.kernel.imports import drafts
from sen.kernel.imports.importer import Importer, importers
from sen.kernel.imports.models import ImportDraft
from sen.kernel.imports.plan import Plan
from sen.kernel.imports.proposing import widened
from sen.kernel.web.register.links import WORK, list_url
from sen.kernel.web.register.proposing import Book, book_for
from sen.kernel.web.register.resource import Resource
from sen.kernel.web.register.views import crumbs, needs_sign_in, resource_for, to_sign_in

LAYER: Final = "lop"
PLACE: Final = "toa-do"
COLUMNS: Final = "cot"
MATCH: Final = "khop"
CHECK: Final = "kiem-tra"
TITLES: Final = {
    LAYER: gettext_lazy("Tệp và lớp"),
    PLACE: gettext_lazy("Hệ tọa độ"),
    COLUMNS: gettext_lazy("Cột"),
    MATCH: gettext_lazy("Khớp"),
    CHECK: gettext_lazy("Kiểm tra và nhập"),
}

View = Callable[..., HttpResponse]


@dataclass(slots=True)
class Here:
    """Where a request is: register, importer and draft."""

    request: HttpRequest
    resource: Resource[Any]
    importer: Importer
    draft: ImportDraft

    @property
    def steps(self) -> list[str]:
        """The steps that this kind of data needs."""
        names = [LAYER, COLUMNS, CHECK]
        if self.importer.shapes:
            names.insert(1, PLACE)
        if self.importer.match_on is not None:
            names.insert(-1, MATCH)
        return names

    def url(self, step: str) -> str:
        return reverse("import-step", args=[self.draft.register, self.draft.pk, step])

    def after(self, step: str) -> str:
        names = self.steps
        return self.url(names[min(names.index(step) + 1, len(names) - 1)])

    def before(self, step: str) -> str:
        place = self.steps.index(step)
        return self.url(self.steps[place - 1]) if place else ""

    @property
    def may_write(self) -> bool:
        """Whether the person may import at once, not only propose."""
        return self.resource.may(actor_of(self.request), "import")

    @property
    def who(self) -> Actor:
        """Whoever reads the file in, or only tries it out."""
        return who_reads(self.request, self.resource, self.importer)

    def plan(self) -> Plan:
        from sen.kernel.imports.plan import read_plan

        return read_plan(self.importer, drafts.request_of(self.draft))


def importing(
    request: HttpRequest, path: str, *, writing: bool = False
) -> tuple[Resource[Any], Importer]:
    """The register of an address with its importer, if the actor may import.

    Unless ``writing``, it is enough that they may propose what a file says.

    Raises:
        Http404: there is none, or not for this actor.
    """
    resource = resource_for(request, path)
    importer = importers.get(resource.importer)
    if importer is None:
        raise Http404(_("Danh mục này không nhập từ tệp."))
    actor = actor_of(request)
    if not resource.may(actor, "import") and (writing or book_of(resource, actor) is None):
        raise Http404(_("Không có danh mục này hoặc bạn chưa được cấp quyền xem."))
    return resource, importer


def who_reads(request: HttpRequest, resource: Resource[Any], importer: Importer) -> Actor:
    """The person, with the right to try a file out where they may only propose."""
    actor = actor_of(request)
    return actor if resource.may(actor, "import") else widened(actor, importer, resource)


def book_of(resource: Resource[Any], actor: Actor) -> Book | None:
    """Where the changes of a file may be put, if the register makes and changes records."""
    if resource.create is None or resource.update is None:
        return None
    return book_for(actor, resource, "change")


def page(view: View) -> View:
    """A page for people who signed in; a refusal is shown in words."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if needs_sign_in(request):
            return to_sign_in(request)
        try:
            return view(request, *args, **kwargs)
        except SenError as error:
            context = {"error": error, "page_title": _("Nhập từ tệp"), "shell": "sen/shell.html"}
            path = kwargs.get("path")
            if isinstance(path, str):
                context["start_url"] = reverse("register-import", args=[path])
            return render(request, "sen/imports/refused.html", context, status=error.status)

    return checked


def here(request: HttpRequest, path: str, draft_id: UUID) -> Here:
    """The wizard at one of the actor's drafts."""
    resource, importer = importing(request, path)
    draft = drafts.draft_of(actor_of(request), draft_id, path)
    return Here(request, resource, importer, draft)


def shared(resource: Resource[Any], importer: Importer) -> dict[str, Any]:
    """Context of every page of an import."""
    return {
        "shell": "sen/shell.html",
        "resource": resource,
        "importer": importer,
        "page_title": _("Nhập từ tệp: %(title)s") % {"title": resource.title},
        "breadcrumbs": [*crumbs(resource, WORK, link=True), {"title": _("Nhập từ tệp"), "url": ""}],
        "list_url": list_url(resource),
        "start_url": reverse("register-import", args=[resource.path]),
    }


def stepped(at: Here, step: str, context: dict[str, Any]) -> dict[str, Any]:
    """Context of a step: what was passed, what comes, the way back."""
    names = at.steps
    place = names.index(step)
    return {
        **shared(at.resource, at.importer),
        "draft": at.draft,
        "step": step,
        "steps": [
            {
                "title": TITLES[name],
                "url": at.url(name) if number < place else "",
                "done": number < place,
                "current": number == place,
            }
            for number, name in enumerate(names)
        ],
        "back_url": at.before(step),
        **context,
    }
