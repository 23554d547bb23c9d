// Editors of a long lab: made near the screen only, one at a time, and at once if somebody writes.
import { expect, test } from "vitest";
import { EditorQueue } from "../src/editor-queue";

/** A browser whose screen and idle moments the test decides. */
function browser() {
  let tell: (elements: Element[]) => void = () => undefined;
  const idle: Array<() => void> = [];
  const watched = new Set<Element>();
  return {
    watched,
    scrollTo: (...cells: Element[]) => tell(cells),
    rest: () => idle.shift()?.(),
    real: {
      watch(near: (elements: Element[]) => void) {
        tell = near;
        return { observe: (one: Element) => void watched.add(one), unobserve: (one: Element) => void watched.delete(one) };
      },
      idle: (what: () => void) => void idle.push(what),
    },
  };
}

function queueOf(count: number) {
  const there = browser();
  const queue = new EditorQueue(there.real);
  const made: number[] = [];
  const cells = Array.from({ length: count }, () => ({}) as Element);
  cells.forEach((cell, number) => queue.add(cell, () => made.push(number)));
  return { there, queue, made, cells };
}

test("no editor is made for a cell that is far from the screen", () => {
  const { there, made } = queueOf(60);
  there.rest();
  expect(made).toEqual([]);
});

test("cells that come near the screen get their editors one idle moment after the other", () => {
  const { there, made, cells } = queueOf(60);
  there.scrollTo(...cells.slice(4, 7));
  there.rest();
  expect(made).toEqual([4]);
  there.rest();
  there.rest();
  there.rest();
  expect(made).toEqual([4, 5, 6]);
  expect(there.watched.size).toBe(57);
});

test("a cell that is written in gets its editor at once, and only one", () => {
  const { there, queue, made, cells } = queueOf(3);
  const [first] = cells;
  there.scrollTo(...cells);
  queue.now(first as Element);
  expect(made).toEqual([0]);
  for (let moment = 0; moment < 5; moment += 1) there.rest();
  expect(made).toEqual([0, 1, 2]);
});
