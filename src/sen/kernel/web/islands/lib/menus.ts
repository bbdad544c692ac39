/** <details class="menu"> closes on Escape and on a click elsewhere; dialogs open and close. */

function closeMenus(except: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

function onKey(event: KeyboardEvent): void {
  const menu = (event.target as Element).closest?.<HTMLDetailsElement>("details.menu[open]");
  if (!menu) return;
  const items = [
    ...menu.querySelectorAll<HTMLElement>(
      ".menu-pop a[href], .menu-pop button:not([disabled]), .menu-pop input",
    ),
  ];
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const step = event.key === "ArrowDown" ? 1 : -1;
    items[(at + step + items.length) % items.length]?.focus();
  }
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  closeMenus(target.closest("details.menu"));
  const opener = target.closest<HTMLElement>("[data-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset["open"] ?? "");
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
  }
  if (target.closest("[data-close]")) target.closest("dialog")?.close();
  // A click on the backdrop hits the dialog itself, outside its box.
  if (target instanceof HTMLDialogElement && target.open) {
    const box = target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left &&
      event.clientX <= box.right &&
      event.clientY >= box.top &&
      event.clientY <= box.bottom;
    if (!inside && event.detail > 0) target.close();
  }
  if (target.closest(".menu-pop a, .menu-pop button[data-menu-close]")) closeMenus(null);
}

export function watchMenus(): void {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
}
