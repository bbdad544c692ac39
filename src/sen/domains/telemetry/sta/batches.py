"""``$batch``: several requests in one message, some of them all or nothing.

Source:
    OData 4.01 JSON format, 19 (batch requests).
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sen.domains.telemetry.sta import entities, multiparts
from sen.domains.telemetry.sta.answers import Answer, RefusedError, problem_of
from sen.domains.telemetry.sta.callers import in_thread
from sen.domains.telemetry.sta.service import ROOT, acting
from sen.lib.errors import gettext_noop

if TYPE_CHECKING:
    from sen.domains.telemetry.sta.service import Request, Service

MOST: Final = 1_000
_REFERENCE: Final = re.compile(r"^\$([\w-]+)")


async def answer_batch(service: Service, request: Request) -> Answer:
    """Answers of all requests, in their order.

    Raises:
        RefusedError: it is no batch.
    """
    if request.content_type.lower().startswith(multiparts.KIND):
        parts = multiparts.items_of(request.body, request.content_type, ROOT)
        return multiparts.answer_of(parts, await _responses(service, request, parts))
    items = request.object().get("requests")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise RefusedError(400, "batch", gettext_noop("Thiếu danh sách “requests”."))
    responses = await _responses(service, request, items)
    return Answer(200, msgspec.json.encode({"responses": responses}))


async def _responses(
    service: Service, request: Request, items: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if len(items) > MOST:
        raise RefusedError(
            400, "batch", gettext_noop("$batch có quá %(most)d yêu cầu."), {"most": MOST}
        )
    responses: list[dict[str, Any]] = []
    made: dict[str, str] = {}
    for group, members in groupby(items, key=lambda item: item.get("atomicityGroup")):
        listed = list(members)
        if group is None:
            responses += [await _single(service, request, item, made) for item in listed]
        else:
            responses += await _together(service, request, listed, made)
    return responses


async def _single(
    service: Service, request: Request, item: dict[str, Any], made: dict[str, str]
) -> dict[str, Any]:
    try:
        answer = await service.answer(_inner(request, item, made))
    except Exception as error:
        problem = problem_of(error, request.english)
        if problem is None:
            raise
        answer = problem
    return _response(item, answer, made, request.base)


def _inner(request: Request, item: dict[str, Any], made: dict[str, str]) -> Request:
    url = str(item.get("url", ""))
    url = _REFERENCE.sub(lambda match: made.get(match[1], match[0]), url)
    url = url.removeprefix(request.base).lstrip("/")
    path, _mark, query = url.partition("?")
    if path == "$batch":
        raise RefusedError(400, "batch", gettext_noop("$batch không được lồng nhau."))
    headers = {k.lower(): str(v) for k, v in (item.get("headers") or {}).items()}
    return replace(
        request,
        method=str(item.get("method", "GET")).upper(),
        path=path,
        query=query,
        body=msgspec.json.encode(_linked(item.get("body"), made)),
        content_type=headers.get("content-type", "application/json"),
    )


def _linked(value: Any, made: dict[str, str]) -> Any:
    """References ``"@iot.id": "$1"`` to what an earlier request made."""
    if isinstance(value, list):
        return [_linked(item, made) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _key(made[item[1:]])
        if name == "@iot.id" and isinstance(item, str) and item[1:] in made and item[0] == "$"
        else _linked(item, made)
        for name, item in value.items()
    }


def _key(address: str) -> int | str:
    text = address[address.index("(") + 1 : address.rindex(")")].strip("'")
    return int(text) if text.isdigit() else text


def _response(
    item: dict[str, Any], answer: Answer, made: dict[str, str], base: str
) -> dict[str, Any]:
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    if "location" in headers:
        made[str(item.get("id"))] = headers["location"].removeprefix(base)
    response: dict[str, Any] = {"id": item.get("id"), "status": answer.status}
    if headers:
        response["headers"] = headers
    if answer.body:
        response["body"] = msgspec.Raw(answer.body)
    return response


async def _together(
    service: Service, request: Request, items: list[dict[str, Any]], made: dict[str, str]
) -> list[dict[str, Any]]:
    """Entities that are made, changed or deleted together or not at all."""
    responses: list[dict[str, Any]] = []
    work = entities.Work(request.caller.actor)

    def run() -> None:
        with acting(request):
            for item in items:
                inner = _inner(request, item, made)
                answer = service.write_entity(inner, work)
                responses.append(_response(item, answer, made, request.base))

    try:
        await in_thread(run)
    except Exception as error:
        problem = problem_of(error, request.english)
        if problem is None:
            raise
        return [_response(item, problem, {}, request.base) for item in items]
    request.caller.streams.clear()
    await service.store(request.caller, work)
    return responses
