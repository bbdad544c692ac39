/** The arithmetic of small charts: ticks, scales, table → series. No DOM. */

export interface Series {
  title: string;
  values: (number | null)[];
}

export interface ChartData {
  labels: string[];
  series: Series[];
}

/** Round steps (1, 2, 5 × 10ⁿ) that cover [low, high] with about `count` gaps. */
export function ticks(low: number, high: number, count = 4): number[] {
  const extent = high - low || Math.abs(high) || 1;
  const rough = extent / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].find((one) => one * power >= rough) ?? 10;
  const step = unit * power;
  const from = Math.floor(low / step);
  const to = Math.ceil(high / step);
  const found: number[] = [];
  for (let i = from; i <= to; i += 1) found.push(Number((i * step).toPrecision(12)));
  return found.length > 1 ? found : [found[0] ?? 0, (found[0] ?? 0) + step];
}

/** Reads "1.480", "1480", "1 480,5" or "−3,2" as numbers; anything else is a gap. */
export function parseNumber(text: string): number | null {
  let plain = text.replace(/[\s\u00a0\u202f]/g, "").replace("−", "-");
  if (plain.includes(",")) plain = plain.replace(/\./g, "").replace(",", ".");
  else if (/^-?\d{1,3}(\.\d{3})+$/.test(plain)) plain = plain.replace(/\./g, "");
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return null;
  return Number(plain);
}

/** A number as programs write it: the dot is always the decimal one. */
export function plainNumber(text: string): number | null {
  const found = text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(found) ? found : null;
}

/** Places for `count` values on a width: points (lines) or middles of bands (bars). */
export function positions(count: number, from: number, to: number, bands: boolean): number[] {
  if (bands) {
    const band = (to - from) / Math.max(count, 1);
    return Array.from({ length: count }, (_, i) => from + band * (i + 0.5));
  }
  const step = count > 1 ? (to - from) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => from + step * i);
}

/** How many labels to skip so that they do not touch. */
export function every(count: number, width: number, labelWidth: number): number {
  return Math.max(1, Math.ceil((count * labelWidth) / Math.max(width, 1)));
}

/** Runs of values without a gap, as [index, value]: a gap breaks the line. */
export function runs(values: (number | null)[]): [number, number][][] {
  const found: [number, number][][] = [];
  let open: [number, number][] | null = null;
  values.forEach((value, i) => {
    if (value === null) open = null;
    else {
      if (!open) {
        open = [];
        found.push(open);
      }
      open.push([i, value]);
    }
  });
  return found;
}
