/**
 * `<sen-chart kind="line|bar" unit="xe/giờ">` around a table: first column labels, one series a
 * further column. The table is the source, the fallback without script, and what screen readers
 * read; the drawing is added above it. With `src` it reads series over time: chart/timeline.ts.
 */
import { h, svg } from "./lib/dom";
import { type ChartData, every, parseNumber, plainNumber, positions, runs, ticks } from "./lib/chart";
import { t } from "./lib/messages";
import { number } from "./lib/text";

const HEIGHT = 220;
const MARGIN = { top: 10, right: 12, bottom: 24, left: 44 };

function read(table: HTMLTableElement): ChartData {
  const titles = [...(table.tHead?.rows[0]?.cells ?? [])].map((c) => c.textContent?.trim() ?? "");
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  const text = (row: HTMLTableRowElement, i: number): string => row.cells[i]?.textContent?.trim() ?? "";
  const valueOf = (row: HTMLTableRowElement, i: number): number | null => {
    const plain = row.cells[i]?.dataset["value"];
    return plain === undefined ? parseNumber(text(row, i)) : plainNumber(plain);
  };
  return {
    labels: rows.map((row) => text(row, 0)),
    series: titles.slice(1).map((title, i) => ({
      title,
      values: rows.map((row) => valueOf(row, i + 1)),
    })),
  };
}

class Chart extends HTMLElement {
  #timeline: { destroy(): void } | null = null;
  #data: ChartData = { labels: [], series: [] };
  #box: HTMLElement | null = null;
  #observer: ResizeObserver | null = null;

  connectedCallback(): void {
    if (this.hasAttribute("src")) {
      void this.#follow();
      return;
    }
    const table = this.querySelector("table");
    if (!table || this.#box) return;
    this.#data = read(table);
    this.#box = h("div", { class: "chart-box", "aria-hidden": "true" });
    const details = h("details", { class: "chart-table" }, h("summary", {}, t("chartTable")));
    const wrap = h("div", { class: "table-wrap" });
    this.prepend(this.#legend(), this.#box);
    this.append(details);
    wrap.append(table);
    details.append(wrap);
    this.#observer = new ResizeObserver(() => this.#draw());
    this.#observer.observe(this);
  }

  disconnectedCallback(): void {
    this.#observer?.disconnect();
    this.#timeline?.destroy();
    this.#timeline = null;
  }

  /** The library of large charts is loaded where one stands. */
  async #follow(): Promise<void> {
    try {
      const { Timeline } = await import("./chart/timeline");
      if (this.isConnected && !this.#timeline) this.#timeline = new Timeline(this);
    } catch (error) {
      console.error(error);
      this.append(h("p", { class: "hint", role: "status" }, t("requestFailed")));
    }
  }

  #legend(): HTMLElement {
    const unit = this.getAttribute("unit");
    const list = h("ul", { class: "chart-legend", "aria-hidden": "true" });
    if (this.#data.series.length > 1) {
      this.#data.series.forEach(({ title }, i) =>
        list.append(h("li", {}, h("span", { class: `swatch series-${(i % 5) + 1}` }), title)),
      );
    }
    if (unit) list.append(h("li", { class: "end" }, unit));
    return list;
  }

