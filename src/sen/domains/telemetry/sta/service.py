"""What each request does; :mod:`app` is the ASGI around it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec
from django.utils import translation

from sen.domains.telemetry.sta import editing, entities
from sen.domains.telemetry.sta.answers import Answer, RefusedError, not_found
from sen.domains.telemetry.sta.callers import Caller, in_thread
from sen.domains.telemetry.sta.columns import rows_of
from sen.domains.telemetry.sta.database import Connection, Database, ask
from sen.domains.telemetry.sta.landing import landing
from sen.domains.telemetry.sta.observations import Deliver, Draft, Gathering, draft_of, streams_of
from sen.domains.telemetry.sta.odata.addresses import Address, address_of
from sen.domains.telemetry.sta.odata.options import Options, options_of
from sen.domains.telemetry.sta.patches import patched
from sen.domains.telemetry.sta.reading import Statement, components_of, statement_of, token_of
from sen.domains.telemetry.sta.schema import ENTITIES
from sen.kernel.access.context import acting_as
from sen.lib.errors import gettext_noop

ROOT: Final = "/sta/v1.1"
_COMPILED: Final = 500


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its body read."""

    method: str
    path: str
    query: str
    base: str
    caller: Caller
    body: bytes = b""
    content_type: str = ""
    english: bool = False
    ip: str = ""
    request_id: str = ""

    def json(self) -> Any:
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RefusedError(
                400,
                "json",
                gettext_noop("Nội dung không phải là JSON: %(reason)s."),
                {"reason": str(error)},
            ) from error

    def object(self) -> dict[str, Any]:
        found = self.json()
        if not isinstance(found, dict):
            raise RefusedError(
                400, "json", gettext_noop("Nội dung phải là một đối tượng JSON: {…}.")
            )
        return found


