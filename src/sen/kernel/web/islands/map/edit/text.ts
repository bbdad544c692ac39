/** Shapes as the text of a form field: WKT, GeoJSON, or "lat, lon" for a point. */
import type { LonLat } from "../geodesy";
import { type Kind, type Shape, isWhole } from "./shape";

const DIGITS = 8; // a millimetre

type Nested = number | Nested[];

/** Reads WKT (also with SRID=4326;), GeoJSON or one pair of degrees; null for anything else. */
export function readShape(text: string): Shape | null {
  const trimmed = text.trim();
  try {
    if (trimmed.startsWith("{")) return fromGeometry(geometryOf(JSON.parse(trimmed)));
    const word = /^(?:SRID=4326;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\s*Z?\s*(\(.*\))$/is.exec(trimmed);
    if (word) return fromWkt(String(word[2]).toUpperCase(), Boolean(word[1]), String(word[3]));
  } catch {
    return null;
  }
  const pair = /^\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(trimmed);
  if (!pair) return null;
  const [lat, lon] = [Number(pair[1]), Number(pair[2])];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { kind: "point", parts: [[[[lon, lat]]]] } : null;
}

function geometryOf(found: GeoJSON.GeoJSON): GeoJSON.Geometry {
  if (found.type === "FeatureCollection") return geometryOf(found.features[0] as GeoJSON.Feature);
  return found.type === "Feature" ? found.geometry : found;
}

export function fromGeometry(geometry: GeoJSON.Geometry): Shape | null {
  if (geometry.type === "GeometryCollection") return null;
  const { type, coordinates } = geometry;
  const many = type.startsWith("Multi");
  return shapeOf(type.replace("Multi", "").toUpperCase(), (many ? coordinates : [coordinates]) as Nested[]);
}

function fromWkt(word: string, many: boolean, body: string): Shape | null {
  const lists = body.replace(/(-?[\d.]+(?:e-?\d+)?)\s+(-?[\d.]+(?:e-?\d+)?)(?:\s+-?[\d.]+)*/gi, "[$1,$2]");
  const nested = JSON.parse(lists.replace(/\(/g, "[").replace(/\)/g, "]")) as Nested[];
  // Corners of a multiple point may stand in brackets of their own.
  if (word === "POINT") return shapeOf(word, nested.map((p) => (Array.isArray((p as Nested[])[0]) ? ((p as Nested[])[0] as Nested) : p)));
  return shapeOf(word, many ? nested : [nested]);
}

function shapeOf(word: string, list: Nested[]): Shape | null {
  const path = (points: Nested): LonLat[] => (points as Nested[]).map((p) => [Number((p as Nested[])[0]), Number((p as Nested[])[1])]);
  const parts = list.map((item): LonLat[][] => {
    if (word === "POINT") return [path([item])];
    if (word === "LINESTRING") return [path(item)];
    return (item as Nested[]).map((ring) => opened(path(ring)));
  });
  const kinds: Record<string, Kind> = { POINT: "point", LINESTRING: "line", POLYGON: "polygon" };
  const kind = kinds[word];
  const right = parts.every((part) => part.every((points) => points.every((p) => p.every(Number.isFinite))));
  return kind && right && parts.length > 0 ? { kind, parts } : null;
}

function opened(ring: LonLat[]): LonLat[] {
  const [first, last] = [ring[0], ring.at(-1)];
  return first && last && ring.length > 1 && first[0] === last[0] && first[1] === last[1] ? ring.slice(0, -1) : ring;
}

const rounded = (p: LonLat): number[] => [Number(p[0].toFixed(DIGITS)), Number(p[1].toFixed(DIGITS))];

/** The shape as GeoJSON, null while something of it lacks corners. */
export function toGeometry(shape: Shape): GeoJSON.Geometry | null {
  if (!isWhole(shape)) return null;
  const nested = shape.parts.map((part) => {
    if (shape.kind === "point") return rounded((part[0] as LonLat[])[0] as LonLat);
    if (shape.kind === "line") return (part[0] ?? []).map(rounded);
    return part.map((ring) => [...ring, ring[0] as LonLat].map(rounded));
  });
  const word = { point: "Point", line: "LineString", polygon: "Polygon" }[shape.kind];
  const single = nested.length === 1;
  return { type: single ? word : `Multi${word}`, coordinates: single ? nested[0] : nested } as GeoJSON.Geometry;
}

/** Writes a shape; empty while it is not whole. */
export function writeShape(shape: Shape, format: string): string {
  const geometry = toGeometry(shape);
  if (!geometry || geometry.type === "GeometryCollection") return "";
  if (format === "latlon" && geometry.type === "Point") {
    const [lon, lat] = geometry.coordinates as [number, number];
    return `${lat.toFixed(7)}, ${lon.toFixed(7)}`;
  }
  if (format === "geojson") return JSON.stringify(geometry);
  const nested = geometry.coordinates as Nested[];
  const body = geometry.type === "Point" ? `(${nested.join(" ")})` : inside(nested);
  return `${geometry.type.toUpperCase()} ${body}`;
}

function inside(list: Nested[]): string {
  const items = list.map((item) => (typeof (item as Nested[])[0] === "number" ? (item as number[]).join(" ") : inside(item as Nested[])));
  return `(${items.join(", ")})`;
}
