/** Texts of the round; the page's language decides. */
import { language } from "../../../../../kernel/web/islands/lib/text";
import en from "./messages.en.json";
import vi from "./messages.vi.json";

const texts: Record<keyof typeof vi, string> = language() === "en" ? en : vi;

export function t(key: keyof typeof vi, values: Record<string, string | number> = {}): string {
  return texts[key].replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name] ?? ""));
}
