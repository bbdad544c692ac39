/**
 * `<sen-idle url="/tai-khoan/phien/con-lai/" sign-in="…"><dialog>…<b data-left></b>…
 * <button data-stay></button></dialog></sen-idle>`: warns before the session ends for want of
 * activity. The server keeps the clock (`{seconds, warn_at}`), so work in another tab counts;
 * asking does not.
 */
import { csrfToken } from "./lib/dom";

interface Left {
  seconds: number;
  warn_at: number;
}

const LONGEST_WAIT_S = 600;

class Idle extends HTMLElement {
  #timer = 0;
  #ends = 0;

  connectedCallback(): void {
    this.querySelector("[data-stay]")?.addEventListener("click", () => void this.#ask("POST"));
    document.addEventListener("visibilitychange", this.#onVisibility);
    void this.#ask("GET");
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#onVisibility);
  }

  // Timers sleep in hidden tabs and in closed laptops.
  readonly #onVisibility = (): void => {
    if (!document.hidden) void this.#ask("GET");
  };

  async #ask(method: "GET" | "POST"): Promise<void> {
    clearTimeout(this.#timer);
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method === "POST") headers["X-CSRFToken"] = csrfToken();
    else headers["X-Sen-Background"] = "1";
    try {
      const response = await fetch(this.getAttribute("url") ?? "", { method, headers });
      if (response.ok) this.#take((await response.json()) as Left);
      else this.#later(60);
    } catch {
      this.#later(60);
    }
  }

  #take(left: Left): void {
    this.#ends = Date.now() + left.seconds * 1000;
    if (left.seconds <= 0) location.assign(this.getAttribute("sign-in") ?? "/");
    else if (left.seconds <= left.warn_at) this.#count();
    else {
      this.#dialog?.close();
      this.#later(Math.min(left.seconds - left.warn_at + 1, LONGEST_WAIT_S));
    }
  }

  #later(seconds: number): void {
    this.#timer = window.setTimeout(() => void this.#ask("GET"), seconds * 1000);
  }

  #count(): void {
    const seconds = Math.ceil((this.#ends - Date.now()) / 1000);
    if (seconds <= 0) {
      void this.#ask("GET");
      return;
    }
    const text = this.querySelector("[data-left]");
    if (text) text.textContent = String(seconds);
    if (this.#dialog && !this.#dialog.open) this.#dialog.showModal();
    // Another tab may have gone on working: every tenth second the server is asked.
    const next = (): void => (seconds % 10 === 0 ? void this.#ask("GET") : this.#count());
    this.#timer = window.setTimeout(next, 1000);
  }

  get #dialog(): HTMLDialogElement | null {
    return this.querySelector("dialog");
  }
}

customElements.define("sen-idle", Idle);
