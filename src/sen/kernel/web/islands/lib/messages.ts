/** Texts of the islands; the page's language decides. */
import en from "./messages.en.json";
import vi from "./messages.vi.json";
import { language } from "./text";

export type MessageKey = keyof typeof vi;

const texts: Record<MessageKey, string> = language() === "en" ? en : vi;

/** The text of `key`, with {names} filled in. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return texts[key].replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name] ?? ""));
}
