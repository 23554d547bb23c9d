// Handing in: what is not decided yet is not handed in, and the learner is told what to do.
import { expect, test } from "vitest";
import { HandIn } from "../src/handin";
import type { Keeper } from "../src/keeper";
import { MemoryDrafts } from "../src/memory";
import type { Server } from "../src/server";

const LAB = "/user/amina.k/where-to-set-the-bar";

function handIn(status: Keeper["status"], drafts: MemoryDrafts): HandIn {
  const keeper = { flush: async () => false, status } as unknown as Keeper;
  return new HandIn(LAB, {} as Server, keeper, drafts);
}

test("work with a text that was changed in two places is not handed in before its learner has chosen", async () => {
  const drafts = new MemoryDrafts();
  const said = await handIn("conflict", drafts).send();
  expect(said).toMatchObject({ kind: "refused", message: expect.stringContaining("choose which one to keep") });
  expect(await drafts.handIn(LAB)).toBeUndefined();
});

test("work that cannot be sent for now waits for the line", async () => {
  const drafts = new MemoryDrafts();
  expect(await handIn("kept", drafts).send()).toMatchObject({ kind: "kept" });
  expect(await drafts.handIn(LAB)).toBeDefined();
});
