// The live class: a trainer's messages appear here, and the learner reads what is reported and can switch it off.
import { fill, make } from "./dom";
import type { Server } from "./server";
import type { LiveReply, LiveSent } from "./types";
import { say } from "./words";

const FIRST = 1_500;
const LATER = 120_000;
const MOST_STILL = 30 * 60_000;

/** The trainer's messages, and the line about what is reported. */
export class Live {
  readonly messages = make("div", { class: "live-messages", role: "status", hidden: true });
  readonly choice = make("footer", { class: "live-choice", hidden: true });
  private shown = "";
  private touched = Date.now();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly server: Server) {}

  /** Begin to ask, while somebody works on this page. */
  begin(): void {
    for (const sign of ["pointerdown", "keydown", "scroll"]) {
      addEventListener(sign, () => this.touch(), { passive: true, capture: true });
    }
    document.addEventListener("visibilitychange", () => this.touch());
    this.again(FIRST);
  }

  /** A page that nobody touched for long asks no more, or its server would never rest. */
  private touch(): void {
    const rested = Date.now() - this.touched > MOST_STILL;
    this.touched = Date.now();
    if (rested || (document.visibilityState === "visible" && this.timer === undefined)) this.again(FIRST);
  }

  private again(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  private async ask(): Promise<void> {
    this.timer = undefined;
    if (document.visibilityState === "hidden" || Date.now() - this.touched > MOST_STILL) return;
    await this.take(this.server.live());
  }

  private async send(what: LiveSent): Promise<void> {
    await this.take(this.server.tellLive(what));
  }

  private async take(asked: Promise<LiveReply>): Promise<void> {
    const found = await asked.catch(() => undefined);
    if (found?.known) this.draw(found);
    this.again(found?.known ? found.next_seconds * 1000 : LATER);
  }

  private draw(found: LiveReply): void {
    // Drawn again only if something changed: a screen reader reads a message once, and the focus stays.
    const now = JSON.stringify([found.reported, found.messages]);
    if (now === this.shown) return;
    this.shown = now;
    this.messages.hidden = !found.messages.length;
    fill(
      this.messages,
      ...found.messages.map((one) =>
        make(
          "div",
          { class: "banner" },
          make("span", {}, make("strong", {}, say("trainer-writes", { name: one.name || say("your-trainer") })), " ", one.text),
          make("button", { type: "button", onclick: () => void this.send({ read: one.number }) }, say("have-read")),
        ),
      ),
    );
    const text = say(found.reported ? "live-reported" : "live-not-reported");
    const act = say(found.reported ? "live-stop" : "live-again");
    this.choice.hidden = false;
    fill(
      this.choice,
      text,
      " ",
      make("button", { type: "button", class: "plain", onclick: () => void this.send({ reported: !found.reported }) }, act),
    );
  }
}
