// Keeps every edit: in the browser at once, on the server as soon as it answers, and over nobody else's work.
import { type Draft, type DraftStore, draftKey, isWork } from "./drafts";
import { type ConflictTimes, ServerClock, conflictTimes, othersOf } from "./edit-times";
import { equal, fingerprint } from "./fingerprint";
import { ServerError, type Trouble } from "./server";
import type { Answers, Output, SaveReply, SaveRequest, Standing } from "./types";

export type Kind = "cell" | "answers";
export type Status = "saved" | "sending" | "kept" | "not-kept" | "signed-out" | "stopped" | "refused" | "full" | "conflict";

export interface Item {
  kind: Kind;
  id: string;
  /** What the server has, as far as this window knows. */
  base: unknown;
  /** When the server had it, in the server's own seconds: an answer that is older than this tells nothing new. */
  at: number;
  /** When that was saved, in the server's own seconds; undefined if the server does not know. */
  savedAt?: number | undefined;
  /** What is on the screen. */
  value: unknown;
  /** When it was typed, in milliseconds of this device's clock. */
  typed?: number | undefined;
  /** Values that were sent and not answered: the server may have them, and they are this learner's own. */
  sent: unknown[];
  /** What the server has instead, where the same was changed in two places. */
  theirs?: unknown;
  theirsAt?: number | undefined;
  /** What this learner wrote here in other windows, which were closed before it was sent. */
  others?: unknown[];
  /** When each of those was typed, by this device's clock. */
  othersTyped?: number[];
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
  private readonly clock = new ServerClock();
  private ended = false;
  trouble: Trouble | undefined;
  /** Called with what was saved, for other windows. */
  onSaved: (kind: Kind, id: string, value: unknown, at: number) => void = () => undefined;

  constructor(
    readonly lab: string,
    readonly window: string,
    private readonly outside: Outside,
  ) {}

  /** Tell what the server has, before anything is edited. */
  know(kind: Kind, id: string, base: unknown, at = 0, savedAt?: number): void {
    this.items.set(`${kind} ${id}`, { kind, id, base, at, savedAt, value: base, sent: [] });
  }

  /** An answer tells the server's time; `asked` is when it was asked for, by this device's clock. */
  compareClocks(at: number | undefined, asked: number): void {
    if (at !== undefined) this.clock.compare(at, asked, this.outside.now());
  }

