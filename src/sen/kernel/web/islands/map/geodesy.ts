/**
 * Lengths and areas on the WGS 84 ellipsoid, for distances within a province.
 *
 * Each step is measured with the two radii of curvature at its middle latitude: against the
 * geodesic the error stays below 1 in 100,000 up to 50 km at Vietnam's latitudes.
 */

export type LonLat = readonly [number, number];

const A = 6_378_137;
const E2 = 0.006_694_379_990_14;
const RAD = Math.PI / 180;

/** Metres per radian north and east at a latitude. */
function radii(latitude: number): [number, number] {
  const s = Math.sin(latitude * RAD);
  const w = 1 - E2 * s * s;
  return [(A * (1 - E2)) / (w * Math.sqrt(w)), (A / Math.sqrt(w)) * Math.cos(latitude * RAD)];
}

export function distance(a: LonLat, b: LonLat): number {
  const [north, east] = radii((a[1] + b[1]) / 2);
  return Math.hypot((b[0] - a[0]) * RAD * east, (b[1] - a[1]) * RAD * north);
}

export function lineLength(points: readonly LonLat[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i += 1) {
    sum += distance(points[i - 1] as LonLat, points[i] as LonLat);
  }
  return sum;
}

/** Area of a simple ring (closed or not), in m². */
export function ringArea(points: readonly LonLat[]): number {
  if (points.length < 3) return 0;
  const middle = points.reduce((sum, p) => sum + p[1], 0) / points.length;
  const [north, east] = radii(middle);
  const [x0, y0] = points[0] as LonLat;
  const flat = points.map(([x, y]) => [(x - x0) * RAD * east, (y - y0) * RAD * north] as const);
  let twice = 0;
  for (let i = 0; i < flat.length; i += 1) {
    const [x1, y1] = flat[i] as readonly [number, number];
    const [x2, y2] = flat[(i + 1) % flat.length] as readonly [number, number];
    twice += x1 * y2 - x2 * y1;
  }
  return Math.abs(twice) / 2;
}
