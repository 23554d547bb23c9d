// Keeps every edit: in the browser at once, on the server as soon as it answers, and over nobody else's work.
import { type Draft, type DraftStore, draftKey } from "./drafts";
import { equal, fingerprint } from "./fingerprint";
import { ServerError, type Trouble } from "./server";
import type { Answers, Output, SaveReply, SaveRequest, Standing } from "./types";

export type Kind = "cell" | "answers";
export type Status = "saved" | "sending" | "kept" | "not-kept" | "signed-out" | "stopped" | "refused" | "conflict";

export interface Item {
  kind: Kind;
  id: string;
  /** What the server has, as far as this window knows. */
  base: unknown;
  /** What is on the screen. */
  value: unknown;
  /** Values that were sent and not answered: the server may have them, and they are this learner's own. */
  sent: unknown[];
  /** What the server has instead, where the same was changed in two places. */
  theirs?: unknown;
  gone?: boolean;
  tooMuch?: boolean;
}

export interface Outside {
  send(changes: SaveRequest): Promise<SaveReply>;
  drafts: DraftStore;
  now(): number;
  later(what: () => void, milliseconds: number): unknown;
}

const PAUSE = 400;
const MOST_SENT = 20;
const WAITS = [2_000, 4_000, 8_000, 15_000, 30_000];

/** All edits of one lab in one window. */
export class Keeper {
  private readonly items = new Map<string, Item>();
  private readonly outputs = new Map<string, SaveRequest["outputs"][number]>();
  private readonly watchers = new Set<() => void>();
  private readonly standings = new Set<(found: Standing) => void>();
  private running: Promise<void> | undefined;
  private planned = false;
  private misses = 0;
  private writes: Promise<unknown> = Promise.resolve();
  private unwritten = 0;
  private browserFails = false;
  trouble: Trouble | undefined;
  /** Called with what was saved, for other windows. */
  onSaved: (kind: Kind, id: string, value: unknown) => void = () => undefined;

  constructor(
    readonly lab: string,
    readonly window: string,
    private readonly outside: Outside,
  ) {}

  /** Tell what the server has, before anything is edited. */
  know(kind: Kind, id: string, base: unknown): void {
    this.items.set(`${kind} ${id}`, { kind, id, base, value: base, sent: [] });
  }

  item(kind: Kind, id: string): Item | undefined {
    return this.items.get(`${kind} ${id}`);
  }

  value(kind: Kind, id: string): unknown {
    return this.item(kind, id)?.value;
  }

  /** An edit: it is in the browser's store before the next line runs to its end, and is sent after a short pause. */
  edit(kind: Kind, id: string, value: unknown): void {
    const item = this.item(kind, id);
    if (!item || equal(item.value, value)) return;
    item.value = value;
    item.tooMuch = false;
    this.write(item);
    this.plan(PAUSE);
    this.changed();
  }

  /** Keep a cell's outputs on the server, with the next changes; running the cell makes them again. */
  keepOutputs(id: string, outputs: Output[], count: number | null): void {
    this.outputs.set(id, { id, outputs, count });
    this.plan(PAUSE);
  }

  /** Something else saved this value on the server: the kernel, or another window. False if it was changed here too. */
  takeOver(kind: Kind, id: string, value: unknown): boolean {
    const item = this.item(kind, id);
    if (!item) return false;
    const clean = equal(item.value, item.base);
    if (clean || equal(item.value, value)) {
      item.base = item.value = value;
      delete item.theirs;
      this.write(item);
      this.changed();
      return true;
    }
    return false;
  }

  /** Take up what earlier windows of this browser kept and did not send. */
  adopt(drafts: Draft[]): void {
    for (const draft of [...drafts].sort((one, other) => one.at - other.at)) {
      if (draft.kind === "local") continue;
      const item = this.item(draft.kind, draft.id);
      if (draft.window !== this.window) this.push(() => this.outside.drafts.remove(draft.key));
      if (!item) {
        const { kind, id, base, value } = draft;
        this.items.set(`${kind} ${id}`, { kind, id, base, value, sent: [], gone: true });
        continue;
      }
      if (equal(draft.value, item.base)) continue;
      item.value = draft.value;
      item.sent = draft.sent ?? [];
      // The server has something newer than what the draft was made to: both are shown.
      if (![draft.base, ...item.sent].some((one) => equal(one, item.base))) item.theirs = item.base;
      this.write(item);
    }
    this.plan(0);
    this.changed();
  }

  /** Decide between two versions. */
  decide(kind: Kind, id: string, mine: boolean): void {
    const item = this.item(kind, id);
    if (!item || !("theirs" in item)) return;
    item.base = item.theirs;
    if (!mine) item.value = item.theirs;
    delete item.theirs;
    this.write(item);
    this.plan(0);
    this.changed();
  }

