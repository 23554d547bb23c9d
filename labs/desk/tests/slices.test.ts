// Long work does not keep the page from answering: it is cut into slices, in order, and can be stopped.
import { expect, test } from "vitest";
import { NearFirst, inSlices } from "../src/slices";

/** Numbers from 1 on, each of which takes five milliseconds of a clock that a test moves. */
function work(most: number): { done: number[]; steps: Iterator<void>; now: () => number } {
  const done: number[] = [];
  function* steps(): Generator<void> {
    for (let number = 1; number <= most; number += 1) {
      done.push(number);
      yield;
    }
  }
  return { done, steps: steps(), now: () => done.length * 5 };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test("what fits into one slice is done at once, and the rest in order after the page had its turn", async () => {
  const { done, steps, now } = work(5);
  let finished = 0;
  inSlices(steps, () => (finished += 1), now);
  expect([done, finished]).toEqual([[1, 2], 0]);
  while (!finished) await turn();
  expect([done, finished]).toEqual([[1, 2, 3, 4, 5], 1]);
});

test("work that is stopped goes no further", async () => {
  const { done, steps, now } = work(5);
  const stop = inSlices(steps, () => undefined, now);
  stop();
  for (let more = 0; more < 5; more += 1) await turn();
  expect(done).toEqual([1, 2]);
});

test("each element has its turn once, later, in the order in which they were added", async () => {
  const turns = new NearFirst();
  const done: string[] = [];
  for (const name of ["one", "two", "three"]) {
    const element = { name } as unknown as Element;
    turns.add(element, () => done.push("too early"));
    turns.add(element, () => done.push(name));
  }
  expect(done).toEqual([]);
  while (done.length < 3) await turn();
  await turn();
  expect(done).toEqual(["one", "two", "three"]);
});
