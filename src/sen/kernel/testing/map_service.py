"""A map service over real HTTP, for tests: WMS 1.3.0 and 1.1.1, WMTS, XYZ, and it can lie.

Pictures are of one colour: red in WMS, green in WMTS and XYZ. ``lies`` changes the next answers:
``error`` (an exception in place of a picture), ``html`` (a page in its place), ``status``, ``huge``
(more than anybody asked for), ``away`` (sends us to the cloud's metadata), ``entities`` (a
description that explodes), ``slow`` (drips).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image

CAPABILITIES = """<?xml version="1.0" encoding="UTF-8"?>
<WMS_Capabilities version="{version}" xmlns="http://www.opengis.net/wms"
 xmlns:xlink="http://www.w3.org/1999/xlink"><Service><Name>WMS</Name><Title>Dịch vụ thử</Title>
<OnlineResource xlink:href="{url}"/><ContactInformation><ContactPersonPrimary>
<ContactOrganization>Sở Thử nghiệm</ContactOrganization></ContactPersonPrimary></ContactInformation>
<AccessConstraints>Chỉ dùng nội bộ</AccessConstraints></Service>
<Capability><Request>
<GetCapabilities><Format>text/xml</Format><DCPType><HTTP><Get>
<OnlineResource xlink:href="{url}?"/></Get></HTTP></DCPType></GetCapabilities>
<GetMap><Format>image/png</Format><DCPType><HTTP><Get>
<OnlineResource xlink:href="{url}?"/></Get></HTTP></DCPType></GetMap>
<GetFeatureInfo><Format>application/json</Format><Format>text/html</Format><DCPType><HTTP><Get>
<OnlineResource xlink:href="{url}?"/></Get></HTTP></DCPType></GetFeatureInfo></Request>
<Exception><Format>XML</Format></Exception>
<Layer><Title>Gốc</Title><CRS>EPSG:4326</CRS>
<Layer queryable="1"><Name>thua</Name><Title>Thửa đất</Title><CRS>EPSG:3857</CRS>
<EX_GeographicBoundingBox><westBoundLongitude>105</westBoundLongitude>
<eastBoundLongitude>107</eastBoundLongitude><southBoundLatitude>10</southBoundLatitude>
<northBoundLatitude>11</northBoundLatitude></EX_GeographicBoundingBox>
<BoundingBox CRS="EPSG:4326" minx="10" miny="105" maxx="11" maxy="107"/>
<Style><Name>mac-dinh</Name><Title>Mặc định</Title><LegendURL width="20" height="20">
<Format>image/png</Format><OnlineResource xlink:href="{url}?request=GetLegendGraphic"/>
</LegendURL></Style></Layer></Layer></Capability></WMS_Capabilities>"""

MATRIX = "".join(
    f"<TileMatrix><ows:Identifier>{z}</ows:Identifier>"
    f"<ScaleDenominator>{559082264.029 / 2**z}</ScaleDenominator>"
    "<TopLeftCorner>-20037508.34 20037508.34</TopLeftCorner><TileWidth>256</TileWidth>"
    f"<TileHeight>256</TileHeight><MatrixWidth>{2**z}</MatrixWidth>"
    f"<MatrixHeight>{2**z}</MatrixHeight></TileMatrix>"
    for z in range(19)
)
WMTS = (
    """<?xml version="1.0" encoding="UTF-8"?><Capabilities version="1.0.0"
 xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1"
 xmlns:xlink="http://www.w3.org/1999/xlink"><ows:ServiceIdentification>
<ows:Title>Ô ảnh thử</ows:Title><ows:ServiceType>OGC WMTS</ows:ServiceType>
<ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>
<ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP>
<ows:Get xlink:href="{url}?"><ows:Constraint name="GetEncoding"><ows:AllowedValues>
<ows:Value>KVP</ows:Value></ows:AllowedValues></ows:Constraint></ows:Get></ows:HTTP></ows:DCP>
</ows:Operation></ows:OperationsMetadata><Contents><Layer><ows:Title>Nền xanh</ows:Title>
<ows:WGS84BoundingBox><ows:LowerCorner>105 10</ows:LowerCorner>
<ows:UpperCorner>107 11</ows:UpperCorner></ows:WGS84BoundingBox>
<ows:Identifier>nen</ows:Identifier><Style isDefault="true"><ows:Identifier>sang</ows:Identifier>
</Style><Format>image/png</Format><TileMatrixSetLink><TileMatrixSet>luoi</TileMatrixSet>
</TileMatrixSetLink></Layer><TileMatrixSet><ows:Identifier>luoi</ows:Identifier>
<ows:SupportedCRS>urn:ogc:def:crs:EPSG::3857</ows:SupportedCRS>"""
    + MATRIX
    + "</TileMatrixSet></Contents></Capabilities>"
)
BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'


@dataclass
class MapService:
    """What the service does next; a test changes it while the service runs."""

    url: str = ""
    lies: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)


def picture(color: tuple[int, int, int], side: int = 256) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (side, side), color).save(buffer, "PNG")
    return buffer.getvalue()


def _answer(service: MapService, path: str, query: dict[str, str]) -> tuple[bytes, str]:
    request = query.get("request", "")
    if request == "GetCapabilities":
        if service.lies.get("entities"):
            return BOMB.encode(), "text/xml"
        text = WMTS if query.get("service") == "WMTS" else CAPABILITIES
        version = "1.3.0"
        filled = text.replace("{url}", f"{service.url}{path}").replace("{version}", version)
        return filled.encode(), "text/xml"
    if request == "GetFeatureInfo":
        found = {"ten": "Thửa 12", "ghi_chu": "<script>alert(1)</script>"}
        return json.dumps({"features": [{"properties": found}]}).encode(), "application/json"
    if service.lies.get("error"):
        text = "<ServiceExceptionReport><ServiceException>Hết hạn</ServiceException>"
        return f"{text}</ServiceExceptionReport>".encode(), "text/xml"
    if service.lies.get("html"):
        return b"<html><script>alert(1)</script>", "image/png"
    return picture((200, 20, 20) if request == "GetMap" else (20, 160, 40)), "image/png"


def _handler(service: MapService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
            service.asked.append(query | {"path": parts.path})
            if service.lies.get("away"):
                self._send(b"", "", 302, "http://169.254.169.254/latest/meta-data")
                return
            body, kind = _answer(service, parts.path, query)
            if service.lies.get("huge"):
                body += b"\0" * 12_000_000
            self._send(body, kind, int(service.lies.get("status", 200)))

        def _send(self, body: bytes, kind: str, status: int, to: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if to:
                self.send_header("Location", to)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                if service.lies.get("slow"):
                    for byte in body[:50]:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(0.05)
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                """Whoever asked has heard enough."""

        def log_message(self, *_args: object) -> None:
            """Nobody reads it."""

    return Handler


@contextmanager
def map_service() -> Iterator[MapService]:
    """A running service."""
    service = MapService()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
