/** The map's view in the address: `#map=12.5/10.4512/105.6331&layers=bridges,roads`. */

export interface View {
  zoom: number;
  lat: number;
  lon: number;
  layers: string[] | null;
  /** As `parsePictures` reads them; null: those of the configuration. */
  pictures?: string | null;
}

export function parseView(hash: string): View | null {
  const found = new URLSearchParams(hash.replace(/^#/, ""));
  const parts = (found.get("map") ?? "").split("/").map(Number);
  const [zoom, lat, lon] = parts;
  if (parts.length !== 3 || zoom === undefined || lat === undefined || lon === undefined) return null;
  const wrong = parts.some((n) => !Number.isFinite(n)) || Math.abs(lat) > 85 || Math.abs(lon) > 180;
  if (wrong || zoom < 0 || zoom > 24) return null;
  const layers = found.get("layers");
  return { zoom, lat, lon, layers: layers === null ? null : layers.split(",").filter(Boolean), pictures: found.get("pictures") };
}

export function formatView(view: View): string {
  // One pixel at zoom z is about 156 km / 2^z: more digits than that say nothing.
  const digits = Math.max(2, Math.ceil((view.zoom * Math.LN2) / Math.LN10) + 2);
  const place = `${view.zoom.toFixed(2).replace(/\.?0+$/, "")}/${view.lat.toFixed(digits)}/${view.lon.toFixed(digits)}`;
  return `#map=${place}${view.layers ? `&layers=${view.layers.join(",")}` : ""}${view.pictures ? `&pictures=${view.pictures}` : ""}`;
}
