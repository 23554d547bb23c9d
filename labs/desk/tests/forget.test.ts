// Signing out at a shared computer: what is kept is sent, and what could not be sent is named.
import { afterEach, expect, test, vi } from "vitest";
import { type Draft, draftKey, JOURNAL } from "../src/drafts";
import { closeOpenLabs, forget, forgetPages, labOf, onLeave, sendAll, sendBeforeLeaving, signedIn, toSend } from "../src/forget";
import { MemoryDrafts } from "../src/memory";
import type { HandInReply, SaveReply, SaveRequest } from "../src/types";

const LAB = "/user/amina.k/where-to-set-the-bar";

function draft(more: Partial<Draft>): Draft {
  const made: Draft = { key: "", lab: LAB, window: "w1", kind: "answers", id: "j", base: {}, value: { words: "a" }, at: 1, ...more };
  return { ...made, key: draftKey(made.lab, made.window, made.kind, made.id) };
}

function server(taken: (sent: SaveRequest) => boolean, there: unknown = {}) {
  const saved: SaveRequest[] = [];
  const pressed: string[] = [];
  const made = {
    saved,
    pressed,
    async save(sent: SaveRequest): Promise<SaveReply> {
      saved.push(sent);
      const answers = sent.answers.map(({ task }) => [task, taken(sent) ? { saved: true } : { saved: false, answers: there }]);
      const cells = sent.cells.map(({ id }) => [id, taken(sent) ? { saved: true } : { saved: false, source: there }]);
      return { cells: Object.fromEntries(cells), answers: Object.fromEntries(answers) } as unknown as SaveReply;
    },
    async handIn(at: string): Promise<HandInReply> {
      pressed.push(at);
      return { receipt: { receipt: "R-1", received_at: "", attempt: 1 } };
    },
  };
  return made;
}

async function kept(...drafts: Draft[]): Promise<MemoryDrafts> {
  const store = new MemoryDrafts();
  for (const one of drafts) await store.put(one);
  return store;
}

afterEach(() => vi.unstubAllGlobals());

/** A browser in which workers with these scopes and caches with these names are; what is forgotten leaves the lists. */
function browserWith(scopes: string[], names: string[], refused = "") {
  const workers = new Set(scopes);
  const pages = new Set(names);
  const remove = async (from: Set<string>, name: string): Promise<boolean> => {
    if (name === refused) throw new Error("refused");
    return from.delete(name);
  };
  const getRegistrations = async () => [...workers].map((scope) => ({ scope, unregister: () => remove(workers, scope) }));
  vi.stubGlobal("navigator", { serviceWorker: { getRegistrations } });
  vi.stubGlobal("caches", { keys: async () => [...pages], delete: (name: string) => remove(pages, name) });
  return { workers, pages };
}

test("a lab's key tells its server and its name", () => {
  expect(labOf(LAB)).toEqual({ base: "/user/amina.k/", lab: "where-to-set-the-bar" });
});

test("of two windows' drafts of one text the newest is sent, and a choice that was not given is none", () => {
  const found = toSend([draft({ at: 5, value: { words: "new" }, window: "w2" }), draft({ at: 2 }), draft({ kind: "local", id: "t1" })]);
  expect(found.map((one) => one.value)).toEqual([{ words: "new" }]);
});

test("all that is kept is sent, then handed in with the learner's own time, and nothing stays", async () => {
  const store = await kept(draft({}), draft({ kind: "cell", id: "c", base: "x", value: "y" }));
  await store.putHandIn({ lab: LAB, at: "2026-01-01T10:00:00Z" });
  const there = server(() => true);
  expect(await sendAll(store, async () => there)).toEqual([]);
  expect(there.saved[0]?.cells[0]?.source).toBe("y");
  expect(there.pressed).toEqual(["2026-01-01T10:00:00Z"]);
  expect([await store.all(), await store.allHandIns()]).toEqual([[], []]);
});

test("a lost answer is no work of somebody else: it is sent once more on top of it", async () => {
  const store = await kept(draft({ value: { words: "ab" }, sent: [{ words: "a" }] }));
  const there = server((sent) => JSON.stringify(sent.answers[0]?.base) === '{"words":"a"}', { words: "a" });
  expect(await sendAll(store, async () => there)).toEqual([]);
});

test("work that another device changed too is named and stays, and so is work without a server", async () => {
  const store = await kept(draft({}));
  expect(await sendAll(store, async () => server(() => false, { words: "theirs" }))).toEqual(["where-to-set-the-bar"]);
  const away = async (): Promise<never> => Promise.reject(new Error("away"));
  expect(await sendAll(store, away)).toEqual(["where-to-set-the-bar"]);
  expect(await store.all()).toHaveLength(1);
});

