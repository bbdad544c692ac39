/** What `<sen-chart src>` reads, and the arithmetic on it. No DOM. */

export type Tone = "ok" | "info" | "warn" | "danger";

export interface ChartSeries {
  id: string;
  title: string;
  unit: string;
  at: number[];
  value: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  live: string;
  stepped: boolean;
}

export interface ChartBand {
  label: string;
  low: number | null;
  high: number | null;
  tone: Tone;
  series: string;
}

export interface ChartMark {
  at: number;
  until: number | null;
  text: string;
  tone: Tone;
  url: string;
}

export interface TimeChart {
  title: string;
  step: "raw" | "minute" | "hour" | "day";
  from: number;
  to: number;
  first: number | null;
  last: number | null;
  topic: string;
  notes: string[];
  series: ChartSeries[];
  bands: ChartBand[];
  marks: ChartMark[];
}

export interface View {
  from: number;
  to: number;
}

const SECOND = 1000;
export const HOUR = 3600 * SECOND;
export const DAY = 24 * HOUR;
/** The province's clock: without summer time, whatever the clock of the screen. */
export const ZONE = 7 * HOUR;
export const SHORTEST = 10 * SECOND;
/** Points kept of a line that grows. */
const MOST = 20_000;

/** Spans that the buttons offer, by name. */
export const SPANS: Record<string, number> = {
  hour: HOUR,
  day: DAY,
  week: 7 * DAY,
  month: 30 * DAY,
  year: 365 * DAY,
};

/** "90d", "6h", "30m" → milliseconds. */
export function spanOf(text: string | null, usual: number): number {
  const found = /^(\d+)([mhd])$/.exec(text ?? "");
  if (!found) return usual;
  return Number(found[1]) * { m: 60 * SECOND, h: HOUR, d: DAY }[found[2] as "m" | "h" | "d"];
}

/** What is loaded for a view: half of it on each side lies ready for moving. */
export function loadedFor(view: View): View {
  const margin = (view.to - view.from) / 2;
  return { from: view.from - margin, to: view.to + margin };
}

const STEPS: readonly [TimeChart["step"], number][] = [
  ["raw", SECOND],
  ["minute", 60 * SECOND],
  ["hour", HOUR],
];

/** The step that the server chooses for a stretch of time, as `charts.Window.step` does. */
export function stepFor(span: number, points: number): TimeChart["step"] {
  return STEPS.find(([, length]) => span <= points * length)?.[0] ?? "day";
}

const rank = (step: TimeChart["step"]): number => ["raw", "minute", "hour", "day"].indexOf(step);

/** Whether a view needs other data than those loaded: it leaves them, or a finer step fits. */
export function needsLoading(chart: TimeChart, view: View, points: number): boolean {
  const from = Math.max(view.from, chart.first ?? -Infinity);
  const to = Math.min(view.to, chart.last ?? Infinity);
  if (from < chart.from - 1 || to > chart.to + 1) return true;
  const wanted = loadedFor(view);
  return rank(stepFor(wanted.to - wanted.from, points)) < rank(chart.step);
}

/** Zoomed about a middle by a factor, not shorter than ten seconds. */
export function zoomed(view: View, factor: number, middle = (view.from + view.to) / 2): View {
  const span = Math.max((view.to - view.from) * factor, SHORTEST);
  const share = (middle - view.from) / (view.to - view.from);
  return { from: middle - span * share, to: middle + span * (1 - share) };
}

export function moved(view: View, share: number): View {
  const by = (view.to - view.from) * share;
  return { from: view.from + by, to: view.to + by };
}

/** Index of the point nearest to a moment that has a value; -1 for none. */
export function nearest(series: ChartSeries, moment: number): number {
  let low = 0;
  let high = series.at.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((series.at[middle] ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  const candidates = [low - 1, low, low + 1].filter((i) => series.value[i] !== null && series.value[i] !== undefined);
  return candidates.reduce(
    (best, i) =>
      best < 0 || Math.abs((series.at[i] ?? 0) - moment) < Math.abs((series.at[best] ?? 0) - moment) ? i : best,
    -1,
  );
}

/** Appends a newer point; an older one, or one of the same moment, changes nothing. */
export function appended(series: ChartSeries, at: number, value: number | null): boolean {
  const last = series.at.at(-1);
  if (last !== undefined && at <= last) return false;
  series.at.push(at);
  series.value.push(value);
  if (series.low.length) {
    series.low.push(value);
    series.high.push(value);
  }
  if (series.at.length > MOST) {
    for (const column of [series.at, series.value, series.low, series.high]) column.splice(0, MOST / 10);
  }
  return true;
}

/** Decimals with which values of this size are told apart. */
export function decimalsFor(extent: number): number {
  if (!(extent > 0)) return 2;
  return Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(extent))));
}

/** Distinct units in the order of the series. */
export function unitsOf(series: readonly ChartSeries[]): string[] {
  return [...new Set(series.map((one) => one.unit))];
}

const two = (n: number): string => String(n).padStart(2, "0");

/** "20/11/2026 14:05:30", only as fine as the step needs. */
export function momentText(ms: number, step: TimeChart["step"] = "minute"): string {
  const date = new Date(ms + ZONE);
  const day = `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}`;
  if (step === "day") return day;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  return `${day} ${time}${step === "raw" ? `:${two(date.getUTCSeconds())}` : ""}`;
}

/** The text of a tick of the axis; `ms` is on the clock of the province already. */
export function tickText(ms: number, span: number): string {
  const date = new Date(ms);
  const dayMonth = `${two(date.getUTCDate())}/${two(date.getUTCMonth() + 1)}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (span > 400 * DAY) return `${two(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}`;
  if (span > 3 * DAY) return dayMonth;
  const midnight = date.getUTCHours() + date.getUTCMinutes() + date.getUTCSeconds() === 0;
  if (midnight) return dayMonth;
  return span > 5 * 60 * SECOND ? time : `${time}:${two(date.getUTCSeconds())}`;
}

/** ISO 8601 with the offset of the province, for addresses. */
export function isoText(ms: number): string {
  return `${new Date(ms + ZONE).toISOString().slice(0, 23)}+07:00`;
}
