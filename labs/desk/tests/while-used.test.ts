// A question that is asked again and again, only while somebody works on the page.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WhileUsed } from "../src/while-used";

const HALF_AN_HOUR = 30 * 60_000;
let page: EventTarget & { visibilityState: string };

beforeEach(() => {
  vi.useFakeTimers();
  page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", page);
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function show(visibilityState: "visible" | "hidden"): void {
  page.visibilityState = visibilityState;
  page.dispatchEvent(new Event("visibilitychange"));
}

/** A question that takes no time, and is asked every 20 seconds after the first 5. */
function question(): { asked: () => number; it: WhileUsed } {
  const ask = vi.fn(async () => 20_000);
  const it = new WhileUsed(ask, 5_000);
  it.begin();
  return { asked: () => ask.mock.calls.length, it };
}

test("it is asked first after a moment, then as often as each answer says", async () => {
  const { asked } = question();
  await vi.advanceTimersByTimeAsync(4_999);
  expect(asked()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked()).toBe(1);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(asked()).toBe(3);
});

test("a page that nobody looks at asks nothing, and asks again when somebody does", async () => {
  const { asked } = question();
  show("hidden");
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked()).toBe(0);
  show("visible");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked()).toBe(1);
});

test("a page that nobody touched for half an hour rests until it is touched", async () => {
  const { asked } = question();
  await vi.advanceTimersByTimeAsync(HALF_AN_HOUR + 20_000);
  const before = asked();
  await vi.advanceTimersByTimeAsync(HALF_AN_HOUR);
  expect(asked()).toBe(before);
  page.dispatchEvent(new Event("keydown"));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked()).toBe(before + 1);
});

test("after the end nothing is asked, whatever is touched or planned", async () => {
  const { asked, it } = question();
  it.end();
  it.again(0);
  page.dispatchEvent(new Event("keydown"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(0);
});
