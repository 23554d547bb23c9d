// The page between "Sign out" and the end of the session: it sends, forgets, and asks only if something cannot be sent.
import { askToKeep, clearSite } from "./clear-site";
import { BrowserDrafts } from "./drafts";
import { fill, make } from "./dom";
import { closeOpenLabs, forget, forgetPages, sendBeforeLeaving, signedIn } from "./forget";
import { say, speak } from "./words";

const ANSWER_MS = 700;
const SEND_MS = 5_000;

async function leave(place: HTMLElement): Promise<void> {
  const on = place.dataset["on"] ?? "/";
  const go = (): void => location.replace(on);
  const title = make("h1", {}, say("leave-title"));
  fill(place, title, make("p", { role: "status" }, say("leave-busy")));
  const left = await sendBeforeLeaving(() => BrowserDrafts.open(), signedIn, ANSWER_MS, SEND_MS);
  if (left.length) {
    ask(place, title, left, go);
    return;
  }
  // A lab whose own request hangs on a half-open line was sent from this browser's store: it goes too.
  await forgetAll().catch(() => undefined);
  go();
}

function ask(place: HTMLElement, title: HTMLElement, left: string[], go: () => void): void {
  const keep = (): void => location.replace(place.dataset["keep"] ?? "/");
  const button = (text: string, what: () => Promise<void>, then: () => void): HTMLElement =>
    make("button", { type: "button", class: "plain", onclick: () => void what().catch(() => undefined).then(then) }, text);
  const again = make("button", { type: "button", class: "run", onclick: () => void leave(place) }, say("leave-again"));
  const buttons = [again, button(say("leave-keep"), forgetPages, keep), button(say("leave-delete"), forgetAll, go)];
  const told = make("p", { role: "alert" }, say("leave-left", { labs: [...new Set(left)].join(", ") }));
  fill(place, title, told, make("p", {}, say("leave-choose")), make("div", { class: "buttons" }, ...buttons));
}

async function forgetAll(): Promise<void> {
  closeOpenLabs();
  await forget();
}

speak(document.documentElement.lang);
const place = document.getElementById("leave");
if (place) void leave(place);
const last = document.getElementById("clear-site");
if (last?.dataset["keep"]) askToKeep(last);
else if (last) void clearSite(last);
