/** Finding what a drawn corner is put on: first corners of neighbours, then their sides. */
import type { LonLat } from "../geodesy";

export interface Path {
  readonly layer: string;
  readonly points: readonly LonLat[];
  readonly box: readonly [number, number, number, number];
}

export interface Snapped {
  readonly at: LonLat;
  readonly kind: "corner" | "side";
  readonly layer: string;
}

/** The paths of features, outlines of areas among them. */
export function pathsOf(features: readonly GeoJSON.Feature[]): Path[] {
  return features.flatMap(({ geometry, properties }) => {
    const layer = String(properties?.["layer"] ?? "");
    return geometry && geometry.type !== "GeometryCollection" ? lists(geometry.coordinates).map((points) => path(layer, points)) : [];
  });
}

function lists(nested: unknown): LonLat[][] {
  const list = nested as unknown[];
  if (typeof list[0] === "number") return [[list as unknown as LonLat]];
  if (Array.isArray(list[0]) && typeof list[0][0] === "number") return [list as LonLat[]];
  return list.flatMap(lists);
}

export function path(layer: string, points: readonly LonLat[]): Path {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
  return { layer, points, box };
}

/**
 * What lies nearest within `reach` degrees of latitude; a corner wins over a side within reach.
 * Distances are those on the screen: degrees of longitude are shorter by the cosine.
 */
export function nearest(point: LonLat, paths: readonly Path[], reach: number): Snapped | null {
  const squeeze = Math.cos((point[1] * Math.PI) / 180);
  const wide = reach / squeeze;
  let corner: Snapped | null = null;
  let side: Snapped | null = null;
  let toCorner = reach;
  let toSide = reach;
  for (const { box, layer, points } of paths) {
    if (point[0] < box[0] - wide || point[0] > box[2] + wide || point[1] < box[1] - reach || point[1] > box[3] + reach) continue;
    for (let i = 0; i < points.length; i += 1) {
      const a = points[i] as LonLat;
      const away = Math.hypot((a[0] - point[0]) * squeeze, a[1] - point[1]);
      if (away < toCorner) {
        toCorner = away;
        corner = { at: a, kind: "corner", layer };
      }
      const b = points[i + 1];
      if (!b || corner) continue;
      const at = foot(point, a, b, squeeze);
      const off = Math.hypot((at[0] - point[0]) * squeeze, at[1] - point[1]);
      if (off < toSide) {
        toSide = off;
        side = { at, kind: "side", layer };
      }
    }
  }
  return corner ?? side;
}

/** The point of a side that is nearest to a point. */
export function foot(point: LonLat, a: LonLat, b: LonLat, squeeze: number): LonLat {
  const [dx, dy] = [(b[0] - a[0]) * squeeze, b[1] - a[1]];
  const whole = dx * dx + dy * dy;
  if (whole === 0) return a;
  const along = (((point[0] - a[0]) * squeeze * dx + (point[1] - a[1]) * dy) / whole);
  const t = Math.min(1, Math.max(0, along));
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
}
