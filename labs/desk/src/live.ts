// The live class: a trainer's messages appear here, and the learner reads what is reported and can switch it off.
import { fill, make } from "./dom";
import type { Server } from "./server";
import type { LiveReply, LiveSent } from "./types";
import { WhileUsed } from "./while-used";
import { say } from "./words";

const FIRST = 1_500;
const LATER = 120_000;
const CHOICE = "live-choice-button";

/** The trainer's messages, and the line about what is reported. */
export class Live {
  /** Never hidden: a screen reader tells of what appears in a region that was there before. */
  readonly messages = make("div", { class: "live-messages", role: "status" });
  readonly choice = make("footer", { class: "live-choice", hidden: true });
  private shown = "";
  private readonly asking = new WhileUsed(() => this.take(this.server.live()), FIRST);

  constructor(private readonly server: Server) {}

  /** Begin to ask, while somebody works on this page. */
  begin(): void {
    this.asking.begin();
  }

  /** Ask no more: the learner signed out. */
  end(): void {
    this.asking.end();
  }

  private async send(what: LiveSent): Promise<void> {
    this.asking.again(await this.take(this.server.tellLive(what)));
  }

  /** Show what was answered; return after how many milliseconds to ask next. */
  private async take(asked: Promise<LiveReply>): Promise<number> {
    const found = await asked.catch(() => undefined);
    if (!found?.known) return LATER;
    this.draw(found);
    return found.next_seconds * 1000;
  }

  private draw(found: LiveReply): void {
    // Drawn again only if something changed: a screen reader reads a message once, and the focus stays.
    const now = JSON.stringify([found.reported, found.messages]);
    if (now === this.shown) return;
    this.shown = now;
    const focused = focusedButton();
    fill(
      this.messages,
      ...found.messages.map((one) =>
        make(
          "div",
          { class: "banner" },
          make("span", {}, make("strong", {}, say("trainer-writes", { name: one.name || say("your-trainer") })), " ", one.text),
          make(
            "button",
            { type: "button", id: `read-${one.number}`, onclick: () => void this.send({ read: one.number }) },
            say("have-read"),
          ),
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
      make(
        "button",
        { type: "button", class: "plain", id: CHOICE, onclick: () => void this.send({ reported: !found.reported }) },
        act,
      ),
    );
    if (focused) giveFocus(focused, this.messages);
  }
}

/** The id of a button of ours that has the focus. */
function focusedButton(): string | undefined {
  const id = document.activeElement?.id ?? "";
  return id === CHOICE || /^read-\d+$/.test(id) ? id : undefined;
}

/** Give the focus to the same button, else to the next message's, else to the lab: a keyboard goes on from there. */
function giveFocus(id: string, messages: HTMLElement): void {
  const next = document.getElementById(id) ?? messages.querySelector("button") ?? document.getElementById("lab");
  next?.focus({ preventScroll: true });
}
