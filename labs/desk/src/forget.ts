// Signing out at a shared computer: what is kept here is sent first, and then this browser forgets it.
import { DATABASE, type Draft, type DraftStore, JOURNAL, isWork, journalledLabs } from "./drafts";
import { equal, fingerprint } from "./fingerprint";
import { Server } from "./server";
import type { Answers, SaveReply } from "./types";

const CHANNEL = "isomo-desk leave";
/** Shown for a lab whose name cannot be read. */
const UNKNOWN_LAB = "…";

/** What the page that signs out and open labs say to each other. */
interface Note {
  what: "leave" | "here" | "gone" | "delete";
  from: string;
  lab: string;
  /** Whether this browser's store has all of the window's work: then the page that signs out can send it too. */
  stored: boolean;
}

/** An open lab, as far as signing out in another tab concerns it. */
export interface OpenLab {
  readonly lab: string;
  readonly window: string;
  stored(): boolean;
  /** Send everything; true if the server has it. */
  send(): Promise<boolean>;
  /** Show nothing of the lab any more. */
  go(): void;
}

/** When somebody signs out in another tab of this browser: send, then go. A lab with work that is nowhere else stays. */
export function onLeave(open: OpenLab): void {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(CHANNEL);
  const tell = (what: Note["what"]): void =>
    channel.postMessage({ what, from: open.window, lab: open.lab, stored: open.stored() } satisfies Note);
  let left = false;
  const go = (): void => {
    left = true;
    channel.close();
    open.go();
  };
  const leave = async (): Promise<void> => {
    tell("here");
    const sent = await open.send().catch(() => false);
    if (left || (!sent && !open.stored())) return;
    tell("gone");
    go();
  };
  channel.onmessage = ({ data }: MessageEvent<Note>) => {
    if (data.what === "leave") void leave();
    if (data.what === "delete") go();
  };
}

/**
 * Tell open labs that their learner leaves; return the labs whose work did not reach the server and is in no store.
 *
 * Labs have `answer` milliseconds to say that they are there; those that did have `send` more to send.
 */
export async function tellOpenLabs(answer: number, send: number): Promise<string[]> {
  if (typeof BroadcastChannel === "undefined") return [];
  const channel = new BroadcastChannel(CHANNEL);
  const there = new Map<string, Note>();
  let allGone: () => void = () => undefined;
  channel.onmessage = ({ data }: MessageEvent<Note>) => {
    if (data.what === "here") there.set(data.from, data);
    if (data.what === "gone") there.delete(data.from);
    if (!there.size) allGone();
  };
  channel.postMessage({ what: "leave", from: "", lab: "", stored: true } satisfies Note);
  await new Promise<void>((resolve) => setTimeout(resolve, answer));
  if (there.size) {
    await new Promise<void>((resolve) => {
      allGone = resolve;
      setTimeout(resolve, send);
    });
  }
  channel.close();
  return [...there.values()].filter((one) => !one.stored).map((one) => labOf(one.lab).lab);
}

/** Tell open labs to go with what they have: their learner chose to delete it. */
export function closeOpenLabs(): void {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ what: "delete", from: "", lab: "", stored: true } satisfies Note);
  channel.close();
}

/** Send what open labs and this browser have; return the labs of which something may not have arrived. */
export async function sendBeforeLeaving(
  open: () => Promise<DraftStore & { close(): void }>,
  server: Parameters<typeof sendAll>[1],
  answer: number,
  send: number,
): Promise<string[]> {
  // First the open labs: they show their learner's work whether or not this browser has a store.
  const unsent = await tellOpenLabs(answer, send);
  const store = await open().catch(() => undefined);
  if (!store) return [...unsent, ...(await labsInClosedStore())];
  const left = await sendAll(store, server).catch(() => [UNKNOWN_LAB]);
  store.close();
  return [...unsent, ...left];
}

/** Of a store that does not open: labs in its journal; an unknown one if only its database is there. */
export async function labsInClosedStore(): Promise<string[]> {
  const labs = journalledLabs().map((key) => labOf(key).lab);
  if (labs.length) return [...new Set(labs)];
  try {
    return (await indexedDB.databases()).some((one) => one.name === DATABASE) ? [UNKNOWN_LAB] : [];
  } catch {
    return [];
  }
}

/** A lab's key is its server's base and its name, as main.ts makes it. */
export function labOf(key: string): { base: string; lab: string } {
  const found = /^(.*\/)([^/]+)$/.exec(key);
  return { base: found?.[1] ?? "/", lab: found?.[2] ?? key };
}

/** Of drafts of the same text in several windows, the newest is sent; a choice that was not given yet is no answer. */
export function toSend(drafts: Draft[]): Draft[] {
  const newest = new Map<string, Draft>();
  for (const draft of [...drafts].sort((one, other) => one.at - other.at)) {
    if (isWork(draft.kind)) newest.set(`${draft.kind}\n${draft.id}`, draft);
  }
  return [...newest.values()];
}