  get status(): Status {
    const all = [...this.items.values()];
    if (all.some((item) => "theirs" in item)) return "conflict";
    if (!all.some(isDirty) && !this.running) return "saved";
    if (this.browserFails && this.trouble) return "not-kept";
    if (this.trouble && this.trouble !== "away") return this.trouble;
    return this.trouble ? "kept" : "sending";
  }

  /** Whether edits go to a store that outlives this window, as far as its last answer tells. */
  get stored(): boolean {
    return this.outside.drafts.lasting && !this.browserFails;
  }

  get dirty(): Item[] {
    return [...this.items.values()].filter(isDirty);
  }

  get conflicts(): Item[] {
    return [...this.items.values()].filter((item) => "theirs" in item || item.gone);
  }

  watch(what: () => void): void {
    this.watchers.add(what);
  }

  onStanding(what: (found: Standing) => void): void {
    this.standings.add(what);
  }

  /** Send everything now. True if the server has it all. */
  async flush(always = false): Promise<boolean> {
    for (let round = 0; round < 5; round += 1) {
      if (this.running) await this.running;
      if (!always && !this.dirty.some(isSendable) && !this.outputs.size) break;
      always = false;
      this.running = this.round();
      await this.running;
      if (this.trouble) break;
    }
    return !this.trouble && !this.dirty.length;
  }

  /** Wait until all edits so far are in the browser's store. */
  async written(): Promise<void> {
    await this.writes;
  }

  /** Try again at once, because the line may be back. */
  retry(): void {
    this.misses = 0;
    this.plan(0);
  }

  private plan(wait: number): void {
    if (this.planned && wait > 0) return;
    this.planned = true;
    this.outside.later(() => {
      this.planned = false;
      void this.flush();
    }, wait);
  }

  private async round(): Promise<void> {
    const sent = this.dirty.filter(isSendable).map((item) => ({ item, value: item.value }));
    const outputs = [...this.outputs.values()];
    for (const { item, value } of sent) {
      if (!item.sent.some((one) => equal(one, value))) item.sent = [...item.sent, value].slice(-MOST_SENT);
      this.write(item);
    }
    this.changed();
    try {
      const reply = await this.outside.send({
        cells: sent
          .filter(({ item }) => item.kind === "cell")
          .map(({ item, value }) => ({
            id: item.id,
            source: String(value),
            base: fingerprint(String(item.base)),
          })),
        answers: sent
          .filter(({ item }) => item.kind === "answers")
          .map(({ item, value }) => ({ task: item.id, answers: value as Answers, base: item.base as Answers })),
        outputs,
      });
      this.trouble = undefined;
      this.misses = 0;
      for (const one of outputs) if (this.outputs.get(one.id) === one) this.outputs.delete(one.id);
      for (const { item, value } of sent) this.settle(item, value, reply);
      for (const tell of this.standings) tell(reply);
    } catch (error) {
      this.trouble = error instanceof ServerError ? error.trouble : "away";
      this.plan(WAITS[Math.min(this.misses, WAITS.length - 1)] ?? 30_000);
      this.misses += 1;
    } finally {
      this.running = undefined;
      this.changed();
    }
  }

  private settle(item: Item, value: unknown, reply: SaveReply): void {
    const cell = item.kind === "cell" ? reply.cells[item.id] : undefined;
    const answers = item.kind === "answers" ? reply.answers[item.id] : undefined;
    if (cell?.saved || answers?.saved) {
      item.base = value;
      item.sent = [];
      this.onSaved(item.kind, item.id, value);
    } else if (cell?.gone || (!cell && !answers)) {
      item.gone = true;
    } else if (answers?.too_much) {
      item.tooMuch = true;
    } else {
      const theirs = item.kind === "cell" ? (cell?.source ?? "") : (answers?.answers ?? {});
      // An answer that was lost on its way: what the server has is what this learner sent before.
      if (item.sent.some((one) => equal(one, theirs) && !equal(one, value))) item.base = theirs;
      else item.theirs = theirs;
    }
    this.write(item);
  }

  private write(item: Item): void {
    const key = draftKey(this.lab, this.window, item.kind, item.id);
    const { kind, id, base, value, sent } = item;
    const at = this.outside.now();
    const draft: Draft = { key, lab: this.lab, window: this.window, kind, id, base, value, sent, at };
    const keep = isDirty(item);
    this.push(() => (keep ? this.outside.drafts.put(draft) : this.outside.drafts.remove(key)));
  }

  private push(what: () => Promise<void>): void {
    this.unwritten += 1;
    const done = what().then(
      () => {
        this.browserFails = false;
      },
      () => {
        this.browserFails = true;
      },
    );
    this.writes = Promise.all([this.writes, done]).then(() => {
      this.unwritten -= 1;
      this.changed();
    });
  }

  private changed(): void {
    for (const tell of this.watchers) tell();
  }
}

function isDirty(item: Item): boolean {
  return !equal(item.value, item.base) || "theirs" in item;
}

function isSendable(item: Item): boolean {
  return !equal(item.value, item.base) && !("theirs" in item) && !item.gone && !item.tooMuch;
}
