/** Loads what the map draws with before it starts: its style sheet and both subsets of Inter. */

/** Letters of the Latin and of the Vietnamese subset: each makes the browser fetch its file. */
const SAMPLE = "AaĐđẪẫỘộƯư";

export function assetUrl(name: string): string {
  const script = document.querySelector<HTMLScriptElement>("script[data-icons]");
  const here = new URL(script?.src ?? import.meta.url);
  return new URL(`../${name}`, here).href + here.search;
}

async function styleSheet(): Promise<void> {
  const href = assetUrl("map.css");
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  await new Promise<void>((resolve, reject) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => reject(new Error(`${href} did not load`)));
    document.head.append(link);
  });
}

export async function prepareMap(): Promise<void> {
  await styleSheet();
  await Promise.all([
    document.fonts.load("400 24px Inter", SAMPLE),
    document.fonts.load('600 24px "Inter Semibold"', SAMPLE),
  ]);
}
