// A server, a line and windows in this process, for tests of what happens between them.
import { type Draft, isWork } from "../src/drafts";
import { equal, fingerprint } from "../src/fingerprint";
import { Keeper } from "../src/keeper";
import { MemoryDrafts } from "../src/memory";
import { ServerError } from "../src/server";
import type { SaveReply, SaveRequest } from "../src/types";

const STANDING = { states: [], checks: {}, empty: [], news: [], receipt: null, waiting: false };

/** What a page knows of the server, and since when. */
export interface PageState {
  at: number;
  cells: Record<string, string>;
  answers: Record<string, Record<string, unknown>>;
}

/** A server in this process, with a line that can be cut before or after it took what was sent. */
export class FakeServer {
  cells: Record<string, string> = { c: "bar = None" };
  answers: Record<string, Record<string, unknown>> = { w: { words: "" } };
  line: "open" | "cut" | "answer lost" = "open";
  /** The server's clock, which goes on with each answer. */
  at = 1;

  /** What a page is made of. */
  state(): PageState {
    this.at += 1;
    return { at: this.at, cells: { ...this.cells }, answers: { ...this.answers } };
  }

  async save(request: SaveRequest): Promise<SaveReply> {
    await Promise.resolve();
    if (this.line === "cut") throw new ServerError("away");
    const reply: SaveReply = { ...STANDING, cells: {}, answers: {} };
    for (const one of request.cells) {
      const there = this.cells[one.id] ?? "";
      if (there !== one.source && one.base !== fingerprint(there)) {
        reply.cells[one.id] = { saved: false, source: there };
      } else {
        this.cells[one.id] = one.source;
        reply.cells[one.id] = { saved: true };
      }
    }
    for (const one of request.answers) {
      const there = this.answers[one.task] ?? {};
      if (!equal(there, one.answers) && !equal(there, one.base)) {
        reply.answers[one.task] = { saved: false, answers: there };
      } else {
        this.answers[one.task] = one.answers;
        reply.answers[one.task] = { saved: true };
      }
    }
    this.at += 1;
    reply.at = this.at;
    if (this.line === "answer lost") throw new ServerError("away");
    return reply;
  }
}

/** A window: after it was closed nothing of it goes on, though the server may still take what was on its way. */
export class Window {
  closed = false;

  constructor(
    private readonly server: FakeServer,
    private readonly drafts: MemoryDrafts,
  ) {}

  async send(changes: SaveRequest): Promise<SaveReply> {
    try {
      const reply = await this.server.save(changes);
      return this.closed ? await new Promise<never>(() => undefined) : reply;
    } catch (error) {
      if (this.closed) await new Promise<never>(() => undefined);
      throw error;
    }
  }

  store(): MemoryDrafts {
    const own = Object.create(this.drafts) as MemoryDrafts;
    own.put = async (draft) => (this.closed ? undefined : this.drafts.put(draft));
    own.remove = async (key) => (this.closed ? undefined : this.drafts.remove(key));
    return own;
  }
}

/** What is kept to be sent; what the server is known to have is kept as well. */
export function work(drafts: MemoryDrafts): Draft[] {
  return [...drafts.drafts.values()].filter((draft) => isWork(draft.kind));
}

let clock = 0;

/** Open a window with what earlier ones left, on a page that may be older than the server. */
export function open(
  server: FakeServer,
  drafts: MemoryDrafts,
  name: string,
  left: Draft[] = [],
  at?: Window,
  page = server.state(),
): Keeper {
  const window = at ?? new Window(server, drafts);
  const made = new Keeper("lab", name, {
    send: (changes) => window.send(changes),
    drafts: window.store(),
    now: () => (clock += 1),
    later: () => undefined,
  });
  for (const [id, text] of Object.entries(page.cells)) made.know("cell", id, text, page.at);
  for (const [id, text] of Object.entries(page.answers)) made.know("answers", id, text, page.at);
  made.adopt(left);
  return made;
}

/** Numbers that look random and are the same in each run. */
export function dice(seed: number): (sides: number) => number {
  let state = seed * 2654435761 + 1;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0;
    return state % sides;
  };
}
