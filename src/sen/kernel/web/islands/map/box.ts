/** Parts of the map's own interface: buttons and the layer list. */
import { h, icon } from "../lib/dom";
import { t } from "../lib/messages";
import { isGround } from "./style";
import type { LayerConfig, MapConfig } from "./types";

export function mapButton(name: SVGElement, label: string, act: () => void): HTMLButtonElement {
  return h(
    "button",
    { class: "map-button", type: "button", title: label, "aria-label": label, onclick: act },
    name,
  );
}

/** A sample of how a layer is drawn, in the shape of its geometry. */
export function sample(kind: LayerConfig["kind"], color: string): HTMLElement {
  const box = h("span", { class: `map-sample map-sample-${kind}`, "aria-hidden": "true" });
  box.style.setProperty("--sample", color);
  return box;
}

export interface LayerList {
  element: HTMLElement;
  /** Greys the layers that the current zoom does not show. */
  setZoom(zoom: number): void;
}

/** The list of layers by category, with their legends. */
export function layerList(
  config: MapConfig,
  visible: ReadonlySet<string>,
  toggle: (id: string, on: boolean) => void,
): LayerList {
  const rows: { layer: LayerConfig; row: HTMLElement }[] = [];
  const element = h("div", { class: "map-layers" });
  for (const category of config.categories) {
    const layers = config.layers.filter((one) => one.category === category.id && !isGround(one));
    if (layers.length === 0) continue;
    const group = h("fieldset", { class: "map-category" }, h("legend", {}, category.title));
    for (const layer of layers) {
      const row = layerRow(layer, visible.has(layer.id), toggle);
      rows.push({ layer, row });
      group.append(row);
    }
    element.append(group);
  }
  if (config.notices?.length) {
    const notes = h("div", { class: "map-notes" }, h("b", {}, t("mapNotice")));
    for (const notice of config.notices) notes.append(h("p", {}, notice));
    element.append(notes);
  }
  return {
    element,
    setZoom(zoom) {
      for (const { layer, row } of rows) {
        const far = zoom < layer.minzoom;
        row.classList.toggle("is-far", far);
        row.title = far ? t("zoomForLayer") : "";
      }
    },
  };
}

function layerRow(
  layer: LayerConfig,
  on: boolean,
  toggle: (id: string, on: boolean) => void,
): HTMLElement {
  const box = h("input", { type: "checkbox", checked: on });
  box.addEventListener("change", () => toggle(layer.id, box.checked));
  const entries = layer.legend ?? [];
  const single = entries.length < 2 ? sample(layer.kind, entries[0]?.color ?? layer.style.color) : null;
  const row = h(
    "div",
    { class: "map-layer" },
    h("label", { class: "check" }, box, single, h("span", {}, layer.title)),
  );
  if (entries.length > 1) {
    const list = h("ul", { class: "map-legend" });
    for (const { label, color } of entries) {
      list.append(h("li", {}, sample(layer.kind, color), label));
    }
    row.append(list);
  }
  return row;
}

/** A panel over the map with a heading and a close button; a sheet on a phone. */
export function sheet(klass: string, close: () => void): {
  element: HTMLElement;
  show(title: string, ...content: Node[]): void;
  hide(): void;
} {
  const heading = h("h2", { class: "map-sheet-title", tabindex: "-1" });
  const body = h("div", { class: "map-sheet-body" });
  const button = h(
    "button",
    { class: "btn btn-quiet btn-icon btn-sm", type: "button", "aria-label": t("close"), onclick: close },
    icon("x"),
  );
  const element = h(
    "section",
    { class: `map-sheet ${klass}`, hidden: true },
    h("header", { class: "map-sheet-head" }, heading, button),
    body,
  );
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  return {
    element,
    show(title, ...content) {
      heading.textContent = title;
      element.setAttribute("aria-label", title);
      body.replaceChildren(...content);
      element.hidden = false;
    },
    hide() {
      element.hidden = true;
    },
  };
}
