/**
 * `<sen-bell count-url="…">` around the link of the bell and a hidden `<sen-live>` of the topic
 * of notices: keeps the number at the bell, and says what is new while the page is open.
 *
 * A screen that was away (a hidden tab, a lost stream) asks for the number once when it is back.
 */
import { toast } from "./lib/toast";
import type { Tone } from "./lib/toast";

interface Ring {
  unread?: number;
  title?: string;
  url?: string;
  tone?: Tone;
}

class Bell extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("sen:live", this.#onLive as EventListener);
    this.addEventListener("sen:live-reset", this.#ask);
    document.addEventListener("visibilitychange", this.#onVisibility);
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
  }

  readonly #onLive = (event: CustomEvent<{ data?: Ring }>): void => {
    event.stopPropagation();
    const ring = event.detail.data ?? {};
    this.#show(ring.unread ?? 0);
    // Only pages of this house: the address came with the notice.
    const href = ring.url?.startsWith("/") && !ring.url.startsWith("//") ? ring.url : "";
    if (ring.title) toast(ring.title, ring.tone ?? "info", href);
  };

  readonly #onVisibility = (): void => {
    if (!document.hidden) this.#ask();
  };

  readonly #ask = (): void => {
    const url = this.getAttribute("count-url");
    if (!url) return;
    void fetch(url, { headers: { "X-Sen-Background": "1", Accept: "application/json" } })
      .then((answer) => (answer.ok ? (answer.json() as Promise<Ring>) : null))
      .then((ring) => {
        if (ring) this.#show(ring.unread ?? 0);
      })
      .catch(() => undefined); // without a network the number stays as it was
  };

  #show(unread: number): void {
    const dot = this.querySelector<HTMLElement>("[data-bell-count]");
    if (!dot) return;
    dot.textContent = String(unread);
    dot.hidden = unread === 0;
  }
}

customElements.define("sen-bell", Bell);
