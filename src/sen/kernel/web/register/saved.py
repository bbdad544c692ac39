"""Saved views of a list: each person's own."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.web.models import SavedView
from sen.kernel.web.register.links import list_url
from sen.kernel.web.register.resource import Resource
from sen.kernel.web.register.views import needs_sign_in, resource_for, to_sign_in

#: A position belongs to the moment, not to the view.
PASSING = frozenset({"after", "before", "partial", "csrfmiddlewaretoken"})
MOST = 50


def saved_views(resource: Resource[Any], actor: Actor) -> list[SavedView]:
    """The actor's views of one register, by name."""
    if actor.id is None:
        return []
    return list(SavedView.objects.filter(user_id=actor.id, register=resource.key).order_by("name"))


@require_POST
def save_view(request: HttpRequest, path: str) -> HttpResponse:
    """Keep the current list under a name, or (``forget``) drop one."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, path)
    person = actor_of(request).id
    if person is None:
        return to_sign_in(request)
    mine = SavedView.objects.filter(user_id=person, register=resource.key)
    url = list_url(resource)
    if forget := request.POST.get("forget", ""):
        mine.filter(pk=int(forget) if forget.isdecimal() else 0).delete()
        return redirect(url)
    name = " ".join(request.POST.get("name", "").split())[:80]
    pairs = [
        pair for pair in parse_qsl(request.POST.get("query", "")[:2000]) if pair[0] not in PASSING
    ]
    query = urlencode(pairs)
    if not name:
        messages.error(request, _("Hãy đặt tên cho danh sách."))
    elif mine.count() >= MOST and not mine.filter(name=name).exists():
        messages.error(request, _("Đã có 50 danh sách; hãy xóa bớt trước khi lưu thêm."))
    else:
        SavedView.objects.update_or_create(
            user_id=person,
            register=resource.key,
            name=name,
            defaults={"query": query},
        )
        messages.success(request, _("Đã lưu danh sách “%(name)s”.") % {"name": name})
    return redirect(f"{url}?{query}")
