/** From a chart, a view and the colours of the page to an option of ECharts. No DOM. */
import { type ChartBand, type ChartSeries, type TimeChart, type View, ZONE, decimalsFor, tickText, unitsOf } from "./data";

export interface Look {
  ink: string;
  quiet: string;
  line: string;
  surface: string;
  series: string[];
  tones: Record<string, string>;
  font: string;
  /** Size of letters in pixels. */
  size: number;
}

export type Option = Record<string, unknown>;
type Number = (value: number, digits: number) => string;
type Point = [number, number | null];

const OPEN = 1e12;

function points(at: readonly number[], values: readonly (number | null)[]): Point[] {
  return at.map((ms, i) => [ms + ZONE, values[i] ?? null]);
}

function extentOf(all: readonly ChartSeries[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const one of all) {
    for (const values of [one.value, one.low, one.high]) {
      for (const value of values) {
        if (value === null) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  return [low, high];
}

function bandArea(bands: readonly ChartBand[], look: Look): object {
  return {
    silent: true,
    data: bands.map((band) => {
      const color = look.tones[band.tone] ?? look.quiet;
      return [
        {
          name: band.label,
          yAxis: band.low ?? -OPEN,
          itemStyle: { color, opacity: 0.1 },
          label: { show: true, position: "insideTopLeft", color, fontSize: look.size, fontFamily: look.font },
        },
        { yAxis: band.high ?? OPEN },
      ];
    }),
  };
}

function bandLines(bands: readonly ChartBand[], look: Look): object[] {
  return bands.flatMap((band) =>
    [band.low, band.high]
      .filter((edge): edge is number => edge !== null)
      .map((yAxis) => ({
        yAxis,
        label: { show: false },
        lineStyle: { color: look.tones[band.tone] ?? look.quiet, type: "dashed", width: 1 },
      })),
  );
}

function markLines(chart: TimeChart, look: Look): object[] {
  return chart.marks.map((mark, i) => ({
    xAxis: mark.at + ZONE,
    label: {
      formatter: String(i + 1),
      color: look.surface,
      backgroundColor: look.tones[mark.tone] ?? look.ink,
      padding: [2, 5],
      borderRadius: 8,
      fontSize: look.size - 1,
    },
    lineStyle: { color: look.tones[mark.tone] ?? look.ink, type: "solid", width: 1 },
  }));
}

/** One line with its envelope; bands and marks lie on the first line that they belong to. */
function lines(chart: TimeChart, one: ChartSeries, place: number, axis: number, look: Look): object[] {
  const color = look.series[place % look.series.length] ?? look.ink;
  const own = chart.bands.filter((band) => (band.series ? band.series === one.id : place === 0));
  const common = { type: "line", yAxisIndex: axis, symbol: "none", silent: true, animation: false };
  const made: object[] = [
    {
      ...common,
      id: one.id,
      name: one.title,
      data: points(one.at, one.value),
      step: one.stepped && chart.step === "raw" ? "end" : false,
      connectNulls: false,
      // A point alone between two gaps would be invisible.
      showSymbol: one.at.length < 60,
      symbol: "circle",
      symbolSize: 4,
      lineStyle: { color, width: 1.75, type: place > 4 ? "dashed" : "solid" },
      itemStyle: { color },
      z: 3,
      markArea: bandArea(own, look),
      markLine: {
        silent: true,
        symbol: "none",
        animation: false,
        data: [...bandLines(own, look), ...(place === 0 ? markLines(chart, look) : [])],
      },
    },
  ];
  if (one.low.length && one.high.length) {
    const spread = one.high.map((high, i) => {
      const low = one.low[i];
      return high === null || low === null || low === undefined ? null : high - low;
    });
    const stack = { stack: `envelope-${one.id}`, stackStrategy: "all", lineStyle: { opacity: 0 }, z: 1 };
    made.push(
      { ...common, ...stack, id: `${one.id}-low`, data: points(one.at, one.low) },
      { ...common, ...stack, id: `${one.id}-high`, data: points(one.at, spread), areaStyle: { color, opacity: 0.18 } },
    );
  }
  return made;
}

export function buildOption(chart: TimeChart, view: View, look: Look, number: Number, reach: View): Option {
  const units = unitsOf(chart.series);
  const span = view.to - view.from;
  const label = { color: look.quiet, fontSize: look.size, fontFamily: look.font };
  return {
    animation: false,
    useUTC: true,
    backgroundColor: "transparent",
    textStyle: { fontFamily: look.font },
    grid: { left: 8, right: units.length > 1 ? 8 : 14, top: 30, bottom: 44, containLabel: true },
    xAxis: {
      type: "time",
      min: reach.from + ZONE,
      max: reach.to + ZONE,
      axisLine: { lineStyle: { color: look.line } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { ...label, hideOverlap: true, formatter: (ms: number) => tickText(ms, span) },
    },
    yAxis: units.map((unit, place) => {
      const [low, high] = extentOf(chart.series.filter((one) => one.unit === unit));
      const digits = decimalsFor((high - low) / 4);
      return {
        type: "value",
        name: unit,
        nameTextStyle: { ...label, align: place === 0 ? "left" : "right" },
        position: place === 0 ? "left" : "right",
        offset: place > 1 ? (place - 1) * 48 : 0,
        scale: true,
        minInterval: chart.series.every((one) => one.value.every((v) => v === null || Number.isInteger(v))) ? 1 : 0,
        axisLabel: { ...label, formatter: (value: number) => number(value, digits) },
        splitLine: { show: place === 0, lineStyle: { color: look.line } },
      };
    }),
    dataZoom: [
      {
        type: "inside",
        filterMode: "none",
        startValue: view.from + ZONE,
        endValue: view.to + ZONE,
        zoomOnMouseWheel: "ctrl",
        moveOnMouseWheel: false,
        minValueSpan: 10_000,
      },
      {
        type: "slider",
        filterMode: "none",
        startValue: view.from + ZONE,
        endValue: view.to + ZONE,
        height: 18,
        bottom: 6,
        showDataShadow: false,
        showDetail: false,
        borderColor: look.line,
        fillerColor: `${look.series[0] ?? "#17746e"}33`,
        handleStyle: { color: look.surface, borderColor: look.quiet },
        moveHandleSize: 0,
        brushSelect: false,
        minValueSpan: 10_000,
      },
    ],
    series: chart.series.flatMap((one, place) => lines(chart, one, place, units.indexOf(one.unit), look)),
  };
}
