"""The writing operations of part 4 in the OpenAPI document, for those who may use them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import Layer, LayerEditor, layer_editors
from sen.kernel.geo.ogc.crs import SYSTEMS

Document = dict[str, Any]
_PROBLEM: Document = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
}


def operations(layer: Layer, actor: Actor, title: str, one: Document) -> tuple[Document, Document]:
    """What may be done on ``/items`` and on one item besides reading."""
    editor = layer_editors.get(layer.name)
    if editor is None or not actor.is_authenticated:
        return {}, {}
    name = layer.name.replace("-", "_")
    body = _body(editor)
    items: Document = {}
    item: Document = {}
    if editor.may(actor, "add"):
        items["post"] = _operation(f"create_{name}", title, name, body, {"201": _created()})
    if editor.may(actor, "change"):
        for method, verb in (("put", "replace"), ("patch", "change")):
            item[method] = _operation(f"{verb}_{name}", title, name, body, {"204": _done()}, one)
    if editor.may(actor, "delete"):
        item["delete"] = _operation(f"delete_{name}", title, name, None, {"204": _done()}, one)
    return items, item


def _operation(
    operation: str,
    title: str,
    tag: str,
    body: Document | None,
    responses: Document,
    one: Document | None = None,
) -> Document:
    parameters: list[Document] = [
        {"name": "reason", "in": "query", "schema": {"type": "string", "maxLength": 500}}
    ]
    if one is not None:
        match = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
        parameters += [one, match]
    if body is not None:
        systems = {"type": "string", "enum": [f"<{system.uri}>" for system in SYSTEMS]}
        parameters.append({"name": "Content-Crs", "in": "header", "schema": systems})
    refused = {
        "400": _("Nội dung không đọc được"),
        "403": _("Không có quyền"),
        "404": _("Không có"),
        "409": _("Trạng thái của đối tượng không cho phép"),
        "422": _("Giá trị sai, theo từng thuộc tính"),
    }
    if one is not None:
        refused |= {"412": _("Đã thay đổi sau khi đọc"), "428": _("Thiếu If-Match")}
    found: Document = {
        "operationId": operation,
        "summary": title,
        "tags": [tag],
        "parameters": parameters,
        "responses": responses
        | {status: {"description": text} | _PROBLEM for status, text in refused.items()},
    }
    return found | ({"requestBody": body} if body is not None else {})


def _body(editor: LayerEditor) -> Document:
    properties = {name: {"title": str(label)} for name, label in editor.writable().items()}
    schema: Document = {
        "allOf": [
            {"$ref": "#/components/schemas/featureGeoJSON"},
            {"properties": {"properties": {"type": "object", "properties": properties}}},
        ]
    }
    return {"required": True, "content": {"application/geo+json": {"schema": schema}}}


def _created() -> Document:
    return {
        "description": _("Đã tạo"),
        "headers": {"Location": {"schema": {"type": "string", "format": "uri"}}},
    }


def _done() -> Document:
    return {"description": _("Đã ghi")}
