// The desk's own sentences: one catalogue per language; what has no translation stays in English.
import en from "./words/en.json";
import fr from "./words/fr.json";

export type Key = keyof typeof en;
const CATALOGUES: Record<string, Partial<Record<Key, string>>> = { en, fr };
let language = "en";

/** Speak this language from now on. */
export function speak(code: string): void {
  language = code;
}

/** Return the sentence `key`, its facts filled in. */
export function say(key: Key, facts: Record<string, string | number> = {}): string {
  const text = CATALOGUES[language]?.[key] ?? en[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}
