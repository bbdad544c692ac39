/**
 * `<sen-live topic="alarms" ticket-url="/live/ticket">`: live values of one topic.
 *
 * POST ticket-url (topic=…, key=…) → `{url}`, the address of an event stream. Each message is
 * JSON. Its `values` (`{key: text}`) go into every `[data-live-key="key"]` of the page; the whole
 * message becomes a bubbling `sen:live` event. `sen:live-reset` says that messages were missed and
 * the page's data should be loaded anew. The element shows how fresh it is; with `late-after`
 * seconds of silence it says that the data is old.
 */
import { backoff } from "./lib/backoff";
import { csrfToken, h } from "./lib/dom";
import { t } from "./lib/messages";
import { age } from "./lib/text";

interface LiveMessage {
  topic?: string;
  key?: string;
  at?: string;
  values?: Record<string, string | number>;
  data?: Record<string, unknown>;
}

class Live extends HTMLElement {
  #stream: EventSource | null = null;
  #attempt = 0;
  #retry = 0;
  #ticker = 0;
  #seen = 0;
  #last = "";
  readonly #stamp = h("span", {});

  connectedCallback(): void {
    const dot = h("span", { class: "live-dot", "aria-hidden": "true" });
    this.replaceChildren(dot, this.#stamp);
    this.#state("wait");
    this.#ticker = window.setInterval(() => this.#show(), 1000);
    document.addEventListener("visibilitychange", this.#onVisibility);
    void this.#connect();
  }

  disconnectedCallback(): void {
    clearInterval(this.#ticker);
    document.removeEventListener("visibilitychange", this.#onVisibility);
    this.#close();
  }

  // A hidden tab needs no stream; the server has one client less.
  readonly #onVisibility = (): void => {
    if (document.hidden) this.#close();
    else if (!this.#stream) void this.#connect();
  };

  #close(): void {
    clearTimeout(this.#retry);
    this.#stream?.close();
    this.#stream = null;
  }

  async #connect(): Promise<void> {
    this.#close();
    try {
      const response = await fetch(this.getAttribute("ticket-url") ?? "/live/ticket", {
        method: "POST",
        headers: {
          "X-CSRFToken": csrfToken(),
          "X-Sen-Background": "1", // a page that is left open is no sign of its person
          Accept: "application/json",
        },
        body: this.#wish(),
      });
      if (response.status === 401 || response.status === 403) {
        this.#state("lost", t("forbidden"));
        return; // trying again would not help
      }
      const { url } = (await response.json()) as { url: string };
      // What was missed in between is sent first.
      const last = this.#last ? `&last=${encodeURIComponent(this.#last)}` : "";
      this.#listen(new EventSource(url + last));
    } catch {
      this.#again();
    }
  }

  #wish(): URLSearchParams {
    const topics = (this.getAttribute("topic") ?? "").split(/[\s,]+/).filter(Boolean);
    const wish = new URLSearchParams(topics.map((topic) => ["topic", topic]));
    const key = this.getAttribute("key");
    if (key) wish.set("key", key);
    return wish;
  }

  #listen(stream: EventSource): void {
    this.#stream = stream;
    stream.addEventListener("open", () => {
      this.#attempt = 0;
      this.#seen = Date.now();
      this.#state("open");
    });
    stream.addEventListener("message", (event: MessageEvent<string>) => {
      this.#last = event.lastEventId || this.#last;
      this.#receive(event.data);
    });
    stream.addEventListener("reset", () => {
      this.dispatchEvent(new CustomEvent("sen:live-reset", { bubbles: true }));
    });
    // Tickets live a minute: the browser's own reconnect would fail, so a new one is asked for.
    stream.addEventListener("closed", () => this.#again());
    stream.addEventListener("error", () => this.#again());
  }

  #again(): void {
    this.#close();
    this.#state("lost", t("liveLost"));
    this.#retry = window.setTimeout(() => void this.#connect(), backoff(this.#attempt));
    this.#attempt += 1;
  }

  #receive(text: string): void {
    this.#seen = Date.now();
    const message = JSON.parse(text) as LiveMessage;
    for (const [key, value] of Object.entries(message.values ?? {})) {
      for (const spot of document.querySelectorAll<HTMLElement>(
        `[data-live-key="${CSS.escape(key)}"]`,
      )) {
        const next = String(value);
        if (spot.textContent === next) continue;
        spot.textContent = next;
        spot.removeAttribute("data-live-flash");
        void spot.offsetWidth; // restarts the animation
        spot.setAttribute("data-live-flash", "");
      }
    }
    this.dispatchEvent(new CustomEvent("sen:live", { bubbles: true, detail: message }));
    this.#state("open");
  }

  #state(state: "wait" | "open" | "late" | "lost", text = ""): void {
    this.dataset["liveState"] = state;
    if (text || state === "wait") this.#stamp.textContent = text || t("liveConnecting");
    else this.#show();
  }

  #show(): void {
    const state = this.dataset["liveState"];
    if (state !== "open" && state !== "late") return;
    const seconds = (Date.now() - this.#seen) / 1000;
    const late = seconds > Number(this.getAttribute("late-after") ?? Infinity);
    this.dataset["liveState"] = late ? "late" : "open";
    this.#stamp.textContent = `${t(late ? "liveLate" : "live")} · ${age(seconds)}`;
  }
}

customElements.define("sen-live", Live);
