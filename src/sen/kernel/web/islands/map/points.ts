/** Places in form fields: reading and writing them. */
import type { LonLat } from "./geodesy";

export type PickShape = "point" | "line";

const DIGITS = 7; // one centimetre

/** Reads WKT (with or without SRID=…;), GeoJSON, or "lat, lon" as pairs of lon, lat. */
export function readPoints(text: string): LonLat[] {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) {
    try {
      const geometry = JSON.parse(trimmed) as { type?: string; coordinates?: unknown };
      const list = geometry.type === "Point" ? [geometry.coordinates] : geometry.coordinates;
      return Array.isArray(list) ? list.filter(isPair).map((p): LonLat => [p[0], p[1]]) : [];
    } catch {
      return [];
    }
  }
  const numbers = (trimmed.replace(/^SRID=\d+;/i, "").match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
  const points: LonLat[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) points.push([numbers[i] ?? 0, numbers[i + 1] ?? 0]);
  const [only] = points;
  // Without a WKT word a pair is written as people say it: latitude first.
  return /^[A-Z]/i.test(trimmed) || !only ? points : [[only[1], only[0]]];
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number";
}

/** Writes points as GeoJSON (usual), WKT, or "lat, lon" as people say it (points only). */
export function writePoints(points: readonly LonLat[], shape: PickShape, format: string): string {
  const round = points.map(([x, y]) => [Number(x.toFixed(DIGITS)), Number(y.toFixed(DIGITS))]);
  const [first] = round;
  if (!first || (shape === "line" && round.length < 2)) return "";
  if (format === "latlon" && shape === "point") {
    return `${first[1]?.toFixed(6) ?? ""}, ${first[0]?.toFixed(6) ?? ""}`;
  }
  if (format === "wkt") {
    const inside = round.map((p) => p.join(" ")).join(", ");
    return shape === "point" ? `POINT (${inside})` : `LINESTRING (${inside})`;
  }
  return JSON.stringify(
    shape === "point" ? { type: "Point", coordinates: first } : { type: "LineString", coordinates: round },
  );
}
