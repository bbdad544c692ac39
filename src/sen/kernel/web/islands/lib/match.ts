/** What the command palette finds without asking the server. */
import { fold } from "./text";

export interface Found {
  title: string;
  subtitle?: string;
  url: string;
  icon?: string;
  kind?: string;
}

/** Pages whose title holds every word of the query, best first. */
export function matching(items: Found[], query: string, limit = 6): Found[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  return items
    .map((item) => ({ item, text: fold(item.title) }))
    .filter(({ text }) => words.every((word) => text.includes(word)))
    .sort((a, b) => rank(a.text, words) - rank(b.text, words))
    .slice(0, limit)
    .map(({ item }) => item);
}

function rank(text: string, words: string[]): number {
  return text.startsWith(words[0] ?? "") ? 0 : 1;
}
