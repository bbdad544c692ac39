/**
 * `<sen-round src="…/du-lieu.json">`: the rounds of who is signed in, with or without a network.
 *
 * The rounds are kept in IndexedDB, the page by the service worker, what is recorded in the queue
 * `inventory.record`. Nothing is lost by a reload, and nothing is sent in another's name.
 */
import { h, icon } from "../../../../kernel/web/islands/lib/dom";
import { clear, openDatabase, readOne, write } from "../../../../kernel/web/islands/lib/offline/idb";
import { forgetPage, isKept, keepPage } from "../../../../kernel/web/islands/lib/offline/keep";
import { OfflineQueue, type QueueEntry } from "../../../../kernel/web/islands/lib/offline/queue";
import { distanceM } from "../../../../kernel/web/islands/lib/offline/states";
import { fold } from "../../../../kernel/web/islands/lib/text";
import { toast } from "../../../../kernel/web/islands/lib/toast";
import { visitForm } from "./round/form";
import { locate } from "./round/locate";
import { RoundMap, metresText, type Spot } from "./round/map";
import { t } from "./round/messages";
import type { Item, Position, Round, Rounds } from "./round/types";

const KEY = "rounds";
const SHOWN = 60;
type Tab = "left" | "done" | "queue";

class SenRound extends HTMLElement {
  readonly #queue = new OfflineQueue("inventory.record");
  #database: IDBDatabase | null = null;
  #rounds: Rounds | null = null;
  #chosen = 0;
  #entries: QueueEntry[] = [];
  #tab: Tab = "left";
  #query = "";
  #shown = SHOWN;
  #here: Position | null = null;
  #kept = false;
  #mapped = false;
  // Beside the list, which is made anew again and again: a map is not.
  readonly #map = new RoundMap((item) => {
    if (this.#round) this.#showForm(this.#round, item);
  });
  readonly #bar = h("div", { class: "round-bar" });
  readonly #main = h("div", { class: "stack" });

  connectedCallback(): void {
    void this.#start();
    addEventListener("online", this.#onNetwork);
    addEventListener("offline", this.#onNetwork);
  }

  disconnectedCallback(): void {
    removeEventListener("online", this.#onNetwork);
    removeEventListener("offline", this.#onNetwork);
  }

  readonly #onNetwork = (): void => {
    this.#showBar();
    if (this.#mapped && !this.#main.querySelector("form")) this.#showMap();
    if (navigator.onLine) void this.#send();
  };

  async #start(): Promise<void> {
    this.replaceChildren(this.#bar, this.#map.element, this.#main);
    this.#database = await openDatabase("sen-inventory", 1, { rounds: "key" });
    const kept = await readOne<{ value: Rounds }>(this.#database, "rounds", KEY);
    this.#rounds = kept?.value ?? null;
    this.#queue.addEventListener("change", () => void this.#refresh());
    this.#kept = await isKept();
    await this.#refresh();
    this.#showList();
    await this.#send();
    await this.#download();
    // Without a network what was kept before still holds.
    if (navigator.onLine) this.#kept = await keepPage();
    this.#showBar();
  }

  get #round(): Round | null {
    return this.#rounds?.rounds[this.#chosen] ?? null;
  }

  async #refresh(): Promise<void> {
    this.#entries = await this.#queue.all();
    this.#showBar();
  }

  /** The newest rounds, if there is a network; what is kept stays otherwise. */
  async #download(): Promise<void> {
    try {
      const response = await fetch(this.getAttribute("src") ?? "", {
        headers: { Accept: "application/json" },
        cache: "no-store",
      });
      if (!response.ok) return;
      this.#rounds = (await response.json()) as Rounds;
      if (this.#database) {
        await write(this.#database, "rounds", { key: KEY, value: this.#rounds });
      }
      // What the server has taken in is part of the new round.
      for (const entry of this.#entries) {
        if (entry.state === "sent") await this.#queue.drop(entry.id);
      }
      await this.#refresh();
      if (!this.#main.querySelector("form")) this.#showList();
    } catch {
      // Without a network the round on the device holds.
    }
  }

  async #send(): Promise<void> {
    const before = this.#entries.filter((entry) => entry.state === "waiting").length;
    const how = await this.#queue.send();
    await this.#refresh();
    if (how === "signed-out") this.#sayAboutSession();
    else if (how === "other-user") toast(t("otherUser"), "warn");
    else if (how === "done" && before > 0) toast(t("allSent"), "ok");
    if (before > 0 && how === "done") await this.#download();
    if (!this.#main.querySelector("form")) this.#showList();
  }

  #sayAboutSession(): void {
    const next = encodeURIComponent(location.pathname);
    const link = h("a", { href: `/tai-khoan/dang-nhap/?next=${next}` }, t("signIn"));
    this.#bar.append(h("p", { class: "error", role: "alert" }, link));
  }

  #showBar(): void {
    const online = navigator.onLine;
    const waiting = this.#entries.filter((entry) => entry.state === "waiting").length;
    const state = h(
      "span",
      { class: `badge badge-dot tone-${online ? "ok" : "warn"}`, "data-online": String(online) },
      online ? t("online") : t("offline"),
    );
    const kept = h(
      "span",
      { class: `badge tone-${this.#kept ? "pond" : "warn"}`, "data-kept": String(this.#kept) },
      this.#kept ? t("kept") : t("notKept"),
    );
    const send = h(
      "button",
      { type: "button", class: "btn btn-sm", disabled: waiting === 0 || !online },
      icon("send"),
      `${t("send")} · ${t("queue", { n: waiting })}`,
    );
    send.addEventListener("click", () => void this.#send());
    const again = h(
      "button",
      { type: "button", class: "btn btn-sm btn-quiet", disabled: !online },
      icon("download"),
      t("download"),
    );
    again.addEventListener("click", () => void this.#download());
    const at = this.#rounds ? new Date(this.#rounds.at) : null;
    const when = at
      ? h("span", { class: "muted" }, t("downloaded", { at: at.toLocaleString("vi-VN") }))
      : null;
    this.#bar.replaceChildren(h("p", { class: "row" }, state, kept, send, again, when));
  }

  /** The last entry of this device for an item, whatever its state. */
  #entryOf(item: Item): QueueEntry | undefined {
    return this.#entries.filter((entry) => entry.body["visit"] === item.visit).at(-1);
  }

  #isDone(item: Item): boolean {
    const entry = this.#entryOf(item);
    return item.state !== "TODO" || (entry !== undefined && entry.state !== "refused");
  }

  #showList(): void {
    const round = this.#round;
    this.#showMap();
    if (!this.#rounds || !round) {
      const text = this.#rounds ? t("noRound") : t("noData");
      this.#main.replaceChildren(h("p", { class: "none" }, text), this.#tabs(0, 0), this.#list(null));
      return;
    }
    const done = round.items.filter((item) => this.#isDone(item)).length;
    const title = h("h2", { class: "panel-title" }, `${round.campaign.name} · ${round.team}`);
    const find = h("input", {
      class: "input",
      type: "search",
      placeholder: t("find"),
      "aria-label": t("find"),
      value: this.#query,
    });
    let list = this.#list(round);
    find.addEventListener("input", () => {
      this.#query = find.value;
      const next = this.#list(round);
      list.replaceWith(next);
      list = next;
    });
    const near = h("button", { type: "button", class: "btn" }, icon("locate"), t("nearest"));
    near.addEventListener("click", () => {
      locate()
        .then((here) => {
          this.#here = here;
          this.#showList();
        })
        .catch((error: Error) => toast(t("noPosition", { why: error.message }), "warn"));
    });
    const fresh = h("button", { type: "button", class: "btn" }, icon("plus"), t("addNew"));
    fresh.addEventListener("click", () => this.#showForm(round, null));
    const map = h(
      "button",
      { type: "button", class: "btn", "aria-pressed": String(this.#mapped) },
      icon("map"),
      t("map"),
    );
    map.addEventListener("click", () => {
      this.#mapped = !this.#mapped;
      this.#showList();
    });
    this.#main.replaceChildren(
      this.#choice() ?? title,
      this.#tabs(round.items.length - done, done),
      h("p", { class: "row" }, near, map, fresh),
      find,
      list,
    );
  }

  /** All assets of the round that have a place, whatever the list is narrowed to. */
  #showMap(): void {
    const round = this.#round;
    if (!this.#mapped || !round) {
      this.#map.hide();
      return;
    }
    const spots = round.items.flatMap((item): Spot[] =>
      item.lon === null || item.lat === null
        ? []
        : [{ item, lon: item.lon, lat: item.lat, done: this.#isDone(item) }],
    );
    this.#map.show(spots, this.#here);
  }

  /** Somebody may be in several teams. */
  #choice(): HTMLElement | null {
    const rounds = this.#rounds?.rounds ?? [];
    if (rounds.length < 2) return null;
    const select = h("select", { class: "select", "aria-label": t("outcome") });
    rounds.forEach((round, place) => {
      const label = `${round.campaign.name} · ${round.team}`;
      select.append(h("option", { value: place, selected: place === this.#chosen }, label));
    });
    select.addEventListener("change", () => {
      this.#chosen = Number(select.value);
      this.#showList();
    });
    return select;
  }

  #tabs(left: number, done: number): HTMLElement {
    const row = h("div", { class: "row" });
    const counts: [Tab, string, number][] = [
      ["left", t("left"), left],
      ["done", t("done"), done],
      ["queue", t("queueTab"), this.#entries.length],
    ];
    for (const [tab, label, count] of counts) {
      const button = h(
        "button",
        { type: "button", class: "btn btn-sm", "aria-pressed": String(tab === this.#tab) },
        `${label} (${count})`,
      );
      button.addEventListener("click", () => {
        this.#tab = tab;
        this.#shown = SHOWN;
        this.#showList();
      });
      row.append(button);
    }
    return row;
  }

  #list(round: Round | null): HTMLElement {
    if (this.#tab === "queue" || !round) return this.#queueList(round);
    const words = fold(this.#query).split(/\s+/).filter(Boolean);
    const here = this.#here;
    let items = round.items.filter((item) => this.#isDone(item) === (this.#tab === "done"));
    items = items.filter((item) => {
      const text = fold(`${item.name} ${item.code} ${item.place} ${item.area}`);
      return words.every((word) => text.includes(word));
    });
    const away = (item: Item): number =>
      here && item.lon !== null && item.lat !== null
        ? distanceM([here.lon, here.lat], [item.lon, item.lat])
        : Infinity;
    if (here) items = [...items].sort((a, b) => away(a) - away(b));
    const list = h("ul", { class: "round-list" });
    for (const item of items.slice(0, this.#shown)) {
      const metres = away(item);
      const far = Number.isFinite(metres)
        ? t("distance", { m: metresText(metres) })
        : "";
      const button = h(
        "button",
        { type: "button", class: "round-item" },
        h("b", {}, item.name || item.code),
        h("span", { class: "muted" }, [round.types[item.type]?.name, item.place, item.area, far].filter(Boolean).join(" · ")),
        this.#badge(item),
      );
      button.addEventListener("click", () => this.#showForm(round, item));
      list.append(h("li", {}, button));
    }
    if (items.length === 0) list.append(h("li", { class: "none" }, t("nothing")));
    if (items.length > this.#shown) {
      const more = h(
        "button",
        { type: "button", class: "btn" },
        t("more", { n: items.length - this.#shown }),
      );
      more.addEventListener("click", () => {
        this.#shown += SHOWN;
        this.#showList();
      });
      list.append(h("li", {}, more));
    }
    return list;
  }

  #badge(item: Item): HTMLElement | null {
    const entry = this.#entryOf(item);
    if (entry) return stateBadge(entry);
    if (item.state === "TODO") return null;
    return h("span", { class: "badge tone-ok" }, t("recorded"));
  }

  #queueList(round: Round | null): HTMLElement {
    const list = h("ul", { class: "round-list" });
    for (const entry of [...this.#entries].reverse()) {
      const item = round?.items.find((one) => one.visit === entry.body["visit"]);
      const values = entry.body["values"] as Record<string, unknown> | undefined;
      const name = item?.name || String(values?.["name"] ?? t("newAsset"));
      const line = h(
        "li",
        { class: "round-item" },
        h("b", {}, name),
        h("span", { class: "muted" }, `${new Date(entry.madeAt).toLocaleString("vi-VN")} · ${entry.user}`),
        stateBadge(entry),
      );
      if (entry.state !== "waiting") {
        const drop = h("button", { type: "button", class: "btn btn-sm" }, icon("x"), t("drop"));
        drop.addEventListener("click", () => {
          void this.#queue.drop(entry.id).then(async () => {
            await this.#refresh();
            this.#showList();
          });
        });
        line.append(h("p", { class: "row" }, drop));
      }
      list.append(line);
    }
    if (this.#entries.length === 0) list.append(h("li", { class: "none" }, t("emptyQueue")));
    if (this.#rounds) {
      const forget = h("button", { type: "button", class: "btn btn-sm btn-quiet" }, t("forget"));
      forget.addEventListener("click", () => void this.#forget());
      list.append(h("li", {}, forget));
    }
    return list;
  }

  /** A shared phone keeps nothing of whom it was lent to. */
  async #forget(): Promise<void> {
    if (this.#entries.some((entry) => entry.state === "waiting")) {
      toast(t("stillWaiting"), "warn");
      return;
    }
    for (const entry of this.#entries) await this.#queue.drop(entry.id);
    if (this.#database) await clear(this.#database, "rounds");
    await forgetPage();
    this.#rounds = null;
    this.#kept = false;
    await this.#refresh();
    this.#showList();
    toast(t("forgotten"), "ok");
  }

  #showForm(round: Round, item: Item | null): void {
    this.#map.hide();
    const back = h("button", { type: "button", class: "btn btn-sm" }, icon("arrow-left"), t("back"));
    back.addEventListener("click", () => this.#showList());
    const facts = item
      ? h("p", { class: "muted" }, `${item.code} · ${[item.place, item.area].filter(Boolean).join(" · ")}`)
      : null;
    const form = visitForm(round, item, ({ body, files }) => {
      this.#queue
        .add(this.#rounds?.user ?? "", body, files)
        .then(async () => {
          toast(t("saved"), "ok");
          this.#main.replaceChildren();
          await this.#refresh();
          this.#showList();
          if (navigator.onLine) await this.#send();
        })
        .catch((error: Error) => toast(t("storageFailed", { why: error.message }), "danger"));
    });
    const title = item ? item.name || item.code : t("addNew");
    this.#main.replaceChildren(
      h("p", {}, back),
      h("h2", { class: "panel-title", tabindex: -1 }, title),
      ...(facts ? [facts] : []),
      form,
    );
    scrollTo({ top: 0 });
  }
}

function stateBadge(entry: QueueEntry): HTMLElement {
  const tones = { waiting: "info", sent: "ok", conflict: "danger", refused: "danger" } as const;
  const texts = {
    waiting: t("waiting"),
    sent: t("sent"),
    conflict: t("conflict"),
    refused: t("refused", { why: entry.message }),
  };
  const attributes = { class: `badge tone-${tones[entry.state]}`, "data-state": entry.state };
  return h("span", attributes, texts[entry.state]);
}

customElements.define("sen-round", SenRound);
