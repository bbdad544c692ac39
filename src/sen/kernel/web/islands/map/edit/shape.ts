/** Shapes that are being drawn: immutable, so that every earlier one can be gone back to. */
import { type LonLat, distance, lineLength, ringArea } from "../geodesy";

export type Kind = "point" | "line" | "polygon";

/** Parts of paths: a point or a line has one path a part, an area its rings, never closed. */
export interface Shape {
  readonly kind: Kind;
  readonly parts: readonly (readonly (readonly LonLat[])[])[];
}

/** Which corner: the part, the path in it, the place in the path. */
export interface Corner {
  readonly part: number;
  readonly path: number;
  readonly at: number;
}

export const empty = (kind: Kind): Shape => ({ kind, parts: [] });

export const isEmpty = (shape: Shape): boolean => shape.parts.every((part) => part.every((path) => path.length === 0));

/** Corners that a path needs before it means anything. */
export const needed = (kind: Kind): number => ({ point: 1, line: 2, polygon: 3 })[kind];

export const isWhole = (shape: Shape): boolean =>
  shape.parts.length > 0 && shape.parts.every((part) => part.every((path) => path.length >= needed(shape.kind)));

export function pathAt(shape: Shape, part: number, path: number): readonly LonLat[] {
  return shape.parts[part]?.[path] ?? [];
}

export function cornerAt(shape: Shape, corner: Corner): LonLat | null {
  return pathAt(shape, corner.part, corner.path)[corner.at] ?? null;
}

export function corners(shape: Shape): Corner[] {
  return shape.parts.flatMap((part, p) => part.flatMap((path, q) => path.map((_point, at) => ({ part: p, path: q, at }))));
}

/** Replaces one path; an empty one goes, and a part without its first path with it. */
export function withPath(shape: Shape, part: number, path: number, points: readonly LonLat[]): Shape {
  const parts = shape.parts.map((one) => [...one]);
  const paths = parts[part] ?? [];
  paths[path] = points;
  parts[part] = paths;
  const kept = parts.map((one) => ((one[0]?.length ?? 0) === 0 ? [] : one.filter((points) => points.length > 0)));
  return { kind: shape.kind, parts: kept.filter((one) => one.length > 0) };
}

export function moved(shape: Shape, corner: Corner, to: LonLat): Shape {
  const points = [...pathAt(shape, corner.part, corner.path)];
  points[corner.at] = to;
  return withPath(shape, corner.part, corner.path, points);
}

/** Puts a corner before the place `at`. */
export function inserted(shape: Shape, corner: Corner, point: LonLat): Shape {
  const points = [...pathAt(shape, corner.part, corner.path)];
  points.splice(corner.at, 0, point);
  return withPath(shape, corner.part, corner.path, points);
}

/** Takes a corner out; a path with too few corners left goes as a whole. */
export function without(shape: Shape, corner: Corner): Shape {
  const points = pathAt(shape, corner.part, corner.path).filter((_point, at) => at !== corner.at);
  return withPath(shape, corner.part, corner.path, points.length < needed(shape.kind) ? [] : points);
}

/** The middle of every side, with the place where a new corner would stand. */
export function middles(shape: Shape): { corner: Corner; point: LonLat }[] {
  if (shape.kind === "point") return [];
  return shape.parts.flatMap((part, p) =>
    part.flatMap((path, q) => {
      const sides = shape.kind === "polygon" && path.length > 2 ? path.length : path.length - 1;
      return Array.from({ length: Math.max(0, sides) }, (_none, i) => {
        const [a, b] = [path[i] as LonLat, path[(i + 1) % path.length] as LonLat];
        return { corner: { part: p, path: q, at: i + 1 }, point: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] as LonLat };
      });
    }),
  );
}

export interface Figures {
  length: number;
  area: number;
}

/** Length or perimeter in m, area in m² (holes taken off). */
export function figures(shape: Shape): Figures {
  let length = 0;
  let area = 0;
  for (const part of shape.parts) {
    part.forEach((path, ring) => {
      const first = path[0];
      const closed = shape.kind === "polygon" && first && path.length > 2 ? [...path, first] : path;
      length += lineLength(closed);
      if (shape.kind === "polygon") area += (ring === 0 ? 1 : -1) * ringArea(path);
    });
  }
  return { length, area };
}

/** Direction of a step in degrees from north, clockwise. */
export function bearing(from: LonLat, to: LonLat): number {
  const east = distance([from[0], to[1]], to) * Math.sign(to[0] - from[0]);
  const north = distance(from, [from[0], to[1]]) * Math.sign(to[1] - from[1]);
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

/** Where one comes to from a point after so many metres in a direction. */
export function destination(from: LonLat, metres: number, degrees: number): LonLat {
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const oneNorth = distance(from, [from[0], from[1] + 0.01]) / 0.01;
  const lat = from[1] + (metres * cosine) / oneNorth;
  const oneEast = distance([from[0], lat], [from[0] + 0.01, lat]) / 0.01;
  const middle = (distance(from, [from[0] + 0.01, from[1]]) / 0.01 + oneEast) / 2;
  return [from[0] + (metres * sine) / middle, lat];
}

/** The first place at which a path of the shape crosses itself or another of them. */
export function crossing(shape: Shape): LonLat | null {
  if (shape.kind === "point") return null;
  const sides: { a: LonLat; b: LonLat; key: string; i: number; n: number; closed: boolean }[] = [];
  shape.parts.forEach((part, p) =>
    part.forEach((path, q) => {
      const closed = shape.kind === "polygon" && path.length > 2;
      const n = closed ? path.length : path.length - 1;
      for (let i = 0; i < n; i += 1) {
        sides.push({ a: path[i] as LonLat, b: path[(i + 1) % path.length] as LonLat, key: `${p}/${q}`, i, n, closed });
      }
    }),
  );
  for (let i = 0; i < sides.length; i += 1) {
    for (let j = i + 1; j < sides.length; j += 1) {
      const [one, other] = [sides[i], sides[j]];
      if (!one || !other) continue;
      const next = one.key === other.key && (other.i === one.i + 1 || (one.closed && one.i === 0 && other.i === one.n - 1));
      const found = next ? null : meet(one.a, one.b, other.a, other.b);
      if (found) return found;
    }
  }
  return null;
}

function meet(a: LonLat, b: LonLat, c: LonLat, d: LonLat): LonLat | null {
  const [rx, ry, sx, sy] = [b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]];
  const across = rx * sy - ry * sx;
  if (across === 0) return null;
  const t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / across;
  const u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / across;
  return t > 0 && t < 1 && u > 0 && u < 1 ? [a[0] + t * rx, a[1] + t * ry] : null;
}
