// Drafts in IndexedDB: they survive the window, and are found again by their lab alone.
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { BrowserDrafts, type Draft, draftKey } from "../src/drafts";

const draft = (lab: string, id: string, value: string): Draft => ({
  key: draftKey(lab, "w", "cell", id),
  lab,
  window: "w",
  kind: "cell",
  id,
  base: "",
  value,
  at: 1,
});

test("a draft is there for the next window, for its own lab alone, until it is removed", async () => {
  const first = await BrowserDrafts.open("test");
  await first.put(draft("/user/amina/one", "c", "x = 1"));
  await first.put(draft("/user/bosco/one", "c", "x = 2"));
  const next = await BrowserDrafts.open("test");
  expect((await next.of("/user/amina/one")).map((one) => one.value)).toEqual(["x = 1"]);
  await next.remove(draft("/user/amina/one", "c", "").key);
  expect(await first.of("/user/amina/one")).toEqual([]);
});

test("work that was handed in without a line waits until it is sent", async () => {
  const drafts = await BrowserDrafts.open("handins");
  await drafts.putHandIn({ lab: "one", at: "2026-11-23T09:14:07Z" });
  expect(await drafts.handIn("one")).toEqual({ lab: "one", at: "2026-11-23T09:14:07Z" });
  await drafts.removeHandIn("one");
  expect(await drafts.handIn("one")).toBeUndefined();
});