  #draw(): void {
    const { labels, series } = this.#data;
    const width = this.clientWidth;
    if (!this.#box || width < 40 || labels.length === 0) return;
    const bars = this.getAttribute("kind") === "bar";
    const all = series.flatMap((one) => one.values.filter((v): v is number => v !== null));
    const steps = ticks(Math.min(0, ...all), Math.max(0, ...all));
    const low = steps[0] ?? 0;
    const high = steps.at(-1) ?? 1;
    const bottom = HEIGHT - MARGIN.bottom;
    const y = (v: number): number => bottom - ((v - low) / (high - low)) * (bottom - MARGIN.top);
    const right = width - MARGIN.right;
    const xs = positions(labels.length, MARGIN.left, right, bars);
    const picture = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${HEIGHT}`, height: HEIGHT });
    for (const step of steps) {
      picture.append(
        svg("line", { class: "chart-grid", x1: MARGIN.left, x2: right, y1: y(step), y2: y(step) }),
        svg("text", { x: MARGIN.left - 8, y: y(step) + 4, "text-anchor": "end" }, number(step, 2)),
      );
    }
    const longest = Math.max(...labels.map((label) => label.length)) * 7 + 10;
    const skip = every(labels.length, right - MARGIN.left, longest);
    labels.forEach((label, i) => {
      if (i % skip) return;
      picture.append(svg("text", { x: xs[i] ?? 0, y: HEIGHT - 6, "text-anchor": "middle" }, label));
    });
    series.forEach(({ values }, s) => {
      const marks = bars ? this.#bars(values, s, xs, y) : this.#lines(values, s, xs, y);
      picture.append(...marks);
    });
    this.#box.replaceChildren(picture);
    this.#hover(picture, xs, bottom);
  }

  #bars(values: (number | null)[], s: number, xs: number[], y: (v: number) => number): SVGElement[] {
    const count = this.#data.series.length;
    const band = (xs[1] ?? (xs[0] ?? 0) * 2 - MARGIN.left) - (xs[0] ?? 0);
    const bar = Math.min(48, (band * 0.66) / count);
    return values.flatMap((value, i) => {
      if (value === null) return [];
      const x = (xs[i] ?? 0) - (bar * count) / 2 + bar * s;
      const top = Math.min(y(value), y(0));
      const height = Math.max(1, Math.abs(y(value) - y(0)));
      const klass = `chart-bar series-${(s % 5) + 1}`;
      return [svg("rect", { class: klass, x: x + 1, y: top, width: Math.max(1, bar - 2), height, rx: 3 })];
    });
  }

  #lines(values: (number | null)[], s: number, xs: number[], y: (v: number) => number): SVGElement[] {
    const klass = `series-${(s % 5) + 1}`;
    return runs(values).flatMap((run) => {
      const points = run.map(([i, value]) => `${(xs[i] ?? 0).toFixed(1)},${y(value).toFixed(1)}`);
      const first = xs[run[0]?.[0] ?? 0] ?? 0;
      const last = xs[run.at(-1)?.[0] ?? 0] ?? 0;
      const area = `${first},${y(0)} ${points.join(" ")} ${last},${y(0)}`;
      return [
        svg("polygon", { class: `chart-area ${klass}`, points: area }),
        svg("polyline", { class: `chart-line ${klass}`, points: points.join(" ") }),
      ];
    });
  }

  #hover(picture: SVGElement, xs: number[], bottom: number): void {
    const guide = svg("line", { class: "chart-guide", y1: MARGIN.top, y2: bottom, visibility: "hidden" });
    const tip = h("div", { class: "chart-tip", hidden: true });
    picture.append(guide);
    this.#box?.append(tip);
    const unit = this.getAttribute("unit") ?? "";
    picture.addEventListener("pointermove", (event) => {
      const x = event.clientX - picture.getBoundingClientRect().left;
      const at = xs.reduce((best, one, i) => (Math.abs(one - x) < Math.abs((xs[best] ?? 0) - x) ? i : best), 0);
      const place = xs[at] ?? 0;
      guide.setAttribute("x1", String(place));
      guide.setAttribute("x2", String(place));
      guide.setAttribute("visibility", "visible");
      const rows = this.#data.series.map(({ title, values }, s) => {
        const value = values[at];
        const shown = value === null || value === undefined ? "–" : `${number(value, 2)} ${unit}`;
        return h("div", {}, h("span", { class: `swatch series-${(s % 5) + 1}` }), `${title}: ${shown}`);
      });
      tip.replaceChildren(h("b", {}, this.#data.labels[at] ?? ""), ...rows);
      tip.hidden = false;
      const left = place + tip.offsetWidth + 24 > this.clientWidth ? place - tip.offsetWidth - 12 : place + 12;
      tip.style.left = `${left}px`;
      tip.style.top = `${picture.getBoundingClientRect().top - this.getBoundingClientRect().top + 12}px`;
    });
    picture.addEventListener("pointerleave", () => {
      tip.hidden = true;
      guide.setAttribute("visibility", "hidden");
    });
  }
}

customElements.define("sen-chart", Chart);
