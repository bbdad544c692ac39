/** Places as features of the map's own overlays. */
import type { Place } from "./types";

export function feature(geometry: GeoJSON.Geometry, label = ""): GeoJSON.Feature {
  return { type: "Feature", properties: { label }, geometry };
}

export function placeFeatures({ lon, lat, label, geometry }: Place): GeoJSON.Feature[] {
  const point = feature({ type: "Point", coordinates: [lon, lat] }, label);
  return geometry && geometry.type !== "Point" ? [feature(geometry), point] : [point];
}
