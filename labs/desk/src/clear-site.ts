// The last step of signing out, at the campus' own origin: the browser is told to clear the learners' origin.
import { fill, make } from "./dom";
import { say } from "./words";

const PATIENCE_MS = 2_000;

/**
 * Clear everything that this browser keeps for the learners' origin, then go on to signing out.
 *
 * A worker that a hostile page registered there answers for all pages of its origin, but not for a request that a page
 * of another origin makes. Cookies go along, or the browser would not obey the answer.
 */
export async function clearSite(place: HTMLElement): Promise<void> {
  await fetch(place.dataset["forget"] ?? "", {
    method: "POST",
    mode: "no-cors",
    credentials: "include",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => undefined);
  location.replace(place.dataset["on"] ?? "/");
}

/** Ask whether work may stay: only here can nobody else's page answer for the learner. */
export function askToKeep(place: HTMLElement): void {
  const on = place.dataset["on"] ?? "/";
  const keep = make("a", { class: "button", href: on }, say("leave-keep"));
  const clear = make("button", { type: "button", class: "plain", onclick: () => void clearSite(place) }, say("leave-delete"));
  const told = make("p", { role: "alert" }, say("leave-confirm"));
  fill(place, make("h1", {}, say("leave-title")), told, make("div", { class: "buttons" }, keep, clear));
}