@dataclass
class Service:
    """SensorThings over one database and one door for observations."""

    database: Database
    deliver: Deliver
    gathering: Gathering = field(init=False)
    _compiled: OrderedDict[tuple[str, ...], Statement] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.gathering = Gathering(self.deliver)

    async def answer(self, request: Request) -> Answer:
        """The answer to a request.

        Raises:
            SyntaxFault: the address or an option cannot be read.
            RefusedError: it cannot be done.
        """
        if request.method in ("GET", "HEAD"):
            return await self.get(request)
        act = {"POST": self.post, "PATCH": self.patch, "PUT": self.patch, "DELETE": self.delete}
        known = act.get(request.method)
        if known is None:
            raise _no_method(request.method)
        return await known(request)

    # --- reading -------------------------------------------------------------------------------

    async def get(self, request: Request) -> Answer:
        if request.path in ("", "/"):
            return Answer(200, msgspec.json.encode(landing(request.base)))
        statement = self._statement(request)
        async with self.database.reading(request.caller) as connection:
            rows = await _columns(connection, statement, request.base)
            if rows is None:
                cursor = await ask(connection, statement.sql, statement.parameters)
                if not statement.place.many:
                    return self._entity(request, statement, await cursor.fetchone())
                rows = await cursor.fetchall()
            count = await _count(connection, statement)
            if not rows and statement.parent_sql:
                await _parent(connection, statement, request.path)
        return self._list(request, statement, rows, count)

    def _statement(self, request: Request) -> Statement:
        key = (request.path, request.query, request.base, request.caller.digest)
        known = self._compiled.get(key)
        if known is not None:
            self._compiled.move_to_end(key)
            return known
        address = address_of(unquote(request.path))
        pairs = parse_qsl(request.query, keep_blank_values=True)
        made = statement_of(address, options_of(pairs), request.caller.actor, request.base)
        if len(self._compiled) >= _COMPILED:
            self._compiled.popitem(last=False)
        self._compiled[key] = made
        return made

    @staticmethod
    def _entity(request: Request, statement: Statement, row: Any) -> Answer:
        if row is None:
            raise not_found(request.path.strip("/"))
        address = address_of(unquote(request.path))
        prop = statement.place.prop
        if not prop:
            if address.form == "$ref":
                link = msgspec.json.decode(row[0]).get("@iot.selfLink")
                return Answer(200, msgspec.json.encode({"@iot.selfLink": link}))
            return Answer(200, row[0].encode())
        if address.form != "$value":
            return Answer(200, row[0].encode())
        value = msgspec.json.decode(row[0])[prop]
        if value is None:
            return Answer(204)
        if isinstance(value, str):
            return Answer(200, value.encode(), b"text/plain; charset=utf-8")
        return Answer(200, msgspec.json.encode(value))

    def _list(
        self, request: Request, statement: Statement, rows: list[Any], count: int | None
    ) -> Answer:
        options = statement.options
        head = "" if count is None else f'"@iot.count":{count},'
        more = _next_link(request, statement, rows)
        if options.result_format:
            value = ",".join(_array(request.base, options, row) for row in rows if row[2])
        else:
            value = rows[0][1] if rows and rows[0][1] else ""
        if address_of(unquote(request.path)).form == "$ref":
            links = [item["@iot.selfLink"] for item in msgspec.json.decode(f"[{value}]")]
            value = msgspec.json.encode([{"@iot.selfLink": link} for link in links]).decode()[1:-1]
        return Answer(200, f'{{{head}{more}"value":[{value}]}}'.encode())

    # --- writing -------------------------------------------------------------------------------

    async def post(self, request: Request) -> Answer:
        path = request.path.strip("/")
        if path == "Observations":
            return await self._observation(request, request.object())
        if path == "CreateObservations":
            return await self._data_array(request)
        if path == "$batch":
            from sen.domains.telemetry.sta.batches import answer_batch

            return await answer_batch(self, request)
        set_name, body = _made(request)
        if set_name == "Observations":
            return await self._observation(request, body)
        return await self._write(request)

    async def _write(self, request: Request) -> Answer:
        """Make, change or delete an entity in one transaction."""
        work = entities.Work(request.caller.actor)

        def run() -> Answer:
            with acting(request):
                return self.write_entity(request, work)

        answer = await in_thread(run)
        request.caller.streams.clear()
        await self.store(request.caller, work)
        return answer

    def write_entity(self, request: Request, work: entities.Work) -> Answer:
        """The same, inside the transaction of the caller and in its thread."""
        if request.method == "POST":
            set_name, body = _made(request)
            key = entities.create(work, set_name, body)
            return _created(f"{request.base}{set_name}({key})", key)
        set_name, one = _one(request.path)
        if request.method == "DELETE":
            if set_name == "Observations":
                editing.delete_observation(work.actor, one)
            else:
                entities.delete(work, set_name, one)
            return Answer(200)
        if set_name == "Observations":
            editing.change_observation(work.actor, one, request.object())
        else:
            whole = request.method == "PUT"
            entities.change(work, set_name, one, request.object(), whole=whole)
        return Answer(200)

    async def store(self, caller: Caller, work: entities.Work) -> None:
        """Observations that came inside entities, once these are committed."""
        if work.observations:
            streams = await streams_of(caller, (number for number, _body in work.observations))
            drafts = [draft_of(streams[n], dict(item)) for n, item in work.observations]
            await self.gathering.put(drafts)

    async def _observation(self, request: Request, body: dict[str, Any]) -> Answer:
        number = _stream_of(body)
        feature = body.get("FeatureOfInterest")
        if isinstance(feature, dict) and "@iot.id" not in feature:
            body["FeatureOfInterest"] = await self._feature(request, feature)
        streams = await streams_of(request.caller, (number,))
        draft = draft_of(streams[number], body)
        await self.gathering.put([draft])
        key = f"{number}-{draft.at_us}"
        return _created(f"{request.base}Observations('{key}')", key)

    async def _feature(self, request: Request, feature: dict[str, Any]) -> dict[str, Any]:
        def run() -> int:
            with acting(request):
                return entities.create(
                    entities.Work(request.caller.actor), "FeaturesOfInterest", feature
                )

        return {"@iot.id": await in_thread(run)}

    async def _data_array(self, request: Request) -> Answer:
        from sen.domains.telemetry.sta.arrays import drafts_of, parts_of

        parts = parts_of(request.json())
        streams = await streams_of(request.caller, {part.stream for part in parts})
        drafts: list[Draft] = []
        links: list[str] = []
        for part in parts:
            drafts_of(streams[part.stream], part, drafts, links, request.base)
        await self.gathering.put(drafts)
        return Answer(201, msgspec.json.encode(links))

    async def patch(self, request: Request) -> Answer:
        set_name, key = _one(request.path)
        if "json-patch" in request.content_type:
            document = patched(await self._document(request), request.json())
            request = replace(request, body=msgspec.json.encode(document), content_type="")
        await self._write(request)
        return Answer(200, await self._again(request, set_name, key))

    async def _document(self, request: Request) -> dict[str, Any]:
        """The entity as it is, without links: what a JSON Patch is applied to."""
        set_name, key = _one(request.path)
        found = msgspec.json.decode(await self._again(request, set_name, key))
        return {name: value for name, value in found.items() if "@iot." not in name}

    async def _again(self, request: Request, set_name: str, key: str) -> bytes:
        quoted = f"'{key}'" if ENTITIES[set_name].textual else key
        reading = Request("GET", f"{set_name}({quoted})", "", request.base, request.caller)
        return (await self.get(reading)).body

    async def delete(self, request: Request) -> Answer:
        return await self._write(request)


