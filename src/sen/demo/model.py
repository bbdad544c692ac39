"""What the demonstration province consists of: flat frozen records, no framework.

Positions are (longitude, latitude) in WGS 84. ``chainage_m``, ``from_m`` and ``to_m`` are official
chainages (lý trình, Km × 1000 + metres) calibrated on km posts, not distances along the geometry.
``data_class`` is 0 public, 1 internal, 2 restricted, 3 secret. Everything here is demonstration
data: the loader flags it so.
"""

from __future__ import annotations

from dataclasses import dataclass

from sen.demo.plane import Line, Point

Polygon = tuple[Line, ...]
MultiPolygon = tuple[Polygon, ...]

PUBLIC, INTERNAL, RESTRICTED, SECRET = range(4)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune with the published facts and an approximate boundary."""

    code: str
    name: str
    kind: str
    area_km2: float
    centre: Point
    old_district: str
    plate_prefix: str
    predecessors: tuple[str, ...]
    boundary: MultiPolygon

    @property
    def full_name(self) -> str:
        """The name as it is written in a document."""
        return f"{self.kind.capitalize()} {self.name}"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A node of the organisation tree; ``commune_code`` is empty above the communes."""

    code: str
    name: str
    kind: str
    parent: str
    commune_code: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in; ``place`` limits the rights to a commune."""

    username: str
    full_name: str
    title: str
    role: str
    organisation: str
    clearance: str
    place: str
    actor: str


@dataclass(frozen=True, slots=True)
class BaseArea:
    """Land, sea, the province, or only the label of a neighbour, for the base map."""

    kind: str
    name: str
    label: Point
    shape: MultiPolygon


@dataclass(frozen=True, slots=True)
class Town:
    """A label of the base map; rank 1 is the most important."""

    name: str
    rank: int
    position: Point


@dataclass(frozen=True, slots=True)
class Waterway:
    """A river, canal or creek; ``surface`` is empty for narrow ones."""

    code: str
    name: str
    kind: str
    technical_class: int
    width_m: float
    line: Line
    surface: MultiPolygon


@dataclass(frozen=True, slots=True)
class Road:
    """A road with its calibrated chainage range."""

    code: str
    number: str
    name: str
    manager_class: str
    technical_class: str
    manager: str
    commune_code: str
    lanes: int
    width_m: float
    surface: str
    opened_year: int
    status: str
    start_m: float
    end_m: float
    length_m: float
    data_class: int
    line: Line

    @property
    def label(self) -> str:
        """How the road is called in the names of things on it."""
        return self.number or self.code


@dataclass(frozen=True, slots=True)
class KmPost:
    """A kilometre post; ``distance_m`` is its true distance from the start of the road."""

    code: str
    road_code: str
    km: int
    distance_m: float
    condition: str
    position: Point


@dataclass(frozen=True, slots=True)
class RoadEvent:
    """Something that holds along a road: speed_limit, iri, surface, width.

    ``number`` carries km/h, m/km or metres, ``text`` the surface. ``side`` is both, left, right;
    lane 0 means all lanes. Dates are ISO; an empty ``valid_to`` is still valid.
    """

    code: str
    road_code: str
    kind: str
    from_m: float
    to_m: float
    side: str
    lane: int
    number: float | None
    text: str
    valid_from: str
    valid_to: str
    data_class: int


@dataclass(frozen=True, slots=True)
class Bridge:
    """A road bridge; ``load_limit_t`` and ``clearance_m`` are None where nothing is posted."""

    code: str
    name: str
    road_code: str
    chainage_m: float
    commune_code: str
    manager: str
    crossing: str
    crossing_kind: str
    length_m: float
    width_m: float
    spans_m: tuple[float, ...]
    structure: str
    design_load: str
    load_limit_t: float | None
    clearance_m: float | None
    opened_year: int
    condition: str
    data_class: int
    position: Point
    line: Line


@dataclass(frozen=True, slots=True)
class Inspection:
    """A detailed inspection of a bridge."""

    code: str
    bridge_code: str
    date: str
    inspector: str
    condition: str
    finding: str
    data_class: int


@dataclass(frozen=True, slots=True)
class Culvert:
    """A culvert under a road."""

    code: str
    name: str
    road_code: str
    chainage_m: float
    commune_code: str
    manager: str
    kind: str
    opening_m: float
    cells: int
    length_m: float
    opened_year: int
    condition: str
    data_class: int
    position: Point


@dataclass(frozen=True, slots=True)
class Sign:
    """A traffic sign beside a road."""

    code: str
    sign_code: str
    name: str
    text: str
    road_code: str
    chainage_m: float
    side: str
    commune_code: str
    manager: str
    installed_year: int
    condition: str
    data_class: int
    position: Point


@dataclass(frozen=True, slots=True)
class Device:
    """An ITS device; ``network_address`` is restricted whatever the class of the device."""

    code: str
    name: str
    kind: str
    road_code: str
    chainage_m: float | None
    commune_code: str
    manager: str
    model: str
    installed_year: int
    status: str
    network_address: str
    data_class: int
    position: Point


@dataclass(frozen=True, slots=True)
class Junction:
    """A signalised junction."""

    code: str
    name: str
    road_codes: tuple[str, ...]
    commune_code: str
    manager: str
    phases: int
    cycle_s: int
    status: str
    data_class: int
    position: Point


@dataclass(frozen=True, slots=True)
class Ferry:
    """A ferry crossing."""

    code: str
    name: str
    crossing: str
    far_side: str
    commune_code: str
    manager: str
    capacity_t: float
    boats: int
    width_m: float
    data_class: int
    position: Point


@dataclass(frozen=True, slots=True)
class BusStation:
    """A coach station."""

    code: str
    name: str
    address: str
    commune_code: str
    manager: str
    grade: int
    area_m2: float
    departures_per_day: int
    data_class: int
    position: Point


@dataclass(frozen=True, slots=True)
class Port:
    """A seaport berth, an inland port or a landing stage."""

    code: str
    name: str
    kind: str
    water: str
    commune_code: str
    manager: str
    berth_length_m: float
    depth_m: float
    max_dwt_t: float
    decision: str
    valid_to: str
    data_class: int
    position: Point


@dataclass(frozen=True, slots=True)
class Province:
    """The whole demonstration."""

    code: str
    name: str
    seat: str
    communes: tuple[Commune, ...]
    organisations: tuple[Organisation, ...]
    accounts: tuple[Account, ...]
    areas: tuple[BaseArea, ...]
    towns: tuple[Town, ...]
    waterways: tuple[Waterway, ...]
    roads: tuple[Road, ...]
    km_posts: tuple[KmPost, ...]
    road_events: tuple[RoadEvent, ...]
    bridges: tuple[Bridge, ...]
    inspections: tuple[Inspection, ...]
    culverts: tuple[Culvert, ...]
    signs: tuple[Sign, ...]
    devices: tuple[Device, ...]
    junctions: tuple[Junction, ...]
    ferries: tuple[Ferry, ...]
    bus_stations: tuple[BusStation, ...]
    ports: tuple[Port, ...]
