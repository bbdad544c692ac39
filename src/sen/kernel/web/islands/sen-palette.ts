/**
 * `<sen-palette url="/tim-kiem/goi-y">`: one box over everything that the reader may see.
 *
 * Ctrl-K, ⌘K, "/" or any `[data-palette]` opens it. The server answers `?q=` with
 * `{items: [{title, subtitle, url, icon, kind}]}`; pages come from the side navigation.
 */
import { debounce, getJson, h, icon, stored, store, uniqueId } from "./lib/dom";
import { t } from "./lib/messages";
import { type Found, matching } from "./lib/match";
import { marked } from "./lib/text";

const RECENT = "sen-recent";

function pages(): Found[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("a.nav-link[href]")].map((link) => {
    const drawing = link.querySelector("use")?.getAttribute("href")?.split("#")[1];
    const group = link.closest(".nav-group")?.querySelector(".nav-title")?.textContent?.trim();
    return {
      title: link.querySelector("span")?.textContent?.trim() ?? "",
      subtitle: group ?? "",
      url: link.href,
      icon: drawing ?? "layers",
    };
  });
}

function recent(): Found[] {
  try {
    const list: unknown = JSON.parse(stored(RECENT) ?? "[]");
    return Array.isArray(list) ? (list as Found[]).slice(0, 5) : [];
  } catch {
    return [];
  }
}

function remember(item: Found): void {
  const rest = recent().filter((other) => other.url !== item.url);
  store(RECENT, JSON.stringify([item, ...rest].slice(0, 5)));
}

class Palette extends HTMLElement {
  readonly #list = h("div", { class: "palette-list", role: "listbox", id: uniqueId("palette") });
  readonly #input = h("input", {
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "go",
    "aria-expanded": "true",
    "aria-autocomplete": "list",
    "aria-controls": this.#list.id,
    "aria-label": t("search"),
    placeholder: t("searchAll"),
  });
  readonly #status = h("p", { class: "sr-only", role: "status" });
  #dialog: HTMLDialogElement | null = null;
  #request: AbortController | null = null;
  #options: HTMLElement[] = [];
  #active = -1;
  /** Where the arrow keys stand: a late answer must not move them. */
  #held = "";

  readonly #search = debounce(90, () => void this.#ask());

  connectedCallback(): void {
    this.#list.setAttribute("aria-label", t("found"));
    document.addEventListener("keydown", this.#onShortcut);
    document.addEventListener("click", this.#onClick);
  }

  disconnectedCallback(): void {
    document.removeEventListener("keydown", this.#onShortcut);
    document.removeEventListener("click", this.#onClick);
  }

  readonly #onShortcut = (event: KeyboardEvent): void => {
    const typing = (event.target as Element).closest?.("input, textarea, select, [contenteditable]");
    const combo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    if (combo || (event.key === "/" && !typing && !event.ctrlKey && !event.altKey)) {
      event.preventDefault();
      this.open();
    }
  };

  readonly #onClick = (event: Event): void => {
    if (!(event.target as Element).closest("[data-palette]")) return;
    event.preventDefault();
    this.open();
  };

  open(): void {
    this.#dialog ??= this.#build();
    if (this.#dialog.open) return;
    this.#input.value = "";
    this.#held = "";
    this.#show([]);
    this.#dialog.showModal();
    this.#input.focus();
  }

  #build(): HTMLDialogElement {
    const key = (name: string, text: string): HTMLElement => h("span", {}, h("kbd", {}, name), ` ${text}`);
    const close = h(
      "button",
      { class: "btn btn-quiet btn-icon btn-sm", type: "button", "aria-label": t("close"), "data-close": true },
      icon("x"),
    );
    const dialog = h(
      "dialog",
      { class: "palette", "aria-label": t("search") },
      h("div", { class: "palette-input" }, icon("search"), this.#input, close),
      this.#list,
      h("div", { class: "palette-foot" }, key("↑ ↓", t("keysMove")), key("Enter", t("keysOpen")), key("Esc", t("keysClose"))),
      this.#status,
    );
    this.#input.addEventListener("input", () => {
      this.#held = "";
      this.#show([]);
      this.#search();
    });
    this.#input.addEventListener("keydown", (event) => this.#onKey(event));
    this.append(dialog);
    return dialog;
  }

  async #ask(): Promise<void> {
    this.#request?.abort();
    const query = this.#input.value.trim();
    if (query.length < 2) return;
    const request = new AbortController();
    this.#request = request;
    const url = `${this.getAttribute("url") ?? "/tim-kiem/goi-y"}?q=${encodeURIComponent(query)}`;
    try {
      const answer = await getJson<{ items: Found[] }>(url, request.signal);
      this.#show(answer.items, true);
    } catch {
      if (!request.signal.aborted) this.#show([], true, t("requestFailed"));
    }
  }

  #show(found: Found[], answered = false, failure = ""): void {
    const query = this.#input.value.trim();
    const groups: [string, Found[]][] = [];
    if (query) {
      groups.push([t("goTo"), matching(pages(), query, 4)]);
      for (const item of found) {
        const kind = item.kind ?? t("found");
        const group = groups.find(([title]) => title === kind);
        if (group) group[1].push(item);
        else groups.push([kind, [item]]);
      }
    } else {
      groups.push([t("recent"), recent()], [t("pages"), pages().slice(0, 8)]);
    }
    const filled = groups.filter(([, items]) => items.length > 0);
    this.#options = [];
    const nodes: Node[] = filled.map(([title, items]) => this.#group(title, items, query));
    if (failure) nodes.push(h("p", { class: "palette-note" }, failure));
    else if (answered && filled.length === 0) {
      nodes.push(h("p", { class: "palette-note" }, t("nothingFound", { query })));
    } else if (!query) nodes.unshift(h("p", { class: "palette-group" }, t("paletteHint")));
    this.#list.replaceChildren(...nodes);
    if (answered) this.#status.textContent = t("results", { n: this.#options.length });
    const held = this.#options.findIndex((option) => option.getAttribute("href") === this.#held);
    this.#select(held >= 0 ? held : query && this.#options.length > 0 ? 0 : -1);
  }

  #group(title: string, items: Found[], query: string): HTMLElement {
    const label = h("div", { class: "palette-group", id: uniqueId("group") }, title);
    const box = h("div", { role: "group", "aria-labelledby": label.id }, label);
    for (const item of items) {
      const text = h("span", {});
      for (const piece of marked(item.title, query)) {
        text.append(piece.hit ? h("mark", {}, piece.text) : piece.text);
      }
      const option = h(
        "a",
        { class: "palette-item", role: "option", id: uniqueId("option"), href: item.url, tabindex: -1, "aria-selected": "false" },
        icon(item.icon ?? "circle-dashed"),
        text,
        item.subtitle ? h("small", {}, item.subtitle) : null,
      );
      option.addEventListener("click", () => remember(item));
      option.addEventListener("pointermove", () => this.#select(this.#options.indexOf(option)));
      this.#options.push(option);
      box.append(option);
    }
    return box;
  }

  #select(at: number): void {
    this.#active = at;
    for (const [i, option] of this.#options.entries()) {
      option.setAttribute("aria-selected", String(i === at));
    }
    const option = this.#options[at];
    if (option) {
      this.#input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.#input.removeAttribute("aria-activedescendant");
  }

  #onKey(event: KeyboardEvent): void {
    const count = this.#options.length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count > 0) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.#select((this.#active + step + count) % count);
      this.#held = this.#options[this.#active]?.getAttribute("href") ?? "";
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#options[Math.max(this.#active, 0)]?.click();
    }
  }
}

customElements.define("sen-palette", Palette);
