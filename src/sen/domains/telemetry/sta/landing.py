"""The root of the service: its entity sets and what of the standard it conforms to."""

from __future__ import annotations

from typing import Any, Final

from sen.domains.telemetry.sta.schema import ENTITIES

_REQ: Final = "http://www.opengis.net/spec/iot_sensing/1.1/req"
#: Only what tests show to hold.
CONFORMANCE: Final = (
    f"{_REQ}/datamodel",
    f"{_REQ}/resource-path/resource-path-to-entities",
    f"{_REQ}/request-data",
    f"{_REQ}/create-update-delete/create-entity",
    f"{_REQ}/create-update-delete/link-to-existing-entities",
    f"{_REQ}/create-update-delete/deep-insert",
    f"{_REQ}/create-update-delete/update-entity",
    f"{_REQ}/create-update-delete/update-entity-put",
    f"{_REQ}/create-update-delete/update-entity-jsonpatch",
    f"{_REQ}/create-update-delete/delete-entity",
    f"{_REQ}/create-update-delete/historical-location-auto-creation",
    f"{_REQ}/multi-datastream",
    f"{_REQ}/data-array/data-array",
    f"{_REQ}/batch-request/batch-request",
    "https://fraunhoferiosb.github.io/FROST-Server/extensions/JsonBatchRequest.html",
)


def landing(base: str) -> dict[str, Any]:
    """The document at the root; ``base`` ends with a slash."""
    return {
        "value": [{"name": name, "url": f"{base}{name}"} for name in ENTITIES],
        "serverSettings": {"conformance": list(CONFORMANCE)},
    }
