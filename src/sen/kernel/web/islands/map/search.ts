/** The map's search box: names, chainage, coordinates. */
import { debounce, getJson, h, icon, RequestError, uniqueId } from "../lib/dom";
import { t } from "../lib/messages";
import { marked } from "../lib/text";
import { isAddress } from "./address";
import type { MapConfig, Place } from "./types";

interface Suggestion {
  title: string;
  subtitle?: string;
  lon?: number;
  lat?: number;
  zoom?: number;
  geometry?: GeoJSON.Geometry;
}

type Answer = Partial<Place> & { items?: Suggestion[] };

function isPlace(answer: { lon?: number | undefined; lat?: number | undefined }): boolean {
  return typeof answer.lon === "number" && typeof answer.lat === "number";
}

export class MapSearch {
  readonly #list = h("ul", { class: "listbox", role: "listbox", id: uniqueId("places"), hidden: true });
  readonly #input = h("input", {
    class: "input",
    type: "search",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "search",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": this.#list.id,
    "aria-label": t("mapSearchLabel"),
    placeholder: t("mapSearch"),
  });
  readonly #note = h("p", { class: "map-search-note", role: "status", hidden: true });
  readonly element = h(
    "form",
    { class: "map-search", role: "search", "aria-label": t("mapSearchLabel") },
    h("span", { class: "search-box" }, icon("search"), this.#input),
    this.#list,
    this.#note,
  );
  #items: Suggestion[] = [];
  #active = -1;
  /** What was asked for with Enter: a late suggestion for it must not take its place. */
  #asked = "";
  #request: AbortController | null = null;
  readonly #later = debounce(160, () => void this.#suggest());

  constructor(
    readonly config: MapConfig,
    readonly go: (place: Place) => void,
  ) {
    this.#list.setAttribute("aria-label", t("found"));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = this.#items[this.#active];
      if (chosen) this.#choose(chosen);
      else void this.#goto(this.#input.value.trim());
    });
    this.#input.addEventListener("input", () => {
      this.#asked = "";
      this.#say("");
      this.#later();
    });
    this.#input.addEventListener("keydown", (event) => this.#onKey(event));
    this.#input.addEventListener("blur", () => this.#close());
  }

  async #ask(url: string, query: string): Promise<Answer> {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    const full = `${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`;
    return getJson<Answer>(full, request.signal);
  }

  async #suggest(): Promise<void> {
    const query = this.#input.value.trim();
    const url = this.config.search_url;
    if (!url || query.length < 2 || query === this.#asked || isAddress(query)) {
      this.#close();
      return;
    }
    try {
      const answer = await this.#ask(url, query);
      this.#items = answer.items ?? (isPlace(answer) ? [{ ...answer, title: answer.label ?? query }] : []);
      this.#open(query);
    } catch {
      this.#close(); // a suggestion that does not come is no mistake; Enter asks again and says so
    }
  }

  async #goto(query: string): Promise<void> {
    if (!query) return;
    this.#asked = query;
    try {
      const answer = await this.#ask(this.config.goto_url ?? this.config.search_url ?? "/map/goto", query);
      const first = answer.items?.[0];
      if (isPlace(answer)) this.#fly(answer, answer.label ?? query);
      else if (first && isPlace(first)) this.#fly(first, first.title);
      else this.#say(t("gotoFailed", { query }));
    } catch (error) {
      if (error instanceof DOMException) return; // a newer question replaced this one
      const words = error instanceof RequestError ? error.message || t("gotoFailed", { query }) : "";
      this.#say(words || t("requestFailed"));
    }
  }

  #fly(place: Partial<Place>, label: string): void {
    this.#close();
    this.#say("");
    this.go({ ...place, lon: place.lon ?? 0, lat: place.lat ?? 0, label });
  }

  #choose(item: Suggestion): void {
    this.#input.value = item.title;
    if (isPlace(item)) this.#fly(item, item.title);
    else void this.#goto(item.title);
  }

  #say(text: string): void {
    this.#note.textContent = text;
    this.#note.hidden = !text;
  }

  #open(query: string): void {
    if (document.activeElement !== this.#input || this.#items.length === 0) {
      this.#close();
      return;
    }
    const rows = this.#items.slice(0, 8).map((item, i) => {
      const title = h("span", { class: "option-title" });
      for (const piece of marked(item.title, query)) {
        title.append(piece.hit ? h("mark", {}, piece.text) : piece.text);
      }
      const row = h(
        "li",
        { class: "option", role: "option", id: `${this.#list.id}-${i}`, "aria-selected": "false" },
        title,
        item.subtitle ? h("span", { class: "option-sub" }, item.subtitle) : null,
      );
      row.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        this.#choose(item);
      });
      return row;
    });
    this.#list.replaceChildren(...rows);
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#select(-1);
  }

  #close(): void {
    this.#list.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#select(-1);
  }

  #select(at: number): void {
    this.#active = at;
    this.#input.removeAttribute("aria-activedescendant");
    for (const [i, row] of [...this.#list.children].entries()) {
      row.setAttribute("aria-selected", String(i === at));
      if (i === at) this.#input.setAttribute("aria-activedescendant", row.id);
    }
  }

  #onKey(event: KeyboardEvent): void {
    const count = this.#list.children.length;
    if (event.key === "Escape") {
      this.#close();
      this.#say("");
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !this.#list.hidden) {
      event.preventDefault();
      this.#select((this.#active + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    }
  }
}
