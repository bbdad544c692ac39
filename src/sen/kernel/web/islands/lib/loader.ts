/**
 * Loads islands when their element stands in the page: `<sen-map>` → `islands/sen-map.js`.
 * So a domain adds an element by adding a file of that name; no list is kept anywhere.
 */
const asked = new Set<string>();

function load(element: Element): void {
  const tag = element.localName;
  if (!tag.startsWith("sen-") || asked.has(tag) || customElements.get(tag)) return;
  asked.add(tag);
  const here = new URL(import.meta.url);
  // Code may have been split into chunks/: the islands lie beside app.js.
  const base = here.pathname.replace(/islands\/.*$/, "islands/");
  import(`${base}${tag}.js${version()}`).catch((error: unknown) => {
    asked.delete(tag);
    console.error(`Island ${tag} did not load`, error);
  });
}

function version(): string {
  const script = document.querySelector<HTMLScriptElement>("script[data-icons]");
  return script ? new URL(script.src).search : "";
}

function scan(root: ParentNode): void {
  for (const element of root.querySelectorAll(":not(:defined)")) load(element);
}

export function loadIslands(): void {
  scan(document);
  new MutationObserver((records) => {
    for (const record of records) {
      for (const node of record.addedNodes) {
        if (node instanceof Element) {
          load(node);
          scan(node);
        }
      }
    }
  }).observe(document.body, { childList: true, subtree: true });
}
