// A lab's parts, and which cells run before another.
import { expect, test } from "vitest";
import { minutesLeft, partIn, partsOf, toReplay, toRunFirst, whereToGoOn } from "../src/parts";
import type { Cell, Role } from "../src/types";

const cell = (id: string, role: Role, source = ""): Cell => ({ id, role, source });
const LAB = {
  pieces: [
    { title: "One", minutes: 5, tasks: ["a"] },
    { title: "Two", minutes: 10, tasks: ["b"] },
  ],
  cells: [
    cell("intro", "text", "# The lab\n\nHello."),
    cell("start", "start", "lab.start()"),
    cell("h1", "text", "## 1 · Two: of · them\n\nRead."),
    cell("data", "given"),
    cell("a", "ask"),
    cell("h2", "text", "## 2 · Then"),
    cell("own", "task"),
    cell("check", "check"),
    cell("end", "text", "## What you take with you"),
    cell("progress", "progress"),
  ],
};

test("a lab is split at its headings, and a part knows its piece", () => {
  const parts = partsOf(LAB, "Start");
  expect(parts.map((part) => [part.title, part.piece, part.minutes])).toEqual([
    ["Start", undefined, 0],
    ["Two: of · them", 0, 5],
    ["Then", 1, 10],
    ["What you take with you", undefined, 0],
  ]);
  expect(parts[2]?.cells.map((one) => one.id)).toEqual(["h2", "own", "check"]);
});

test("one goes on with the first part that is not done, and begins at the beginning", () => {
  const parts = partsOf(LAB, "Start");
  expect(whereToGoOn(parts, ["to do", "to do"])).toBe(0);
  expect(whereToGoOn(parts, ["begun", "to do"])).toBe(1);
  expect(whereToGoOn(parts, ["done", "to do"])).toBe(2);
  expect(whereToGoOn(parts, ["done", "done"])).toBe(3);
  expect([minutesLeft(parts, ["done", "begun"]), minutesLeft(parts, ["done", "done"])]).toEqual([10, 0]);
});

test("an address names a part, or none", () => {
  const parts = partsOf(LAB, "Start");
  expect(["#part-2", "#part-9", "#all", "", "#part-x"].map((hash) => partIn(hash, parts))).toEqual([
    2,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("code above a cell that did not run runs first; questions and checks do not", () => {
  const ids = (cells: Cell[]): string[] => cells.map((one) => one.id);
  expect(ids(toRunFirst(LAB.cells, "check", new Set()))).toEqual(["start", "data", "own"]);
  expect(ids(toRunFirst(LAB.cells, "check", new Set(["start", "data"])))).toEqual(["own"]);
  expect(ids(toRunFirst(LAB.cells, "data", new Set(["start"])))).toEqual([]);
});

test("a new kernel runs what had run, but not the cell that stopped the old one", () => {
  const ran = new Set(["start", "own", "check"]);
  expect(toReplay(LAB.cells, ran).map((one) => one.id)).toEqual(["start", "own"]);
  expect(toReplay(LAB.cells, ran, "own").map((one) => one.id)).toEqual(["start"]);
});
