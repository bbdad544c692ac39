/** The list's filter as a query for tiles. */

/** Parameters of a list that say how it is shown, not what it shows. */
const PRESENTATION = new Set(["after", "before", "sort", "cols", "size", "view", "partial", "page"]);

/** `?q=cau&sort=name` of register assets.bridges → `ids-of=assets.bridges&q=cau`; "" for no filter. */
export function filterQuery(register: string, search: string): string {
  const kept = [...new URLSearchParams(search)].filter(([name, value]) => value && !PRESENTATION.has(name));
  if (kept.length === 0) return "";
  return new URLSearchParams([["ids-of", register], ...kept]).toString();
}
