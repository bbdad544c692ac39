/**
 * `<sen-mapping>`: a click on a value of the sample (`[data-path]`) writes its path into the field
 * that was entered last (`[data-path-into]`), else into the first empty one of the channels.
 */
class Mapping extends HTMLElement {
  #last: HTMLInputElement | null = null;

  connectedCallback(): void {
    this.addEventListener("focusin", this.#onFocus);
    this.addEventListener("click", this.#onClick);
  }

  disconnectedCallback(): void {
    this.removeEventListener("focusin", this.#onFocus);
    this.removeEventListener("click", this.#onClick);
  }

  readonly #onFocus = (event: Event): void => {
    const field = event.target;
    if (field instanceof HTMLInputElement && field.dataset["pathInto"] !== undefined) this.#last = field;
  };

  readonly #onClick = (event: Event): void => {
    const chip = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-path]") : null;
    const path = chip?.dataset["path"];
    if (path === undefined) return;
    const fields = [...this.querySelectorAll<HTMLInputElement>('input[name="path"]')];
    const field = this.#last ?? fields.find((one) => !one.value) ?? fields.at(-1);
    if (!field) return;
    field.value = path;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    this.#last = null;
    field.focus();
    this.#last = null;
  };
}

customElements.define("sen-mapping", Mapping);
