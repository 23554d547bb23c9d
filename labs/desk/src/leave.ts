// The page between "Sign out" and the end of the session: it sends, forgets, and asks only if something cannot be sent.
import { BrowserDrafts } from "./drafts";
import { fill, make } from "./dom";
import { forget, forgetPages, sendAll, signedIn, tellOpenLabs } from "./forget";
import { say, speak } from "./words";

const OPEN_LABS_MS = 700;

async function leave(place: HTMLElement): Promise<void> {
  const on = place.dataset["on"] ?? "/";
  const go = (): void => location.replace(on);
  const title = make("h1", {}, say("leave-title"));
  fill(place, title, make("p", { role: "status" }, say("leave-busy")));
  const store = await BrowserDrafts.open().catch(() => undefined);
  if (store) {
    await tellOpenLabs(OPEN_LABS_MS);
    const left = await sendAll(store, signedIn).catch(() => ["…"]);
    store.close();
    if (left.length) {
      ask(place, title, left, go);
      return;
    }
  }
  await forget().catch(() => undefined);
  go();
}

function ask(place: HTMLElement, title: HTMLElement, left: string[], go: () => void): void {
  const button = (text: string, what: () => Promise<void>): HTMLElement =>
    make("button", { type: "button", class: "plain", onclick: () => void what().catch(() => undefined).then(go) }, text);
  const again = make("button", { type: "button", class: "run", onclick: () => void leave(place) }, say("leave-again"));
  const buttons = [again, button(say("leave-keep"), forgetPages), button(say("leave-delete"), forget)];
  const told = make("p", { role: "alert" }, say("leave-left", { labs: [...new Set(left)].join(", ") }));
  fill(place, title, told, make("p", {}, say("leave-choose")), make("div", { class: "buttons" }, ...buttons));
}

const place = document.getElementById("leave");
if (place) {
  speak(document.documentElement.lang);
  void leave(place);
}
