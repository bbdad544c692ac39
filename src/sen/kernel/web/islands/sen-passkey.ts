/**
 * `<sen-passkey data-failed="…" data-unavailable="…">`: says in words when a passkey was not used,
 * and takes the buttons away where the browser knows no passkeys (an address that is a number, or
 * no TLS). The ceremony itself is allauth's script, loaded beside this element.
 */
import { toast } from "./lib/toast";

const BUTTONS =
  "#passkey_login, #mfa_webauthn_authenticate, #mfa_webauthn_reauthenticate, #mfa_webauthn_add";
const NUMERIC = /^(\d+\.){3}\d+$|^\[/;

class Passkey extends HTMLElement {
  connectedCallback(): void {
    document.addEventListener("allauth.error", this.#onError);
    if (window.PublicKeyCredential && !NUMERIC.test(location.hostname)) return;
    for (const button of document.querySelectorAll<HTMLButtonElement>(BUTTONS)) {
      button.disabled = true;
      button.title = this.dataset["unavailable"] ?? "";
    }
    const note = document.createElement("p");
    note.className = "muted text-sm";
    note.textContent = this.dataset["unavailable"] ?? "";
    this.replaceChildren(note);
  }

  disconnectedCallback(): void {
    document.removeEventListener("allauth.error", this.#onError);
  }

  readonly #onError = (event: Event): void => {
    event.preventDefault();
    toast(this.dataset["failed"] ?? "", "danger");
  };
}

customElements.define("sen-passkey", Passkey);
