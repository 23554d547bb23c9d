// Handing in: now if the line is there, else kept with the learner's own time and sent when it is back.
import type { DraftStore } from "./drafts";
import { fill, make } from "./dom";
import { followUp } from "./followup";
import type { Keeper } from "./keeper";
import { type Server, ServerError } from "./server";
import type { HandInReply, LabState, Outcome, Receipt, Standing } from "./types";
import { say } from "./words";

export type HandedIn = { kind: "receipt"; receipt: Receipt } | { kind: "kept"; at: string } | { kind: "waits" }
  | { kind: "refused"; message: string } | { kind: "failed" };

/** Sends work, or keeps it to be sent. */
export class HandIn {
  private running: Promise<HandedIn> | undefined;

  constructor(
    private readonly key: string,
    private readonly server: Server,
    private readonly keeper: Keeper,
    private readonly drafts: DraftStore,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Hand in. Never throws. */
  async send(): Promise<HandedIn> {
    const at = this.now().toISOString();
    if (this.running) await this.running;
    try {
      // First in the browser, then on its way: whatever happens next, it is not forgotten.
      await this.drafts.putHandIn({ lab: this.key, at });
    } catch {
      // No store in this browser: it is sent now or not at all, and the answer says which.
    }
    return this.inTurn(at, false);
  }

  /** Send what waits, if something does and the line is there. */
  async retry(): Promise<HandedIn | undefined> {
    if (this.running) return undefined;
    const waiting = await this.drafts.handIn(this.key).catch(() => undefined);
    return waiting && !this.running ? this.inTurn(waiting.at, true) : undefined;
  }

  /** Ask what became of an attempt. Throws ServerError. */
  outcome(receipt: string): Promise<Outcome> {
    return this.server.outcome(receipt);
  }

  private inTurn(at: string, late: boolean): Promise<HandedIn> {
    this.running = this.try(at, late).finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async try(at: string, late: boolean): Promise<HandedIn> {
    if (!(await this.keeper.flush())) {
      if (this.keeper.status !== "conflict") return this.waits(at);
      // No line that comes back decides for the learner which of two texts is handed in.
      await this.forget();
      return { kind: "refused", message: say("hand-in-conflict") };
    }
    let reply: HandInReply;
    try {
      reply = await this.server.handIn(at, late);
    } catch (error) {
      if (error instanceof ServerError && error.trouble === "refused") {
        await this.forget();
        return { kind: "failed" };
      }
      return this.waits(at);
    }
    await this.forget();
    if (reply.receipt) return { kind: "receipt", receipt: reply.receipt };
    return reply.waits ? { kind: "waits" } : { kind: "refused", message: reply.refusal ?? "" };
  }

  private async waits(at: string): Promise<HandedIn> {
    const kept = await this.drafts.handIn(this.key).catch(() => undefined);
    return kept ? { kind: "kept", at } : { kind: "failed" };
  }

  private async forget(): Promise<void> {
    await this.drafts.removeHandIn(this.key).catch(() => undefined);
  }
}

/** Say how handing in ended. */
export function outcome(found: HandedIn): string {
  if (found.kind === "receipt") {
    const { receipt, attempt, when, received_at } = found.receipt;
    return say("hand-in-done", { receipt, attempt, when: when ?? received_at });
  }
  if (found.kind === "kept") return say("hand-in-kept", { when: clock(found.at) });
  if (found.kind === "waits") return say("hand-in-waits");
  if (found.kind === "refused") return say("hand-in-refused", { message: found.message });
  return say("hand-in-failed");
}

function clock(at: string): string {
  const found = new Date(at);
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${two(found.getHours())}:${two(found.getMinutes())}`;
}

/** The table of parts with their states. */
export function progressTable(state: LabState, standing: Standing): HTMLElement {
  const names = { done: "state-done", begun: "state-begun", "to do": "state-to-do" } as const;
  const rows = state.pieces.map((piece, at) => {
    const found = standing.states[at] ?? "to do";
    const mark = found === "done" ? "✓ " : "";
    return make(
      "tr",
      { class: found.replace(" ", "-") },
      make("th", { scope: "row" }, `${at + 1} · ${piece.title}`),
      make("td", {}, mark + say(names[found])),
    );
  });
  return make("table", { class: "progress" }, make("tbody", {}, ...rows));
}

/** The dialog that asks once, then says how it went. */
export function handInDialog(
  state: LabState,
  standing: () => Standing,
  home: string,
  handIn: Pick<HandIn, "send" | "outcome">,
): () => void {
  const dialog = make("dialog", { class: "hand-in-dialog", "aria-labelledby": "hand-in-title" });
  document.body.append(dialog);
  const close = (): HTMLButtonElement =>
    make("button", { type: "button", class: "plain", onclick: () => dialog.close() }, say("close"));
  const title = (): HTMLElement => make("h2", { id: "hand-in-title", tabindex: -1 }, say("hand-in-title"));

  const after = (receipt: string): HTMLElement =>
    home
      ? followUp(() => handIn.outcome(receipt), () => dialog.open)
      : make("p", {}, say("hand-in-score"));

  async function go(): Promise<void> {
    const wait = make("p", { role: "status" }, say("hand-in-busy"));
    fill(dialog, title(), wait);
    dialog.querySelector("h2")?.focus();
    const found = await handIn.send();
    const more = found.kind === "receipt" && after(found.receipt.receipt);
    const back = found.kind === "receipt" && home && make("a", { class: "plain", href: home }, say("my-labs"));
    const said = make("p", { role: "status", class: found.kind === "receipt" ? "good" : "" });
    fill(dialog, title(), said, more, make("div", { class: "buttons" }, back, close()));
    said.textContent = outcome(found);
  }

  return () => {
    const now = standing();
    const empty = state.pieces
      .filter((piece) => piece.tasks.some((task) => now.empty.includes(task)))
      .map((piece) => make("p", { class: "note" }, say("words-empty", { title: piece.title })));
    const last = now.receipt && make("p", {}, say("last-receipt", { receipt: now.receipt.receipt }));
    const button = make("button", { type: "button", class: "run", onclick: () => void go() }, say("hand-in-now"));
    fill(dialog, title(), make("p", {}, say("hand-in-text")), progressTable(state, now), ...empty, last, make("div", { class: "buttons" }, button, close()));
    dialog.showModal();
  };
}
