/** Pictures on the map: rasters of the house and services of others; which are on, how strong, in which order. */
import { h, icon } from "../lib/dom";
import { language } from "../lib/text";
import en from "./pictures.en.json";
import vi from "./pictures.vi.json";
import type { Shown } from "./shown";
import type { MapConfig, PictureConfig } from "./types";

type Key = keyof typeof vi;
const texts: Record<Key, string> = language() === "en" ? en : vi;

export function say(key: Key, values: Record<string, string> = {}): string {
  return texts[key].replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? "");
}

export interface PictureActs {
  change(shown: Shown): void;
  swipe(): void;
}

/** The pictures in the list of layers. */
export class PictureList {
  readonly element = h("fieldset", { class: "map-category map-pictures" });
  #shown: Shown;

  constructor(readonly config: MapConfig, shown: Shown, readonly acts: PictureActs) {
    this.#shown = shown;
    this.element.append(h("legend", {}, say("pictures")));
    for (const picture of [...(config.pictures ?? [])].reverse()) this.element.append(this.#row(picture));
    const swipe = h("button", { class: "btn btn-sm", type: "button", onclick: () => acts.swipe() }, icon("columns-2"), say("swipe"));
    this.element.append(swipe);
  }

  #set(shown: Map<string, number>): void {
    this.#shown = shown;
    this.acts.change(shown);
  }

  #row(picture: PictureConfig): HTMLElement {
    const name = { name: picture.title };
    const box = h("input", { type: "checkbox", checked: this.#shown.has(picture.id) });
    const strength = h("input", {
      type: "range", min: 0, max: 1, step: 0.05, class: "map-strength",
      value: this.#shown.get(picture.id) ?? picture.opacity ?? 1, "aria-label": say("opacity", name),
    });
    const raise = h("button", { class: "btn btn-quiet btn-icon btn-sm", type: "button", title: say("raise", name), "aria-label": say("raise", name) }, icon("chevrons-up"));
    const tools = h("div", { class: "map-picture-tools", hidden: !this.#shown.has(picture.id) }, strength, raise);
    box.addEventListener("change", () => {
      const shown = new Map(this.#shown);
      if (box.checked) shown.set(picture.id, Number(strength.value));
      else shown.delete(picture.id);
      tools.hidden = !box.checked;
      this.#set(shown);
    });
    strength.addEventListener("input", () => {
      if (this.#shown.has(picture.id)) this.#set(new Map(this.#shown).set(picture.id, Number(strength.value)));
    });
    raise.addEventListener("click", () => {
      const shown = new Map(this.#shown);
      shown.delete(picture.id);
      this.#set(shown.set(picture.id, Number(strength.value)));
    });
    const date = picture.date ? h("small", {}, picture.date.split("-").reverse().join("/")) : null;
    const row = h("div", { class: "map-layer map-picture" }, h("label", { class: "check" }, box, h("span", {}, picture.title), date), tools);
    if (picture.remark) row.append(h("p", { class: "map-remark" }, icon("triangle-alert"), picture.remark));
    if (picture.legend_url) tools.append(h("img", { class: "map-service-legend", src: picture.legend_url, alt: "", loading: "lazy" }));
    return row;
  }
}

/** What the services that are on say of a place; null when none can be asked. */
export async function askServices(
  config: MapConfig,
  shown: Shown,
  place: { lng: number; lat: number },
  zoom: number,
): Promise<Node[] | null> {
  const asked = (config.pictures ?? []).filter((one) => shown.has(one.id) && one.info_url);
  if (asked.length === 0) return null;
  const answers = await Promise.all(
    asked.map(async (picture) => {
      const url = `${picture.info_url}?lon=${place.lng.toFixed(7)}&lat=${place.lat.toFixed(7)}&z=${zoom.toFixed(1)}`;
      try {
        const response = await fetch(url, { headers: { Accept: "text/html" } });
        if (!response.ok) throw new Error(String(response.status));
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        return [...page.body.childNodes].map((node) => document.adoptNode(node));
      } catch {
        return [h("p", {}, `${picture.title}: ${say("infoFailed")}`)];
      }
    }),
  );
  return answers.flat();
}