  /** When the two texts of a conflict were written. */
  timesOf(item: Item): ConflictTimes {
    return conflictTimes(item, this.clock);
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
    item.typed = this.outside.now();
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

  /**
   * Something else saved this value on the server: the kernel, or another window. False if it was changed here too.
   *
   * `at` is when the server had it. An answer that was on its way while this window saved is older than what it knows.
   */
  takeOver(kind: Kind, id: string, value: unknown, at?: number, savedAt?: number): boolean {
    const item = this.item(kind, id);
    if (!item || (at ?? item.at) < item.at) return false;
    const clean = equal(item.value, item.base) && !("theirs" in item) && !isUnanswered(item);
    if (clean || equal(item.value, value)) {
      const news = !equal(item.base, value);
      item.base = item.value = value;
      item.at = at ?? item.at;
      item.savedAt = savedAt;
      delete item.theirs;
      if (news) this.remember(item);
      this.write(item);
      this.changed();
      return true;
    }
    if (equal(item.theirs, value)) item.theirsAt = savedAt;
    return false;
  }

  /** Take up what earlier windows of this browser kept and did not send. */
  adopt(drafts: Draft[]): void {
    for (const draft of drafts) this.recall(draft);
    for (const draft of [...drafts].sort((one, other) => one.at - other.at)) {
      if (!isWork(draft.kind)) continue;
      if (draft.window !== this.window) this.push(() => this.outside.drafts.remove(draft.key));
      const item = this.item(draft.kind, draft.id);
      if (item) this.takeUp(item, draft);
      else this.keepGone(draft.kind, draft);
    }
    this.plan(0);
    this.changed();
  }

  /** A page that a service worker kept is older than what this browser knows the server to have. */
  private recall(draft: Draft): void {
    const item = draft.kind === "known" ? this.items.get(draft.id) : undefined;
    if (!item || draft.at <= item.at) return;
    item.base = item.value = draft.value;
    item.at = item.savedAt = draft.at;
  }

  private takeUp(item: Item, draft: Draft): void {
    const older = isDirty(item) ? [{ value: item.value, typed: item.typed ?? 0 }, ...othersOf(item)] : [];
    const own = [draft.value, draft.base, ...(draft.sent ?? [])];
    // Two windows were closed before either was sent: neither text was made from the other, so both are kept.
    const others = [...older, ...othersOf(draft)].filter((one) => ![...own, item.base].some((two) => equal(one.value, two)));
    item.others = others.map((one) => one.value);
    item.othersTyped = others.map((one) => one.typed);
    item.value = draft.value;
    item.typed = draft.typed;
    item.sent = [...(draft.sent ?? []), draft.value].slice(-MOST_SENT);
    delete item.theirs;
    // The server has something newer than what the draft was made to: both are shown.
    if (!own.some((one) => equal(one, item.base))) {
      item.theirs = item.base;
      item.theirsAt = item.savedAt;
      // What it was made to stays known until the learner decides, in a later window too.
      item.base = draft.base;
    }
    this.write(item);
  }

  /** The lab has no such cell any more: what was written there is kept and shown. */
  private keepGone(kind: Kind, { id, base, value }: Draft): void {
    const item: Item = { kind, id, base, value, at: 0, sent: [], gone: true };
    this.items.set(`${kind} ${id}`, item);
    this.write(item);
  }

  /** Decide between two versions: what the server has first, then what was written in another window. */
  decide(kind: Kind, id: string, mine: boolean): void {
    const item = this.item(kind, id);
    const other = item && otherOf(item);
    if (!item || other === undefined) return;
    if (!mine) item.value = other;
    item.typed = this.outside.now();
    if ("theirs" in item) {
      item.base = item.theirs;
      delete item.theirs;
    } else {
      item.others = item.others?.slice(1) ?? [];
      item.othersTyped = item.othersTyped?.slice(1) ?? [];
    }
    this.write(item);
    this.plan(0);
    this.changed();
  }

  /** Forget a text whose cell is gone: its learner does not need it. */
  drop(kind: Kind, id: string): void {
    if (!this.items.delete(`${kind} ${id}`)) return;
    const key = draftKey(this.lab, this.window, kind, id);
    this.push(() => this.outside.drafts.remove(key));
  }

  get status(): Status {
    const all = [...this.items.values()];
    if (all.some((item) => otherOf(item) !== undefined)) return "conflict";
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
    return [...this.items.values()].filter((item) => otherOf(item) !== undefined || item.gone);
  }

  watch(what: () => void): void {
    this.watchers.add(what);
  }

  onStanding(what: (found: Standing) => void): void {
    this.standings.add(what);
  }

  /** Send everything now. True if the server has it all. */
  async flush(always = false): Promise<boolean> {
    if (this.ended) return false;
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

  /** Keep and send no more: the learner signed out, and what a late answer had written would be the next person's to find. */
  end(): void {
    this.ended = true;
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
    const asked = this.outside.now();
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
      this.compareClocks(reply.at, asked);
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
    const at = reply.at ?? item.at;
    if (cell?.saved || answers?.saved) {
      item.base = value;
      item.at = item.savedAt = at;
      item.sent = [];
      this.remember(item);
      this.onSaved(item.kind, item.id, value, at);
    } else if (cell?.gone || (!cell && !answers)) {
      item.gone = true;
    } else if (answers?.too_much) {
      item.tooMuch = true;
    } else {
      const theirs = item.kind === "cell" ? (cell?.source ?? "") : (answers?.answers ?? {});
      // An answer that was lost on its way: what the server has is what this learner sent before.
      if (item.sent.some((one) => equal(one, theirs) && !equal(one, value))) {
        item.base = theirs;
        item.at = at;
      } else {
        item.theirs = theirs;
        item.theirsAt = (cell ?? answers)?.at;
      }
    }
    this.write(item);
  }

  /** Keep what the server has as well: a page that a service worker kept may be older. */
  private remember({ kind, id, base, at }: Item): void {
    const name = `${kind} ${id}`;
    const key = draftKey(this.lab, "", "known", name);
    const draft: Draft = { key, lab: this.lab, window: "", kind: "known", id: name, base: null, value: base, at };
    this.push(() => this.outside.drafts.put(draft));
  }

  private write(item: Item): void {
    const key = draftKey(this.lab, this.window, item.kind, item.id);
    const { kind, id, base, value, sent, others, othersTyped, typed } = item;
    const at = this.outside.now();
    const draft: Draft = { key, lab: this.lab, window: this.window, kind, id, base, value, sent, at };
    if (typed !== undefined) draft.typed = typed;
    if (others?.length) Object.assign(draft, { others, othersTyped });
    const keep = isDirty(item) || Boolean(item.gone);
    this.push(() => (keep ? this.outside.drafts.put(draft) : this.outside.drafts.remove(key)));
  }

  private push(what: () => Promise<void>): void {
    if (this.ended) return;
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

/** What else there is of the same text, undefined if nothing: the server's first, then that of windows closed before. */
export function otherOf(item: Item): unknown {
  return "theirs" in item ? item.theirs : item.others?.[0];
}

function isDirty(item: Item): boolean {
  return !item.gone && (!equal(item.value, item.base) || otherOf(item) !== undefined || isUnanswered(item));
}

/** Whether the server may have something that this learner sent, got no answer to, and took back since. */
function isUnanswered(item: Item): boolean {
  return item.sent.some((one) => !equal(one, item.base));
}

function isSendable(item: Item): boolean {
  return isDirty(item) && otherOf(item) === undefined && !item.tooMuch;
}
