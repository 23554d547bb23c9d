// A server that takes a request and never answers, as a container that lost its network does.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Keeper } from "../src/keeper";
import { MemoryDrafts } from "../src/memory";
import { Server } from "../src/server";

const SECONDS = 1_000;
let asked = 0;

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  vi.stubGlobal("fetch", (_path: string, { signal }: { signal: AbortSignal }) => {
    asked += 1;
    return new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function server(): Server {
  return new Server({ base: "/user/a/", lab: "a-lab", version: "" }, "a key");
}

test("each request gives up after 20 seconds and says that the server is away", async () => {
  const there = server();
  const all = [there.state(), there.live(), there.here(), there.outcome("R-1"), there.save({ cells: [], answers: [], outputs: [] })];
  const ended = all.map((one) => expect(one).rejects.toMatchObject({ trouble: "away" }));
  await vi.advanceTimersByTimeAsync(20 * SECONDS);
  await Promise.all(ended);
  expect(asked).toBe(all.length);
});

function keeperOfTypedText(): Keeper {
  const keeper = new Keeper("lab", "one", {
    send: (changes) => server().save(changes),
    drafts: new MemoryDrafts(),
    now: () => Date.now(),
    later: (what, wait) => setTimeout(what, wait),
  });
  keeper.know("answers", "w", { words: "" });
  keeper.edit("answers", "w", { words: "Dear" });
  return keeper;
}

test("what is typed meanwhile is said to be kept here, and is asked to be taken again", async () => {
  const keeper = keeperOfTypedText();
  await vi.advanceTimersByTimeAsync(10 * SECONDS);
  expect([keeper.status, asked]).toEqual(["sending", 1]);
  await vi.advanceTimersByTimeAsync(11 * SECONDS);
  expect(keeper.status).toBe("kept");
  await vi.advanceTimersByTimeAsync(5 * SECONDS);
  expect(asked).toBe(2);
});

test("a folder that is full is said to be full, what is typed stays here, and is taken when there is room", async () => {
  let room = false;
  const taken = { answers: { w: { saved: true } }, cells: {}, at: 1 };
  vi.stubGlobal("fetch", async () => {
    asked += 1;
    return room ? Response.json(taken) : Response.json({}, { status: 507 });
  });
  const keeper = keeperOfTypedText();
  await vi.advanceTimersByTimeAsync(2 * SECONDS);
  expect(keeper.status).toBe("full");
  room = true;
  await vi.advanceTimersByTimeAsync(30 * SECONDS);
  expect(keeper.status).toBe("saved");
});
