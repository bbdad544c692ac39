/**
 * `<sen-wall src views="a,b" seconds="30" again="/man-hinh/">`: views that take turns, unattended.
 *
 * Each view is a fragment of `src + name`. A view marked `data-keep` is built once and hidden while
 * others stand (a map costs a graphics context), all others are thrown away. What is lost is said,
 * with since when; the wall asks again by itself. A new build, or six hours, load the page anew.
 * `<sen-wall connect="/man-hinh/noi">` hands in the key behind `#khoa=` once.
 */
import { backoff } from "../../../../kernel/web/islands/lib/backoff";
import { csrfToken } from "../../../../kernel/web/islands/lib/dom";
import { language } from "../../../../kernel/web/islands/lib/text";

const RELOAD_MS = 6 * 3600 * 1000;
const PATIENCE_MS = 20_000;
const TEXTS = {
  vi: { lost: "Mất kết nối từ {time}, đang nối lại. Số liệu trên màn hình là của lúc đó." },
  en: { lost: "Connection lost at {time}, trying again. The figures shown are from then." },
};

class Wall extends HTMLElement {
  #timer = 0;
  #clock = 0;
  #fresh = 0;
  #place = -1;
  #failures = 0;
  #build = "";
  #lostSince = "";
  readonly #began = Date.now();
  readonly #kept = new Map<string, HTMLElement>();

  connectedCallback(): void {
    if (this.hasAttribute("connect")) {
      void this.#connect();
      return;
    }
    this.#tick();
    this.#clock = window.setInterval(() => this.#tick(), 1000);
    addEventListener("online", this.#onOnline);
    document.addEventListener("sen:live", this.#onLive);
    void this.#next();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#clock);
    clearTimeout(this.#fresh);
    removeEventListener("online", this.#onOnline);
    document.removeEventListener("sen:live", this.#onLive);
  }

  async #connect(): Promise<void> {
    const key = new URLSearchParams(location.hash.slice(1)).get("khoa");
    if (!key) return;
    history.replaceState(null, "", location.pathname);
    const response = await fetch(this.getAttribute("connect") ?? "", {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken(), "Content-Type": "application/json" },
      body: JSON.stringify({ key }),
    });
    const answer = (await response.json()) as { url?: string; detail?: string };
    const said = this.querySelector("[data-said]");
    if (answer.url) location.replace(answer.url);
    else if (said) said.textContent = answer.detail ?? "";
  }

  readonly #onOnline = (): void => {
    clearTimeout(this.#timer);
    void this.#next();
  };

  /** Something happened: the view that stands is read anew, at most once a second. */
  readonly #onLive = (): void => {
    if (this.#fresh) return;
    this.#fresh = window.setTimeout(() => {
      this.#fresh = 0;
      const name = this.#views[this.#place];
      if (name && !this.#kept.has(name)) this.#show(name).catch(() => this.#lost());
    }, 1000);
  };

  #tick(): void {
    const spot = this.querySelector("[data-clock]");
    const now = new Date().toLocaleString(language(), {
      hour: "2-digit",
      minute: "2-digit",
      weekday: "long",
      day: "2-digit",
      month: "2-digit",
      timeZone: "Asia/Ho_Chi_Minh",
    });
    if (spot && spot.textContent !== now) spot.textContent = now;
  }

  get #views(): string[] {
    return (this.getAttribute("views") ?? "").split(",").filter(Boolean);
  }

  async #next(): Promise<void> {
    const views = this.#views;
    const name = views[(this.#place + 1) % views.length];
    if (!name) return;
    try {
      await this.#show(name);
      this.#place = (this.#place + 1) % views.length;
      this.#failures = 0;
      this.#found();
      this.dataset["shown"] = String(Number(this.dataset["shown"] ?? 0) + 1);
      this.#wait(Number(this.getAttribute("seconds") ?? 30) * 1000);
      if (Date.now() - this.#began > RELOAD_MS) location.reload();
    } catch {
      this.#lost();
      this.#wait(backoff(this.#failures));
      this.#failures += 1;
    }
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#next(), ms);
  }

  async #show(name: string): Promise<void> {
    const kept = this.#kept.get(name);
    const response = await fetch(`${this.getAttribute("src") ?? ""}${name}`, {
      headers: { "X-Sen-Background": "1" },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.status === 401 || response.status === 403 || response.redirected) {
      location.replace(this.getAttribute("again") ?? "/");
      return;
    }
    if (!response.ok) throw new Error(String(response.status));
    const build = response.headers.get("X-Sen-Build") ?? "";
    if (this.#build && build && build !== this.#build) location.reload();
    this.#build = build || this.#build;
    const text = await response.text();
    this.#stand(name, kept ?? fragment(text));
  }

  #stand(name: string, view: HTMLElement): void {
    const stage = this.querySelector(".wall-stage");
    if (!stage) return;
    if (view.hasAttribute("data-keep")) this.#kept.set(name, view);
    const kept = new Set(this.#kept.values());
    for (const child of [...stage.children]) {
      if (child === view) continue;
      if (kept.has(child as HTMLElement)) (child as HTMLElement).hidden = true;
      else child.remove();
    }
    view.hidden = false;
    if (view.parentElement !== stage) stage.append(view);
    for (const item of this.querySelectorAll(".wall-views [data-view]")) {
      item.toggleAttribute("aria-current", item.getAttribute("data-view") === name);
    }
  }

  #lost(): void {
    this.#lostSince ||= new Date().toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit" });
    const box = this.querySelector<HTMLElement>("[data-lost]");
    const words = box?.querySelector("[data-words]");
    if (!box || !words) return;
    words.textContent = TEXTS[language()].lost.replace("{time}", this.#lostSince);
    box.hidden = false;
  }

  #found(): void {
    this.#lostSince = "";
    const box = this.querySelector<HTMLElement>("[data-lost]");
    if (box) box.hidden = true;
  }
}

/** The first element of a fragment of our own server. */
function fragment(text: string): HTMLElement {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  const view = holder.content.firstElementChild;
  if (!(view instanceof HTMLElement)) throw new Error("empty view");
  return document.importNode(view, true);
}

customElements.define("sen-wall", Wall);
