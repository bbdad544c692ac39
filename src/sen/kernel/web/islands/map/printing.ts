/** From what the map shows to the page that prints it. */
import { type Shown, formatPictures } from "./shown";
import type { MapConfig } from "./types";

const SCALES = [500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000];
/** Metres of a pixel at zoom 0 at the equator, and a pixel of the standards. */
const ZOOM_0_M = 78_271.517;
const PIXEL_M = 0.00028;

/** The usual scale nearest to what the screen shows. */
export function nearestScale(zoom: number, lat: number): number {
  const shown = (ZOOM_0_M * Math.cos((lat * Math.PI) / 180)) / 2 ** zoom / PIXEL_M;
  return SCALES.reduce((best, one) => (Math.abs(Math.log(one / shown)) < Math.abs(Math.log(best / shown)) ? one : best));
}

export interface Printed {
  lng: number;
  lat: number;
  zoom: number;
  layers: string[];
  pictures: Shown;
  filter: string;
}

export function printUrl(base: string, config: MapConfig, view: Printed): string {
  const query = new URLSearchParams(view.filter);
  query.set("tam", `${view.lng.toFixed(6)},${view.lat.toFixed(6)}`);
  query.set("tyle", String(nearestScale(view.zoom, view.lat)));
  query.set("lop", view.layers.join(","));
  if (view.pictures.size > 0) query.set("anh", formatPictures(view.pictures, config.pictures ?? []).replace(/:[\d.]+/g, ""));
  return `${base}?${query}`;
}
