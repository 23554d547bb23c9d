// A lab's parts, and where a learner goes on: pure functions of the state.
import type { Cell, LabState, PartState } from "./types";

export interface Part {
  /** Its place in the lab, from 0; the address of part 3 ends with #part-3. */
  at: number;
  title: string;
  /** Which of the lab's pieces it is; undefined for the opening and the end. */
  piece?: number;
  minutes: number;
  cells: Cell[];
}

const HEADING = /^##[ \t]+(?:(\d+)\s*[·.:]\s*)?(.+?)[ \t]*$/m;
const NO_CONTENT = /^\s*(<!--.*?-->\s*)*$/s;

/** Split a lab's cells into its parts: each begins with a heading of the second rank. */
export function partsOf(state: Pick<LabState, "cells" | "pieces">, start: string): Part[] {
  const parts: Part[] = [{ at: 0, title: start, minutes: 0, cells: [] }];
  for (const cell of state.cells) {
    const found = cell.role === "text" && cell.source.trimStart().startsWith("## ") ? HEADING.exec(cell.source) : null;
    if (found) {
      const piece = found[1] ? Number(found[1]) - 1 : undefined;
      const known = piece === undefined ? undefined : state.pieces[piece];
      const minutes = known?.minutes ?? 0;
      const part: Part = { at: parts.length, title: found[2] ?? "", minutes, cells: [] };
      if (known) part.piece = piece as number;
      parts.push(part);
    }
    parts[parts.length - 1]?.cells.push(cell);
  }
  const first = parts[0] as Part;
  const shown = first.cells.some((cell) => cell.role !== "text" || !NO_CONTENT.test(cell.source));
  if (shown || parts.length === 1) return parts;
  return parts.slice(1).map((part, at) => ({ ...part, at }));
}

/** Return a part's state: its piece's; undefined for a part without tasks. */
export function stateOf(part: Part, states: PartState[]): PartState | undefined {
  return part.piece === undefined ? undefined : states[part.piece];
}

/** Minutes that the parts which are not done take together. */
export function minutesLeft(parts: Part[], states: PartState[]): number {
  return parts
    .filter((part) => stateOf(part, states) !== "done")
    .reduce((sum, part) => sum + (part.piece === undefined ? 0 : part.minutes), 0);
}

/** Return the part to go on with: the first that was begun or is to do, once any was begun; else the first. */
export function whereToGoOn(parts: Part[], states: PartState[]): number {
  if (!states.some((state) => state !== "to do")) return 0;
  const left = parts.find((part) => part.piece !== undefined && stateOf(part, states) !== "done");
  return (left ?? parts[parts.length - 1])?.at ?? 0;
}

/** Return the part that an address names, undefined if it names none. */
export function partIn(hash: string, parts: Part[]): number | undefined {
  const found = /^#part-(\d+)$/.exec(hash);
  const at = found ? Number(found[1]) : -1;
  return at >= 0 && at < parts.length ? at : undefined;
}

const RUNS_FIRST = new Set(["start", "given", "task"]);

/** Return the cells that have to run before `id`, in order: all code above it that did not run in this kernel. */
export function toRunFirst(cells: Cell[], id: string, ran: ReadonlySet<string>): Cell[] {
  const at = cells.findIndex((cell) => cell.id === id);
  return cells.slice(0, Math.max(at, 0)).filter((cell) => RUNS_FIRST.has(cell.role) && !ran.has(cell.id));
}

/** Return the cells to run again in a new kernel, in order. */
export function toReplay(cells: Cell[], ran: ReadonlySet<string>, not?: string): Cell[] {
  return cells.filter((cell) => RUNS_FIRST.has(cell.role) && ran.has(cell.id) && cell.id !== not);
}
