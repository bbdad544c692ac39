/** Which pictures are shown, as text of an address and as parts of the style. No DOM. */
import type { LayerSpecification, SourceSpecification } from "maplibre-gl";
import type { MapConfig, PictureConfig } from "./types";

/** Opacity by id, in the order of drawing: the last lies on top. */
export type Shown = ReadonlyMap<string, number>;

/** `raster-1:0.7,overlay-2` of an address or an attribute; what the map does not know is left out. */
export function parsePictures(text: string | null, known: readonly PictureConfig[]): Shown {
  const shown = new Map<string, number>();
  for (const part of (text ?? "").split(",").filter(Boolean)) {
    const [id = "", strength] = part.split(":");
    const picture = known.find((one) => one.id === id);
    const opacity = strength === undefined ? (picture?.opacity ?? 1) : Number(strength);
    if (picture && opacity >= 0 && opacity <= 1) shown.set(id, opacity);
  }
  return shown;
}

export function formatPictures(shown: Shown, known: readonly PictureConfig[]): string {
  const usual = new Map(known.map((one) => [one.id, one.opacity ?? 1]));
  return [...shown].map(([id, opacity]) => (usual.get(id) === opacity ? id : `${id}:${opacity}`)).join(",");
}

export function usualPictures(known: readonly PictureConfig[]): Shown {
  return new Map(known.filter((one) => one.visible).map((one) => [one.id, one.opacity ?? 1]));
}

export const pictureSource = (id: string): string => `picture-${id}`;

/** Sources and layers of the pictures that are on. */
export function pictureStyle(
  config: MapConfig,
  shown: Shown,
  origin: string,
): { sources: Record<string, SourceSpecification>; layers: LayerSpecification[] } {
  const sources: Record<string, SourceSpecification> = {};
  const layers: LayerSpecification[] = [];
  for (const [id, opacity] of shown) {
    const picture = config.pictures?.find((one) => one.id === id);
    if (!picture) continue;
    sources[pictureSource(id)] = {
      type: "raster",
      tiles: [picture.tiles.startsWith("/") ? origin + picture.tiles : picture.tiles],
      tileSize: picture.tile_size,
      minzoom: picture.minzoom,
      maxzoom: picture.maxzoom,
      ...(picture.bounds ? { bounds: picture.bounds } : {}),
    };
    layers.push({
      id: pictureSource(id), type: "raster", source: pictureSource(id),
      paint: { "raster-opacity": opacity, "raster-fade-duration": 0 },
    });
  }
  return { sources, layers };
}
