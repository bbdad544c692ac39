/** How a shape looks while it is drawn. */
import type { LayerSpecification } from "maplibre-gl";

/** The shape with its handles; what was found wrong; what a corner is being put on. */
export const EDIT_SOURCES = ["sen-edit-faults", "sen-edit", "sen-edit-snap"] as const;

const is = (role: string): ["==", ["get", string], string] => ["==", ["get", "role"], role];

export function editLayers(mark: string, ground: string): LayerSpecification[] {
  const round = { "line-cap": "round", "line-join": "round" } as const;
  return [
    { id: "sen-edit-faults:fill", type: "fill", source: "sen-edit-faults", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#c81e1e", "fill-opacity": 0.45 } },
    { id: "sen-edit-faults:line", type: "line", source: "sen-edit-faults", layout: round, paint: { "line-color": "#c81e1e", "line-width": 3 } },
    { id: "sen-edit-faults:point", type: "circle", source: "sen-edit-faults", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 11, "circle-color": "#c81e1e", "circle-opacity": 0.25, "circle-stroke-color": "#c81e1e", "circle-stroke-width": 2 } },
    { id: "sen-edit:fill", type: "fill", source: "sen-edit", filter: is("fill"), paint: { "fill-color": mark, "fill-opacity": 0.16 } },
    { id: "sen-edit:casing", type: "line", source: "sen-edit", filter: is("line"), layout: round, paint: { "line-color": ground, "line-width": 6 } },
    { id: "sen-edit:line", type: "line", source: "sen-edit", filter: is("line"), layout: round, paint: { "line-color": mark, "line-width": 3 } },
    { id: "sen-edit:rubber", type: "line", source: "sen-edit", filter: is("rubber"), layout: round, paint: { "line-color": mark, "line-width": 2, "line-dasharray": [1, 2] } },
    { id: "sen-edit:middle", type: "circle", source: "sen-edit", filter: is("middle"), paint: { "circle-radius": 3.5, "circle-color": mark, "circle-opacity": 0.75, "circle-stroke-color": ground, "circle-stroke-width": 1.5 } },
    { id: "sen-edit:corner", type: "circle", source: "sen-edit", filter: is("corner"), paint: { "circle-radius": 5.5, "circle-color": ground, "circle-stroke-color": mark, "circle-stroke-width": 2.5 } },
    { id: "sen-edit:chosen", type: "circle", source: "sen-edit", filter: is("chosen"), paint: { "circle-radius": 8, "circle-color": mark, "circle-stroke-color": ground, "circle-stroke-width": 3 } },
    { id: "sen-edit-snap:ring", type: "circle", source: "sen-edit-snap", paint: { "circle-radius": 9, "circle-color": "#0e9f6e", "circle-opacity": 0.25, "circle-stroke-color": "#0e9f6e", "circle-stroke-width": 2 } },
  ];
}
