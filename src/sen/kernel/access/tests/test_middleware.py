from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from sen.kernel.access.context import as_system, current, current_actor
from sen.kernel.access.middleware import AccessMiddleware
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.audit.models import AuditEntry
from sen.kernel.audit.services import record
from sen.kernel.errors import NotFoundError, PermissionDeniedError
from sen.kernel.testing.house import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return build_house()


def serve(view: Any) -> Any:
    """One request through the middleware, as Django calls it."""
    request = RequestFactory().get("/x", REMOTE_ADDR="10.0.0.7")
    middleware = AccessMiddleware(lambda _request: HttpResponse())
    middleware(request)
    return middleware.process_view(request, view, [], {})


def acts() -> list[tuple[str, str]]:
    with as_system("read the log in a test"):
        return list(AuditEntry.objects.order_by("id").values_list("kind", "act"))


def test_a_view_runs_in_the_name_of_its_actor_in_one_transaction(house: House) -> None:
    seen: list[Any] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.extend([current_actor(), current().ip, connection.in_atomic_block])
        return HttpResponse("ok")

    assert serve(view).content == b"ok"
    assert seen == [ANONYMOUS, "10.0.0.7", True]


def test_a_refusal_becomes_403_and_stays_in_the_log_while_the_rest_is_undone(
    house: House,
) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        record(act="guarded.half.done")
        raise PermissionDeniedError("guarded.thing.change")

    with pytest.raises(PermissionDenied, match=r"guarded\.thing\.change"):
        serve(view)
    assert acts() == [("REFUSED", "guarded.thing.change")]


def test_what_is_not_there_becomes_404(house: House) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        record(act="guarded.half.done")
        raise NotFoundError("vật", "V-1")

    with pytest.raises(Http404, match="V-1"):
        serve(view)
    assert acts() == []


def test_an_answer_of_500_undoes_what_was_written(house: House) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        record(act="guarded.half.done")
        return HttpResponse(status=500)

    assert serve(view).status_code == 500
    assert acts() == []