# --- parts of answers ------------------------------------------------------------------------


async def _columns(
    connection: Connection, statement: Statement, base: str
) -> list[tuple[Any, ...]] | None:
    """The page by its columns; None where the general statement has to be asked."""
    if not statement.columns_sql:
        return None
    cursor = await ask(connection, statement.columns_sql, statement.parameters)
    found = cursor.pgresult
    if found is None:
        return None
    return rows_of(found, statement.place.stream_id, base, statement.top)


async def _count(connection: Connection, statement: Statement) -> int | None:
    if not statement.count_sql:
        return None
    cursor = await ask(connection, statement.count_sql, statement.parameters)
    found = await cursor.fetchone()
    return int(found[0]) if found else 0


async def _parent(connection: Connection, statement: Statement, path: str) -> None:
    """A list that is empty because what it belongs to is not there is no list."""
    cursor = await ask(connection, statement.parent_sql, statement.parameters)
    if await cursor.fetchone() is None:
        raise not_found(path.strip("/"))


def _next_link(request: Request, statement: Statement, rows: list[Any]) -> str:
    top = statement.top
    fetched = max((row[3] for row in rows), default=0)
    if fetched <= top or top == 0:
        return ""
    last = next(row[4] for row in rows if row[4][0] is not None or any(row[4]))
    kept = "&".join(
        part
        for part in request.query.split("&")
        if part and not unquote(part).startswith(("$skip=", "$skiptoken="))
    )
    token = token_of(list(last))
    link = f"{request.base}{request.path.strip('/')}?{kept}{'&' if kept else ''}$skiptoken={token}"
    return f'"@iot.nextLink":{msgspec.json.encode(link).decode()},'


def _array(base: str, options: Options, row: Any) -> str:
    stream, values, count = row[0], row[1], row[2]
    names = msgspec.json.encode(components_of(options)).decode()
    return (
        f'{{"Datastream@iot.navigationLink":"{base}Datastreams({stream})","components":{names},'
        f'"dataArray@iot.count":{count},"dataArray":[{values}]}}'
    )


def _created(location: str, key: int | str) -> Answer:
    body = msgspec.json.encode({"@iot.selfLink": location, "@iot.id": key})
    return Answer(201, body, headers=[(b"location", location.encode())])


def acting(request: Request) -> Any:
    translation.activate("en" if request.english else "vi")
    return acting_as(request.caller.actor, request_id=request.request_id, ip=request.ip)


def _made(request: Request) -> tuple[str, dict[str, Any]]:
    """What a POST makes, and from what."""
    address = address_of(unquote(request.path))
    if not address.steps or address.steps[-1].key is not None or address.form:
        raise _no_method("POST")
    if len(address.steps) > 2:
        raise _no_method("POST")
    body = request.object()
    if len(address.steps) == 2:
        _link_above(address, body)
    return address.steps[-1].name, body


def _one(path: str) -> tuple[str, str]:
    """The set and the key of an address that names one entity."""
    address = address_of(unquote(path))
    first = address.steps[0] if len(address.steps) == 1 else None
    if first is None or first.key is None or address.form:
        raise RefusedError(
            405, "method", gettext_noop("Chỉ sửa, xóa được tại địa chỉ của một đối tượng.")
        )
    if first.name not in ENTITIES:
        raise not_found(path.strip("/"))
    return first.name, first.key


def _link_above(address: Address, body: dict[str, Any]) -> None:
    """``POST Things(1)/Datastreams`` means a stream of that thing."""
    above, last = address.steps
    entity = ENTITIES.get(above.name)
    if entity is None or above.key is None or last.name not in entity.navigation:
        raise not_found("/".join(step.name for step in address.steps))
    link = {"@iot.id": int(above.key) if above.key.isdigit() else above.key}
    below = ENTITIES[last.name]
    if entity.name in below.navigation:
        body[entity.name] = link
    else:
        body[entity.set] = [link]


def _stream_of(body: dict[str, Any]) -> int:
    for name in ("Datastream", "MultiDatastream"):
        link = body.get(name)
        if isinstance(link, dict):
            key = link.get("@iot.id", link.get("id"))
            if isinstance(key, int) or (isinstance(key, str) and key.isdigit() and len(key) < 10):
                return int(key)
    raise RefusedError(
        400, "stream", gettext_noop('Thiếu Datastream: {"@iot.id": …} của quan trắc.')
    )


def _no_method(method: str) -> RefusedError:
    return RefusedError(
        405, "method", gettext_noop("Không dùng được %(method)s ở địa chỉ này."), {"method": method}
    )
