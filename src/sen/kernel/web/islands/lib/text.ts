/** Vietnamese text: folding for search, marking of hits, numbers and dates. */

/** "Cầu Mỹ Thuận" → "cau my thuan": what people type when they leave the diacritics out. */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/đ/g, "d")
    .replace(/Đ/g, "D")
    .toLowerCase();
}

/**
 * Cuts `text` into pieces, of which those found by the words of `query` are marked.
 * Folding keeps one character per character, so positions carry over (text is NFC).
 */
export function marked(text: string, query: string): { text: string; hit: boolean }[] {
  const source = text.normalize("NFC");
  const folded = fold(source);
  const hits = new Array<boolean>(source.length).fill(false);
  if (folded.length !== source.length) return [{ text: source, hit: false }];
  for (const word of fold(query.normalize("NFC")).split(/\s+/).filter(Boolean)) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + 1)) {
      hits.fill(true, at, at + word.length);
    }
  }
  const pieces: { text: string; hit: boolean }[] = [];
  for (let i = 0; i < source.length; i += 1) {
    const last = pieces.at(-1);
    const hit = hits[i] ?? false;
    if (last && last.hit === hit) last.text += source[i] ?? "";
    else pieces.push({ text: source[i] ?? "", hit });
  }
  return pieces;
}

export function language(): "vi" | "en" {
  const root = typeof document === "undefined" ? "vi" : document.documentElement.lang;
  return root.startsWith("en") ? "en" : "vi";
}

/** 1234.5 → "1.234,5" in Vietnamese, "1,234.5" in English. */
export function number(value: number, digits = 1, lang = language()): string {
  return new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value);
}

/** Lengths read best in m below a kilometre. */
export function length(metres: number, lang = language()): string {
  return metres < 1000
    ? `${number(metres, metres < 10 ? 1 : 0, lang)} m`
    : `${number(metres / 1000, metres < 10_000 ? 2 : 1, lang)} km`;
}

/** Areas: m² below a hectare, then ha, then km². */
export function area(squareMetres: number, lang = language()): string {
  if (squareMetres < 10_000) return `${number(squareMetres, 0, lang)} m²`;
  if (squareMetres < 1_000_000) return `${number(squareMetres / 10_000, 2, lang)} ha`;
  return `${number(squareMetres / 1_000_000, 2, lang)} km²`;
}

/** How old a piece of live data is, in the words of `<sen-live>`. */
export function age(seconds: number, lang = language()): string {
  const vi = lang === "vi";
  if (seconds < 5) return vi ? "vừa xong" : "just now";
  if (seconds < 60) return vi ? `${Math.floor(seconds)} giây trước` : `${Math.floor(seconds)} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return vi ? `${minutes} phút trước` : `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return vi ? `${hours} giờ trước` : `${hours} h ago`;
}

export function bytes(size: number, lang = language()): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${number(value, unit === 0 ? 0 : 1, lang)} ${units[unit] ?? ""}`;
}
