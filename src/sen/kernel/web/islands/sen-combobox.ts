/**
 * `<sen-combobox url="…">` around a text input and a hidden input: type-ahead choice of one thing.
 *
 * The server answers `?q=` with `{items: [{value, title, subtitle}]}`. A text that was not chosen
 * from the list never reaches the form: on leaving, the last choice comes back.
 */
import { debounce, getJson, h, uniqueId } from "./lib/dom";
import { t } from "./lib/messages";
import { marked } from "./lib/text";

interface Choice {
  value: string | number;
  title: string;
  subtitle?: string;
}

class Combobox extends HTMLElement {
  #input: HTMLInputElement | null = null;
  #hidden: HTMLInputElement | null = null;
  readonly #list = h("ul", { class: "listbox", role: "listbox", id: uniqueId("listbox"), hidden: true });
  #choices: Choice[] = [];
  #active = -1;
  #chosen = "";
  /** The choice that the arrow keys stand on: a late answer must not move it. */
  #held: Choice["value"] | null = null;
  #request: AbortController | null = null;
  /** False once a choice was made or given up: a late answer must not open the list again. */
  #looking = false;

  readonly #search = debounce(120, () => void this.#ask());

  connectedCallback(): void {
    this.#input = this.querySelector<HTMLInputElement>("input:not([type=hidden])");
    this.#hidden = this.querySelector<HTMLInputElement>("input[type=hidden]");
    const input = this.#input;
    if (!input || !this.#hidden || input.getAttribute("role")) return;
    this.#chosen = input.value;
    const attributes = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.#list.id,
    };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    this.#list.setAttribute("aria-label", input.labels?.[0]?.textContent?.trim() ?? t("found"));
    this.append(this.#list);
    input.addEventListener("input", () => {
      this.#held = null;
      this.#look();
    });
    input.addEventListener("keydown", (event) => this.#onKey(event));
    input.addEventListener("click", () => this.#look());
    input.addEventListener("blur", () => this.#leave());
  }

  #look(): void {
    this.#looking = true;
    this.#search();
  }

  async #ask(): Promise<void> {
    const input = this.#input;
    if (!input || !this.#looking) return;
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    const query = input.value === this.#chosen ? "" : input.value.trim();
    const base = this.getAttribute("url") ?? "";
    const url = `${base}${base.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`;
    try {
      const { items } = await getJson<{ items: Choice[] }>(url, request.signal);
      this.#choices = items;
      this.#open(query, items.length === 0 ? t("nothingFound", { query }) : "");
    } catch {
      if (request.signal.aborted) return;
      this.#choices = [];
      this.#open(query, t("requestFailed"));
    }
  }

  #open(query: string, note: string): void {
    if (!this.#looking || document.activeElement !== this.#input) return;
    const rows = this.#choices.map((choice, i) => {
      const title = h("span", { class: "option-title" });
      for (const piece of marked(choice.title, query)) {
        title.append(piece.hit ? h("mark", {}, piece.text) : piece.text);
      }
      const row = h(
        "li",
        { class: "option", role: "option", id: `${this.#list.id}-${i}`, "aria-selected": "false" },
        title,
        choice.subtitle ? h("span", { class: "option-sub" }, choice.subtitle) : null,
      );
      // pointerdown, because blur would close the list before a click
      row.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        this.#choose(choice);
      });
      return row;
    });
    if (note) rows.push(h("li", { class: "option-note", role: "option", "aria-disabled": "true" }, note));
    this.#list.replaceChildren(...rows);
    this.#list.hidden = false;
    this.#input?.setAttribute("aria-expanded", "true");
    const held = this.#choices.findIndex((choice) => choice.value === this.#held);
    this.#select(held >= 0 ? held : query && this.#choices.length > 0 ? 0 : -1);
  }

  #close(): void {
    this.#looking = false;
    this.#list.hidden = true;
    this.#input?.setAttribute("aria-expanded", "false");
    this.#input?.removeAttribute("aria-activedescendant");
  }

  #select(at: number): void {
    this.#active = at;
    for (const [i, row] of [...this.#list.children].entries()) {
      row.setAttribute("aria-selected", String(i === at));
      if (i === at) {
        this.#input?.setAttribute("aria-activedescendant", row.id);
        row.scrollIntoView({ block: "nearest" });
      }
    }
  }

  #choose(choice: Choice | null): void {
    if (!this.#input || !this.#hidden) return;
    this.#chosen = choice?.title ?? "";
    this.#held = null;
    this.#input.value = this.#chosen;
    this.#hidden.value = String(choice?.value ?? "");
    this.#hidden.dispatchEvent(new Event("change", { bubbles: true }));
    this.#close();
  }

  #leave(): void {
    if (!this.#input) return;
    if (this.#input.value.trim() === "") {
      if (this.#chosen) this.#choose(null);
    } else this.#input.value = this.#chosen;
    this.#close();
  }

  #onKey(event: KeyboardEvent): void {
    const open = !this.#list.hidden;
    const count = this.#choices.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) this.#look();
      else if (count > 0) {
        this.#select((this.#active + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
        this.#held = this.#choices[this.#active]?.value ?? null;
      }
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      const choice = this.#choices[this.#active];
      if (choice) this.#choose(choice);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      if (this.#input) this.#input.value = this.#chosen;
      this.#close();
    }
  }
}

customElements.define("sen-combobox", Combobox);
