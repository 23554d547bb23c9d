// What is typed is never lost and never overwrites somebody else's, whatever the line does: units and random sequences.
import { describe, expect, test } from "vitest";
import { type Draft, draftKey } from "../src/drafts";
import { MemoryDrafts } from "../src/memory";
import { FakeServer, Window, dice, open, work } from "./fakes";

/** Milliseconds that a thousand sequences may take on a busy machine. */
const PATIENCE = 120_000;

test("an edit reaches the server, and its draft is gone afterwards", async () => {
  const server = new FakeServer();
  const drafts = new MemoryDrafts();
  const keeper = open(server, drafts, "one");
  keeper.edit("cell", "c", "bar = 0.1");
  expect(drafts.drafts.size).toBe(1);
  expect(keeper.status).toBe("sending");
  expect(await keeper.flush()).toBe(true);
  await keeper.written();
  expect(server.cells["c"]).toBe("bar = 0.1");
  expect([keeper.status, work(drafts)]).toEqual(["saved", []]);
});

test("what is typed while the line is cut is kept, said to be kept, and sent when it is back", async () => {
  const server = new FakeServer();
  const keeper = open(server, new MemoryDrafts(), "one");
  server.line = "cut";
  keeper.edit("answers", "w", { words: "Dear" });
  expect(await keeper.flush()).toBe(false);
  expect(keeper.status).toBe("kept");
  server.line = "open";
  expect(await keeper.flush()).toBe(true);
  expect(server.answers["w"]).toEqual({ words: "Dear" });
});

test("after the end nothing is kept or sent, also when a request that was on its way fails", async () => {
  const server = new FakeServer();
  const drafts = new MemoryDrafts();
  const keeper = open(server, drafts, "one");
  server.line = "cut";
  keeper.edit("answers", "w", { words: "Dear" });
  const hanging = keeper.flush();
  keeper.end();
  drafts.drafts.clear();
  expect(await hanging).toBe(false);
  server.line = "open";
  keeper.edit("answers", "w", { words: "Dear Madam" });
  expect(await keeper.flush()).toBe(false);
  await keeper.written();
  expect([work(drafts), server.answers["w"]]).toEqual([[], { words: "" }]);
});

test("an answer of the server that was lost is no conflict with oneself", async () => {
  const server = new FakeServer();
  const keeper = open(server, new MemoryDrafts(), "one");
  server.line = "answer lost";
  keeper.edit("cell", "c", "bar = 0.1");
  await keeper.flush();
  server.line = "open";
  expect(await keeper.flush()).toBe(true);
  expect(keeper.conflicts).toEqual([]);
});

test("a choice that is taken back after a lost answer is sent again, by this window and by the next", async () => {
  for (const next of [false, true]) {
    const server = new FakeServer();
    const drafts = new MemoryDrafts();
    let keeper = open(server, drafts, "one");
    const before = server.answers["w"];
    server.line = "answer lost";
    keeper.edit("answers", "w", { words: "new" });
    await keeper.flush();
    expect(server.answers["w"]).toEqual({ words: "new" });
    keeper.edit("answers", "w", before);
    expect(keeper.status).not.toBe("saved");
    server.line = "open";
    if (next) {
      await keeper.written();
      keeper = open(server, drafts, "two");
      keeper.adopt([...drafts.drafts.values()]);
    } else keeper.takeOver("answers", "w", { words: "new" });
    expect(await keeper.flush()).toBe(true);
    await keeper.written();
    expect([server.answers["w"], keeper.value("answers", "w"), keeper.conflicts]).toEqual([before, before, []]);
    expect([keeper.status, work(drafts)]).toEqual(["saved", []]);
  }
});

test("the same text changed in two places is kept twice until somebody decides", async () => {
  const server = new FakeServer();
  const keeper = open(server, new MemoryDrafts(), "one");
  server.cells["c"] = "bar = 0.9";
  keeper.edit("cell", "c", "bar = 0.1");
  await keeper.flush();
  expect(keeper.status).toBe("conflict");
  expect(server.cells["c"]).toBe("bar = 0.9");
  keeper.decide("cell", "c", true);
  expect(await keeper.flush()).toBe(true);
  expect(server.cells["c"]).toBe("bar = 0.1");
});

test("a draft made to an older text than the server's is shown beside it, not sent over it", async () => {
  const server = new FakeServer();
  const draft: Draft = {
    key: draftKey("lab", "old", "cell", "c"),
    lab: "lab",
    window: "old",
    kind: "cell",
    id: "c",
    base: "bar = 0",
    value: "bar = 0.2",
    at: 1,
  };
  const keeper = open(server, new MemoryDrafts(), "new", [draft]);
  await keeper.flush();
  expect(server.cells["c"]).toBe("bar = None");
  expect(keeper.item("cell", "c")).toMatchObject({ value: "bar = 0.2", theirs: "bar = None" });
});

test("what another window saved is taken over, unless the same was changed here", () => {
  const keeper = open(new FakeServer(), new MemoryDrafts(), "one");
  expect(keeper.takeOver("cell", "c", "bar = 0.3")).toBe(true);
  expect([keeper.value("cell", "c"), keeper.status]).toEqual(["bar = 0.3", "saved"]);
  keeper.edit("cell", "c", "bar = 0.4");
  expect(keeper.takeOver("cell", "c", "bar = 0.5")).toBe(false);
  expect(keeper.value("cell", "c")).toBe("bar = 0.4");
});

/** One learner, one window after the other: types, loses the line, loses answers, loses windows at any key. */
async function learner(seed: number): Promise<void> {
  const roll = dice(seed);
  const server = new FakeServer();
  const drafts = new MemoryDrafts();
  let window = new Window(server, drafts);
  let keeper = open(server, drafts, "w0", [], window);
  const next = async (name: string): Promise<void> => {
    window.closed = true;
    // A lab is fetched again: what was on its way to the server has arrived by then.
    for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    window = new Window(server, drafts);
    keeper = open(server, drafts, name, await drafts.of("lab"), window);
  };
  let code = "bar = None";
  let words = "";
  for (let step = 1; step <= 40; step += 1) {
    const chance = roll(10);
    if (chance < 3) keeper.edit("cell", "c", (code += String.fromCharCode(97 + roll(26))));
    else if (chance < 5) keeper.edit("answers", "w", { words: (words += String.fromCharCode(97 + roll(26))) });
    else if (chance < 6) keeper.edit("answers", "w", { words: (words = words.slice(0, -1)) });
    else if (chance === 6) server.line = "cut";
    else if (chance === 7) server.line = (["open", "answer lost"] as const)[roll(2)] ?? "open";
    else if (chance === 8) void keeper.flush();
    else await next(`w${step}`);
    if (roll(3) === 0) await Promise.resolve();
  }
  server.line = "open";
  await next("last");
  for (let round = 0; round < 5 && !(await keeper.flush()); round += 1);
  const there = [server.cells["c"], server.answers["w"]?.["words"], keeper.conflicts.length];
  expect(there, `seed ${seed}`).toEqual([code, words, 0]);
}

describe("one learner on a bad line", () => {
  test("loses not a character in 1,000 seeded sequences of faults", async () => {
    for (let seed = 1; seed <= 1000; seed += 1) await learner(seed);
  }, PATIENCE);
});