test("every worker and every cache of the origin is forgotten, also those that are not the desk's", async () => {
  const { workers, pages } = browserWith(
    ["https://labs/", "https://labs/user/amina/desk/", "https://labs/user/amina/lab"],
    ["isomo-desk-1", "of somebody else"],
  );
  await forgetPages();
  expect([[...workers], [...pages]]).toEqual([[], []]);
});

test("a worker that cannot be unregistered does not save the others", async () => {
  const { workers, pages } = browserWith(["https://labs/a", "https://labs/", "https://labs/b"], ["one"], "https://labs/a");
  await forgetPages();
  expect([[...workers], [...pages]]).toEqual([["https://labs/a"], []]);
});

test("a browser without a database or storage forgets its workers too", async () => {
  const { workers, pages } = browserWith(["https://labs/"], ["one"]);
  for (const missing of ["indexedDB", "localStorage", "sessionStorage"]) vi.stubGlobal(missing, undefined);
  await forget();
  expect([[...workers], [...pages]]).toEqual([[], []]);
});

/** An open lab in another tab that has work; `arrives` ends when the server has it, or fails to. */
function openLab(stored: boolean, arrives: Promise<boolean>): { gone: boolean } {
  const tab = { gone: false };
  const go = (): void => void (tab.gone = true);
  onLeave({ lab: LAB, window: Math.random().toString(36), stored: () => stored, send: () => arrives, go });
  return tab;
}

const after = (milliseconds: number, sent: boolean): Promise<boolean> =>
  new Promise((resolve) => setTimeout(() => resolve(sent), milliseconds));
const noStore = (): Promise<never> => Promise.reject(new Error("no store"));
const noServer = (): Promise<never> => Promise.reject(new Error("away"));
const emptyStore = async () => Object.assign(new MemoryDrafts(), { close: () => undefined });

test("a page that does not see a lab's key asks for it as JupyterHub allows, and each change brings it", async () => {
  const asked: Array<[string, RequestInit]> = [];
  vi.stubGlobal("document", { cookie: "" });
  vi.stubGlobal("fetch", async (address: string, how: RequestInit) => {
    asked.push([address, how]);
    return new Response(JSON.stringify({ xsrf: "key" }));
  });
  const server = await signedIn("/user/amina.k/", "bar");
  await server.save({ cells: [], answers: [], outputs: [] });
  expect(asked.map(([address, { method, mode }]) => [address, method, mode])).toEqual([
    ["/user/amina.k/desk/bar/state", "GET", "no-cors"],
    ["/user/amina.k/desk/bar/save", "POST", "cors"],
  ]);
  expect(new Headers(asked[1]?.[1].headers).get("X-XSRFToken")).toBe("key");
});

test("open labs send and go also if this browser keeps nothing", async () => {
  const tab = openLab(false, after(0, true));
  expect(await sendBeforeLeaving(noStore, noServer, 50, 5_000)).toEqual([]);
  expect(tab.gone).toBe(true);
});

test("a lab that is still sending has time to end", async () => {
  const tab = openLab(false, after(150, true));
  expect(await sendBeforeLeaving(noStore, noServer, 50, 5_000)).toEqual([]);
  expect(tab.gone).toBe(true);
});

test("a lab whose work is nowhere else is named and stays on the screen until its learner deletes it", async () => {
  const tab = openLab(false, after(0, false));
  expect(await sendBeforeLeaving(emptyStore, noServer, 50, 50)).toEqual(["where-to-set-the-bar"]);
  expect(tab.gone).toBe(false);
  closeOpenLabs();
  await vi.waitFor(() => expect(tab.gone).toBe(true));
});

test("a lab that cannot send goes if the browser's store has its work", async () => {
  const tab = openLab(true, after(0, false));
  expect(await sendBeforeLeaving(emptyStore, noServer, 50, 5_000)).toEqual([]);
  expect(tab.gone).toBe(true);
});

test("labs in a journal whose store does not open are named, so that nothing is deleted unasked", async () => {
  vi.stubGlobal("localStorage", {
    [JOURNAL + draft({}).key]: "{}",
    [JOURNAL + draft({ lab: "/user/amina.k/hide-the-person", kind: "local" }).key]: "{}",
    other: "",
  });
  expect(await sendBeforeLeaving(noStore, noServer, 1, 1)).toEqual(["where-to-set-the-bar"]);
});

test("a database that is there and does not open is asked about; a browser without one is not", async () => {
  for (const [names, left] of [[["isomo-desk"], ["…"]], [["of another page"], []]] as const) {
    vi.stubGlobal("indexedDB", { databases: async () => names.map((name) => ({ name })) });
    expect(await sendBeforeLeaving(noStore, noServer, 1, 1)).toEqual(left);
  }
});
