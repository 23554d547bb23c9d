/** Return what stands for a text; `text_fingerprint` of labs/kit/desk_lab.py computes the same. */
export function fingerprint(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return `${text.length}-${(value >>> 0).toString(16).padStart(8, "0")}`;
}

/** Whether two pieces of plain data are equal; the order of keys does not count. */
export function equal(one: unknown, other: unknown): boolean {
  return ordered(one) === ordered(other);
}

function ordered(value: unknown): string {
  return JSON.stringify(value, (_, found: unknown) =>
    found && typeof found === "object" && !Array.isArray(found)
      ? Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
      : found,
  );
}