/** Whether one text has two unsent versions, neither made from the other: only its learner can choose. */
export function areApart(drafts: Draft[]): boolean {
  return toSend(drafts).some((newest) => {
    const own = [newest.value, newest.base, ...(newest.sent ?? [])];
    const same = drafts.filter(({ kind, id }) => kind === newest.kind && id === newest.id);
    const others = same.flatMap((draft) => [draft.value, ...(draft.others ?? [])]);
    return others.some((other) => !own.some((one) => equal(one, other)));
  });
}

/** Send all that this browser keeps; return the labs of which something did not arrive. */
export async function sendAll(
  store: DraftStore,
  server: (base: string, lab: string) => Promise<Pick<Server, "save" | "handIn">>,
): Promise<string[]> {
  const drafts = await store.all();
  const waiting = await store.allHandIns();
  const left: string[] = [];
  const keys = new Set([...toSend(drafts), ...waiting].map((one) => one.lab));
  for (const key of keys) {
    const { base, lab } = labOf(key);
    try {
      const there = await server(base, lab);
      const here = drafts.filter((draft) => draft.lab === key);
      const mine = toSend(here);
      const taken = !mine.length || (!areApart(here) && (await sent(there, mine)));
      if (taken) for (const draft of drafts) if (draft.lab === key) await store.remove(draft.key);
      const pressed = waiting.find((one) => one.lab === key);
      if (taken && pressed) {
        const reply = await there.handIn(pressed.at, true);
        if (reply.receipt || reply.waits) await store.removeHandIn(key);
        else left.push(lab);
      }
      if (!taken) left.push(lab);
    } catch {
      left.push(lab);
    }
  }
  return left;
}

/** Send drafts; once more if what the server has is what this learner sent before, and its answer was lost. */
async function sent(server: Pick<Server, "save">, drafts: Draft[]): Promise<boolean> {
  const reply = await server.save(changes(drafts));
  if (wasTaken(reply, drafts)) return true;
  const again = drafts.map((draft) => {
    const theirs = draft.kind === "cell" ? reply.cells[draft.id]?.source : reply.answers[draft.id]?.answers;
    return theirs !== undefined && draft.sent?.some((one) => equal(one, theirs)) ? { ...draft, base: theirs } : draft;
  });
  return wasTaken(await server.save(changes(again)), again);
}

function changes(drafts: Draft[]): Parameters<Server["save"]>[0] {
  const of = (kind: Draft["kind"]): Draft[] => drafts.filter((draft) => draft.kind === kind);
  return {
    cells: of("cell").map(({ id, value, base }) => ({ id, source: String(value), base: fingerprint(String(base)) })),
    answers: of("answers").map(({ id, value, base }) => ({ task: id, answers: value as Answers, base: base as Answers })),
    outputs: [],
  };
}

function wasTaken(reply: SaveReply, drafts: Draft[]): boolean {
  return drafts.every(({ kind, id }) => (kind === "cell" ? reply.cells[id] : reply.answers[id])?.saved);
}

/** Return a lab's server, with the key that it asks of each change. Throws ServerError. */
export async function signedIn(base: string, lab: string): Promise<Server> {
  // The key is in a cookie of the server's own path, which this page cannot read. JupyterHub asks a key of each request that
  // a script makes, but for this mode, and an answer of one's own origin can be read in it.
  const { xsrf } = await new Server({ base, lab, version: "" }).state("no-cors");
  return new Server({ base, lab, version: "" }, xsrf);
}

/** Forget everything of every learner in this browser; a browser without one kind of store still forgets the others. */
export async function forget(): Promise<void> {
  for (const kept of ["localStorage", "sessionStorage"] as const) await tried(async () => forgetTexts(globalThis[kept]));
  await tried(
    () =>
      new Promise<void>((resolve) => {
        const asked = indexedDB.deleteDatabase(DATABASE);
        asked.onsuccess = asked.onerror = asked.onblocked = () => resolve();
      }),
  );
  await forgetPages();
}

function forgetTexts(kept: Storage): void {
  for (const name of Object.keys(kept)) if (name.startsWith("isomo-desk") || name.startsWith(JOURNAL)) kept.removeItem(name);
}

/**
 * Forget every page that a service worker kept, and every worker of this origin.
 *
 * All learners' servers share the origin: the next person must not meet a worker that somebody's server registered for
 * all paths, so names and scopes do not matter here.
 */
export async function forgetPages(): Promise<void> {
  if ("serviceWorker" in navigator) {
    const workers = await navigator.serviceWorker.getRegistrations().catch(() => []);
    await Promise.allSettled(workers.map((one) => one.unregister()));
  }
  if ("caches" in globalThis) {
    const names = await caches.keys().catch(() => []);
    await Promise.allSettled(names.map((name) => caches.delete(name)));
  }
}

/** Do a step; one that this browser refuses does not keep the next from being done. */
async function tried(step: () => Promise<void>): Promise<void> {
  await step().catch(() => undefined);
}
