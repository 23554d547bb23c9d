// After handing in: the score as soon as it is returned, and the next lab of the path.
import { fill, make } from "./dom";
import type { Outcome } from "./types";
import { say } from "./words";

const WAITS = [1_500, 2_000, 3_000, 5_000, 5_000, 10_000, 10_000, 20_000, 30_000, 30_000, 60_000];

/** Return what is said of the score: nothing while the campus did not answer yet. */
export function scoreSentence(found: Outcome): string {
  if (found.score !== undefined && found.score !== null) {
    return say("score-is", { score: number(found.score), max: number(found.max_score ?? 0) });
  }
  if (found.state === "graded") return say("score-later");
  return say("score-waits");
}

/** A figure as this language writes it, with at most two digits after the point. */
export function number(value: number): string {
  return value.toLocaleString(document.documentElement.lang || "en", { maximumFractionDigits: 2 });
}

/** Whether nothing more is to come for this attempt while the dialog is open. */
export function isFinal(found: Outcome): boolean {
  return found.state === "returned";
}

/** An element that follows one attempt until its score is there, or `isOpen` says that nobody looks any more. */
export function followUp(ask: () => Promise<Outcome>, isOpen: () => boolean, wait = pause): HTMLElement {
  const score = make("p", { role: "status" }, say("score-waits"));
  const more = make("p", {});
  const next = make("p", { class: "next-lab" });
  void (async () => {
    for (const delay of WAITS) {
      await wait(delay);
      if (!isOpen()) return;
      const found = await ask().catch(() => undefined);
      if (!found) continue;
      const text = scoreSentence(found);
      if (score.textContent !== text) score.textContent = text;
      if (found.feedback && !more.childElementCount) fill(more, make("a", { href: found.feedback }, say("read-feedback")));
      if (!next.childElementCount) showNext(next, found);
      if (isFinal(found)) return;
    }
  })();
  return make("div", { class: "follow-up" }, score, more, next);
}

function showNext(place: HTMLElement, found: Outcome): void {
  if (found.next) fill(place, make("a", { class: "button", href: found.next.address }, say("next-lab", { title: found.next.title })));
  else if (found.next === null) fill(place, make("span", {}, say("path-done")));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
