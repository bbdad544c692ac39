/**
 * `<sen-upload>` around the form of an upload: sends file by file with the progress of each.
 *
 * Without it the form sends all files at once. A file that failed can be sent again; those that
 * arrived are not.
 */
import { csrfToken, h } from "../../../../kernel/web/islands/lib/dom";
import { bytes } from "../../../../kernel/web/islands/lib/text";

interface Answer {
  url?: string;
  error?: string;
}

interface Sending {
  file: File;
  row: HTMLElement;
  bar: HTMLProgressElement;
  text: HTMLElement;
  isDone: boolean;
}

class Upload extends HTMLElement {
  #sendings: Sending[] = [];

  connectedCallback(): void {
    const form = this.querySelector("form");
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send(form);
    });
  }

  async #send(form: HTMLFormElement): Promise<void> {
    const input = form.querySelector<HTMLInputElement>("input[type=file]");
    const button = form.querySelector<HTMLButtonElement>("button.btn-primary");
    if (!input || !button) return;
    if (this.#sendings.length === 0) this.#list([...(input.files ?? [])]);
    button.disabled = true;
    for (const sending of this.#sendings) if (!sending.isDone) await this.#one(form, sending);
    if (this.#sendings.every((sending) => sending.isDone)) {
      location.assign(this.dataset["finished"] ?? location.href);
      return;
    }
    button.textContent = this.dataset["again"] ?? "";
    button.disabled = false;
  }

  #list(files: File[]): void {
    const list = this.querySelector("[data-list]");
    this.#sendings = files.map((file) => {
      const bar = h("progress", { max: "1", value: "0", "aria-label": file.name });
      const text = h("span", { class: "sub" }, this.dataset["waiting"] ?? "");
      const row = h("li", {}, h("span", {}, `${file.name} · ${bytes(file.size)}`), bar, text);
      return { file, row, bar, text, isDone: false };
    });
    list?.replaceChildren(...this.#sendings.map((sending) => sending.row));
    this.querySelector(".drop-list")?.replaceChildren();
  }

  #one(form: HTMLFormElement, sending: Sending): Promise<void> {
    const data = new FormData(form);
    data.delete("files");
    data.append("files", sending.file);
    sending.text.textContent = this.dataset["sending"] ?? "";
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", location.href);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-CSRFToken", csrfToken());
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) sending.bar.value = event.loaded / event.total;
      });
      request.addEventListener("error", () => {
        this.#failed(sending, this.dataset["lost"] ?? "");
        resolve();
      });
      request.addEventListener("load", () => {
        this.#answered(sending, request);
        resolve();
      });
      request.send(data);
    });
  }

  #answered(sending: Sending, request: XMLHttpRequest): void {
    let answer: Answer = {};
    try {
      answer = JSON.parse(request.responseText) as Answer;
    } catch {
      answer = { error: `${this.dataset["failed"]} (${request.status})` };
    }
    if (request.status >= 400 || !answer.url) {
      this.#failed(sending, answer.error ?? "");
      return;
    }
    sending.isDone = true;
    sending.bar.value = 1;
    sending.text.replaceChildren(h("a", { href: answer.url }, this.dataset["done"] ?? ""));
  }

  #failed(sending: Sending, reason: string): void {
    sending.bar.value = 0;
    sending.text.textContent = reason || (this.dataset["failed"] ?? "");
    sending.row.classList.add("is-failed");
  }
}

customElements.define("sen-upload", Upload);
