"""From the list of everything to the page of an asset in the register of its type."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from sen.domains.assets.models import Asset
from sen.domains.assets.web.panels import register_of
from sen.kernel.access.middleware import actor_of
from sen.kernel.web.register.links import PUBLIC, WORK, base_of, detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, row_for, to_sign_in


@require_safe
def own_page(request: HttpRequest, row_id: int) -> HttpResponse:
    """The register of all assets has no pages of its own: a type has attributes to show."""
    if needs_sign_in(request):
        return to_sign_in(request)
    row = row_for(resources["assets.all"], actor_of(request), row_id)
    if not isinstance(row, Asset):
        raise TypeError(f"assets.all shows assets, not {type(row).__name__}")
    url = detail_url(register_of(row.type), row.pk, base_of(request))
    query = request.GET.urlencode()
    return redirect(f"{url}?{query}" if query else url)


urlpatterns: list[URLPattern] = [
    path(f"{base.strip('/')}/assets/all/<int:row_id>/", own_page) for base in (WORK, PUBLIC)
]
