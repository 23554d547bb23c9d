// The box of a conflict says which text is newer, and says nothing that two clocks cannot tell.
import { expect, test } from "vitest";
import { type Draft, draftKey } from "../src/drafts";
import { ServerClock, conflictTimes, momentOf } from "../src/edit-times";
import { Keeper } from "../src/keeper";
import { MemoryDrafts } from "../src/memory";
import type { SaveReply } from "../src/types";

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 2, 3, 12);
const STANDING = { states: [], checks: {}, empty: [], news: [], receipt: null, waiting: false };

function clockThatIs(ahead: number): ServerClock {
  const clock = new ServerClock();
  clock.compare((NOON + ahead) / 1000, NOON - 500, NOON + 500);
  return clock;
}

test("a text that was typed here before the other was saved is the older one, though this device's clock is an hour fast", () => {
  const item = { typed: NOON + 60 * MINUTE, theirs: "x", theirsAt: (NOON + 7 * MINUTE) / 1000 };
  const times = conflictTimes(item, clockThatIs(-60 * MINUTE));
  expect(times).toEqual({ here: NOON, there: NOON + 7 * MINUTE, newer: "there" });
});

test("a text that was typed here after the other was saved is the newer one", () => {
  const item = { typed: NOON, theirs: "x", theirsAt: (NOON - MINUTE) / 1000 };
  expect(conflictTimes(item, clockThatIs(0)).newer).toBe("here");
});

test("of two texts a second apart none is called newer", () => {
  const times = conflictTimes({ typed: NOON, theirs: "x", theirsAt: (NOON + 1000) / 1000 }, clockThatIs(0));
  expect(times).toEqual({ here: NOON, there: NOON + 1000 });
});

test("before the server has told its time nothing is said of a time of this device", () => {
  const times = conflictTimes({ typed: NOON, theirs: "x", theirsAt: NOON / 1000 + 600 }, new ServerClock());
  expect(times).toEqual({ there: NOON + 10 * MINUTE });
});

test("an answer that took half a minute, or came before it was asked for, does not move the clock", () => {
  const clock = clockThatIs(0);
  clock.compare((NOON + 600 * MINUTE) / 1000, NOON, NOON + MINUTE / 2);
  clock.compare((NOON + 600 * MINUTE) / 1000, NOON + MINUTE, NOON);
  expect(clock.ofServer(NOON)).toBe(NOON);
});

test("a saved text of which the server knows no time is shown without one", () => {
  expect(conflictTimes({ typed: NOON, theirs: "x" }, clockThatIs(0))).toEqual({ here: NOON });
});

test("two windows of one device share a clock, so that their order is known without a server", () => {
  const item = { typed: NOON, others: ["x"], othersTyped: [NOON - MINUTE] };
  expect(conflictTimes(item, new ServerClock())).toEqual({ here: NOON, there: NOON - MINUTE, newer: "here" });
});

test("a moment of another day is shown with its day", () => {
  const at = new Date(2026, 2, 3, 9, 5);
  expect([momentOf(at, new Date(2026, 2, 3, 23)), momentOf(at, new Date(2026, 2, 4))]).toEqual(["09:05", "03/03/2026, 09:05"]);
});

interface Device {
  keeper: Keeper;
  drafts: MemoryDrafts;
  reply: Partial<SaveReply>;
}

function device(drafts = new MemoryDrafts(), left: Draft[] = [], savedAt?: number, source = "bar = None"): Device {
  const made = { drafts, reply: {} } as Device;
  made.keeper = new Keeper("lab", `w${drafts.drafts.size}`, {
    send: () => Promise.resolve({ ...STANDING, at: NOON / 1000, cells: {}, answers: {}, ...made.reply }),
    drafts,
    now: () => NOON,
    later: () => undefined,
  });
  made.keeper.know("cell", "c", source, NOON / 1000, savedAt);
  made.keeper.adopt(left);
  return made;
}

test("the server says when the text that is there instead was saved", async () => {
  const { keeper, reply } = device();
  reply.cells = { c: { saved: false, source: "bar = 0.2", at: (NOON - MINUTE) / 1000 } };
  keeper.edit("cell", "c", "bar = 0.1");
  await keeper.flush();
  const item = keeper.item("cell", "c");
  expect(item && keeper.timesOf(item)).toEqual({ here: NOON, there: NOON - MINUTE, newer: "here" });
});

test("a draft of a window that was closed keeps when it was typed, however often it is opened", async () => {
  const key = draftKey("lab", "old", "cell", "c");
  const typed = NOON - 90 * MINUTE;
  const draft: Draft = { key, lab: "lab", window: "old", kind: "cell", id: "c", base: "bar = None", value: "bar = 0.1", at: NOON, typed };
  const first = device(new MemoryDrafts(), [draft], (NOON - MINUTE) / 1000, "bar = 0.2");
  await first.keeper.written();
  const again = device(first.drafts, await first.drafts.of("lab"), (NOON - MINUTE) / 1000, "bar = 0.2").keeper;
  again.compareClocks(NOON / 1000, NOON);
  const item = again.item("cell", "c");
  expect(item && again.timesOf(item)).toEqual({ here: typed, there: NOON - MINUTE, newer: "there" });
});

test("texts of two windows that were closed are shown with the time of each", () => {
  const draft = (window: string, value: string, typed: number): Draft => {
    const key = draftKey("lab", window, "cell", "c");
    return { key, lab: "lab", window, kind: "cell", id: "c", base: "bar = None", value, at: typed, typed };
  };
  const { keeper } = device(new MemoryDrafts(), [draft("a", "bar = 0.1", NOON - MINUTE), draft("b", "bar = 0.2", NOON)]);
  const item = keeper.item("cell", "c");
  expect(item && keeper.timesOf(item)).toEqual({ here: NOON, there: NOON - MINUTE, newer: "here" });
});
