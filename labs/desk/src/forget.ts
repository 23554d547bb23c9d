// Signing out at a shared computer: what is kept here is sent first, and then this browser forgets it.
import { DATABASE, type Draft, type DraftStore, JOURNAL } from "./drafts";
import { equal, fingerprint } from "./fingerprint";
import { Server } from "./server";
import type { Answers, SaveReply } from "./types";

const CHANNEL = "isomo-desk leave";

/** Call `what` when somebody signs out in another tab of this browser. */
export function onLeave(what: () => void): void {
  if (typeof BroadcastChannel === "undefined") return;
  new BroadcastChannel(CHANNEL).onmessage = what;
}

/** Tell open labs that their learner leaves; each sends what it has and goes. */
export async function tellOpenLabs(wait: number): Promise<void> {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("leave");
  await new Promise((resolve) => setTimeout(resolve, wait));
  channel.close();
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
    if (draft.kind !== "local") newest.set(`${draft.kind}\n${draft.id}`, draft);
  }
  return [...newest.values()];
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
      const mine = toSend(drafts.filter((draft) => draft.lab === key));
      const taken = !mine.length || (await sent(there, mine));
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
  const { xsrf } = await new Server({ base, lab, version: "" }).state();
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
