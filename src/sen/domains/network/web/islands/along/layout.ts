/** The arithmetic of diagrams along a road: views, ticks, rows, places on the map. No DOM. */
import type { Along, Mark, Track, View } from "./types.ts";

/** Nobody looks closer than this. */
export const LEAST_VIEW_M = 50;

/** 12500 → "Km12+500"; before Km0 the metres are counted backwards: "Km0-050". */
export function chainage(metres: number): string {
  const whole = Math.round(metres);
  if (whole < 0) return `Km0-${String(-whole).padStart(3, "0")}`;
  return `Km${Math.floor(whole / 1000)}+${String(whole % 1000).padStart(3, "0")}`;
}

/** Keeps a view inside the road and not too close. */
export function clamp(view: View, start: number, end: number): View {
  const length = Math.min(Math.max(view.to - view.from, Math.min(LEAST_VIEW_M, end - start)), end - start);
  const from = Math.min(Math.max(view.from, start), end - length);
  return { from, to: from + length };
}

/** Zooms about a place that stays where it is; a factor below 1 comes nearer. */
export function zoom(view: View, about: number, factor: number, start: number, end: number): View {
  const from = about - (about - view.from) * factor;
  const to = about + (view.to - about) * factor;
  if (to - from < LEAST_VIEW_M && factor < 1) {
    const part = (about - view.from) / (view.to - view.from);
    return clamp({ from: about - LEAST_VIEW_M * part, to: about + LEAST_VIEW_M * (1 - part) }, start, end);
  }
  return clamp({ from, to }, start, end);
}

export function pan(view: View, metres: number, start: number, end: number): View {
  return clamp({ from: view.from + metres, to: view.to + metres }, start, end);
}

/** Round steps of a ruler so that its labels stand at least `apart` pixels from each other. */
export function rulerStep(view: View, width: number, apart: number): number {
  const least = ((view.to - view.from) * apart) / Math.max(width, 1);
  return [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000].find((step) => step >= least) ?? 100_000;
}

/** Multiples of the step inside the view. */
export function rulerTicks(view: View, step: number): number[] {
  const found: number[] = [];
  for (let i = Math.ceil(view.from / step); i * step <= view.to; i += 1) found.push(i * step);
  return found;
}

export function inView(mark: Mark, view: View): boolean {
  return mark.b >= view.from && mark.a <= view.to;
}

/**
 * Rows for things whose labels would otherwise lie on each other: the first row that is free there.
 * `spans` are pixels from–to in the order of their starts; -1 means that no row is left.
 */
export function pack(spans: readonly (readonly [number, number])[], rows: number): number[] {
  const reached = new Array<number>(rows).fill(-Infinity);
  return spans.map(([from, to]) => {
    const row = reached.findIndex((end) => end <= from);
    if (row >= 0) reached[row] = to;
    return row;
  });
}

/** The extent of the numbers of a track, from zero unless all lie far above it. */
export function extent(track: Track): [number, number] {
  const numbers = track.marks.flatMap((mark) => (mark.n === undefined ? [] : [mark.n]));
  if (numbers.length === 0) return [0, 1];
  const high = Math.max(...numbers);
  const low = Math.min(...numbers);
  const from = low > 0 && low > high * 0.8 ? low - (high - low || high * 0.1) : Math.min(0, low);
  return [from, high > from ? high : from + 1];
}

/** What holds at a place, in the order of the tracks: title and words. */
export function holdsAt(tracks: readonly Track[], m: number, reach: number): [string, string][] {
  return tracks.flatMap((track) => {
    const found = track.marks.filter((mark) =>
      mark.a === mark.b ? Math.abs(mark.a - m) <= reach : mark.a <= m && m < mark.b,
    );
    const words = [...new Set(found.map((mark) => said(mark)))];
    return words.length > 0 ? [[track.title, words.slice(0, 3).join("; ")] as [string, string]] : [];
  });
}

/** One thing in words. */
export function said(mark: Mark): string {
  return [...new Set([mark.label, mark.text, mark.symbol].filter(Boolean))].join(", ");
}

/** The thing after (or before) a place among those that can be chosen. */
export function nextMark(tracks: readonly Track[], current: Mark | null, forward: boolean): Mark | null {
  const all = tracks.flatMap((track) => track.marks.map((mark) => ({ mark, at: (mark.a + mark.b) / 2 })));
  all.sort((one, other) => one.at - other.at);
  const index = current ? all.findIndex(({ mark }) => mark === current) : forward ? -1 : all.length;
  return all[forward ? index + 1 : index - 1]?.mark ?? current;
}

/** The place of a label on the map. */
export function placeOf(line: Along["line"], m: number): [number, number] | null {
  const first = line[0];
  const last = line.at(-1);
  if (!first || !last) return null;
  if (m <= first[2]) return [first[0], first[1]];
  for (let i = 1; i < line.length; i += 1) {
    const a = line[i - 1] as [number, number, number];
    const b = line[i] as [number, number, number];
    if (m > b[2]) continue;
    const part = b[2] === a[2] ? 0 : (m - a[2]) / (b[2] - a[2]);
    return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part];
  }
  return [last[0], last[1]];
}

/** The label nearest to a place on the map, and how far it is in metres. */
export function labelNear(line: Along["line"], lon: number, lat: number): { m: number; away: number } | null {
  const east = 111_320 * Math.cos((lat * Math.PI) / 180);
  const north = 110_574;
  let best: { m: number; away: number } | null = null;
  for (let i = 1; i < line.length; i += 1) {
    const a = line[i - 1] as [number, number, number];
    const b = line[i] as [number, number, number];
    const [ax, ay] = [(a[0] - lon) * east, (a[1] - lat) * north];
    const [dx, dy] = [(b[0] - a[0]) * east, (b[1] - a[1]) * north];
    const square = dx * dx + dy * dy;
    const part = square === 0 ? 0 : Math.min(Math.max(-(ax * dx + ay * dy) / square, 0), 1);
    const away = Math.hypot(ax + dx * part, ay + dy * part);
    if (!best || away < best.away) best = { m: a[2] + (b[2] - a[2]) * part, away };
  }
  return best;
}
