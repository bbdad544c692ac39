/**
 * `<sen-georef data-width data-height>`: a scan and the map side by side; a point chosen on the scan
 * and then on the map fills the next row of the table. The table works without it.
 */
class SenGeoref extends HTMLElement {
  #scale = 1;
  #row = -1;

  connectedCallback(): void {
    const sheet = this.querySelector<HTMLElement>(".georef-sheet");
    const picture = this.querySelector("img");
    if (!sheet || !picture) return;
    picture.addEventListener("click", (event) => this.#onPicture(event, picture));
    for (const button of this.querySelectorAll<HTMLButtonElement>("[data-zoom]")) {
      button.addEventListener("click", () => {
        this.#scale = Math.min(8, Math.max(1, this.#scale * Number(button.dataset["zoom"])));
        sheet.style.width = `${this.#scale * 100}%`;
      });
    }
    this.addEventListener("sen:pick", this.#onMap);
    this.addEventListener("input", () => this.#draw());
    this.#say("pickFirst");
    this.#draw();
  }

  get #rows(): HTMLTableRowElement[] {
    return [...this.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  }

  #field(row: HTMLTableRowElement | undefined, name: string): HTMLInputElement | null {
    return row?.querySelector<HTMLInputElement>(`[name=${name}]`) ?? null;
  }

  #say(which: "pickFirst" | "pickThen"): void {
    const text = this.querySelector("output");
    if (text) text.textContent = this.dataset[which] ?? "";
  }

  /** The first row that is not complete; a new one when all are. */
  #next(): number {
    const rows = this.#rows;
    const found = rows.findIndex((row) => !this.#field(row, "at")?.value);
    if (found >= 0) return found;
    const last = rows.at(-1);
    if (!last) return -1;
    const copy = last.cloneNode(true) as HTMLTableRowElement;
    for (const input of copy.querySelectorAll("input")) {
      input.value = "";
      input.setAttribute("aria-label", (input.getAttribute("aria-label") ?? "").replace(/\d+$/, String(rows.length + 1)));
    }
    const [head, off] = [copy.querySelector("th"), copy.querySelector("td:last-child")];
    if (head) head.textContent = String(rows.length + 1);
    if (off) off.textContent = "–";
    last.after(copy);
    return rows.length;
  }

  #onPicture(event: MouseEvent, picture: HTMLImageElement): void {
    const box = picture.getBoundingClientRect();
    const share = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height] as const;
    this.#row = this.#next();
    const row = this.#rows[this.#row];
    const [px, py] = [this.#field(row, "px"), this.#field(row, "py")];
    if (!px || !py) return;
    px.value = (share[0] * Number(this.dataset["width"])).toFixed(1);
    py.value = (share[1] * Number(this.dataset["height"])).toFixed(1);
    this.#say("pickThen");
    this.#draw();
  }

  readonly #onMap = (event: Event): void => {
    const { points } = (event as CustomEvent<{ points: [number, number][] }>).detail;
    const place = points.at(-1);
    const at = this.#field(this.#rows[this.#row], "at");
    if (!place || !at) return;
    at.value = `${place[1].toFixed(7)}, ${place[0].toFixed(7)}`;
    this.#say("pickFirst");
  };

  /** Marks on the picture, in shares of its sides so that zooming keeps them in place. */
  #draw(): void {
    const sheet = this.querySelector(".georef-sheet");
    if (!sheet) return;
    for (const old of sheet.querySelectorAll(".georef-mark")) old.remove();
    this.#rows.forEach((row, i) => {
      const [px, py] = [this.#field(row, "px")?.value, this.#field(row, "py")?.value];
      if (!px || !py) return;
      const mark = document.createElement("span");
      mark.className = "georef-mark";
      mark.textContent = String(i + 1);
      mark.title = `${this.dataset["point"] ?? ""} ${i + 1}`;
      mark.style.left = `${(Number(px.replace(",", ".")) / Number(this.dataset["width"])) * 100}%`;
      mark.style.top = `${(Number(py.replace(",", ".")) / Number(this.dataset["height"])) * 100}%`;
      sheet.append(mark);
    });
  }
}

customElements.define("sen-georef", SenGeoref);
