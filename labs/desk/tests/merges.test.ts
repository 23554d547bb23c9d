// Several windows, several devices, pages that are older than the server: no text is written over, and none is dropped.
import { describe, expect, test } from "vitest";
import { type Draft, draftKey } from "../src/drafts";
import { areApart } from "../src/forget";
import { type Item, Keeper, otherOf } from "../src/keeper";
import { MemoryDrafts } from "../src/memory";
import { FakeServer, Window, dice, open, work } from "./fakes";

function draft(window: string, value: string, at: number, more: Partial<Draft> = {}): Draft {
  const key = draftKey("lab", window, "cell", "c");
  return { key, lab: "lab", window, kind: "cell", id: "c", base: "bar = None", value, sent: [], at, ...more };
}

/** Milliseconds that a thousand sequences may take on a busy machine. */
const PATIENCE = 120_000;

test("a page that a worker kept shows what this browser knows the server to have", async () => {
  const server = new FakeServer();
  const drafts = new MemoryDrafts();
  const old = server.state();
  const first = open(server, drafts, "one");
  first.edit("cell", "c", "bar = 0.1");
  await first.flush();
  await first.written();
  const second = open(server, drafts, "two", await drafts.of("lab"), undefined, old);
  expect(second.value("cell", "c")).toBe("bar = 0.1");
  second.edit("cell", "c", "bar = 0.15");
  expect(await second.flush()).toBe(true);
  expect([server.cells["c"], second.conflicts]).toEqual(["bar = 0.15", []]);
});

test("a page that is newer than what this browser knows is shown as it is", async () => {
  const server = new FakeServer();
  const drafts = new MemoryDrafts();
  const here = open(server, drafts, "one");
  here.edit("cell", "c", "bar = 0.1");
  await here.flush();
  const elsewhere = open(server, new MemoryDrafts(), "phone");
  elsewhere.edit("cell", "c", "bar = 0.2");
  await elsewhere.flush();
  expect(open(server, drafts, "two", await drafts.of("lab")).value("cell", "c")).toBe("bar = 0.2");
});

test("an answer that was on its way while this window saved does not bring the older text back", async () => {
  const server = new FakeServer();
  const keeper = open(server, new MemoryDrafts(), "one");
  const asked = server.state();
  keeper.edit("cell", "c", "bar = 0.1");
  await keeper.flush();
  expect(keeper.takeOver("cell", "c", String(asked.cells["c"]), asked.at)).toBe(false);
  expect(keeper.value("cell", "c")).toBe("bar = 0.1");
});

test("texts of two windows that were both closed before either was sent are both kept until the learner decides", async () => {
  const server = new FakeServer();
  const drafts = new MemoryDrafts();
  const keeper = open(server, drafts, "three", [draft("one", "bar = 0.1", 1), draft("two", "bar = 0.2", 2)]);
  expect([keeper.value("cell", "c"), keeper.status]).toEqual(["bar = 0.2", "conflict"]);
  await keeper.flush();
  await keeper.written();
  expect(server.cells["c"]).toBe("bar = None");
  const later = open(server, drafts, "four", await drafts.of("lab"));
  expect(otherOf(later.item("cell", "c") as Item)).toBe("bar = 0.1");
  later.decide("cell", "c", false);
  expect(await later.flush()).toBe(true);
  expect(server.cells["c"]).toBe("bar = 0.1");
});

test("a text that was made from an older draft replaces it without a question", () => {
  const made = draft("two", "bar = 0.25", 2, { sent: ["bar = 0.2"] });
  const keeper = open(new FakeServer(), new MemoryDrafts(), "three", [draft("one", "bar = 0.2", 1), made]);
  expect([keeper.value("cell", "c"), keeper.conflicts]).toEqual(["bar = 0.25", []]);
});

test("what was written in a cell that the lab has lost is kept, said, and does not stand in the way of the rest", async () => {
  const server = new FakeServer();
  const drafts = new MemoryDrafts();
  const lost = { ...draft("one", "bar = 0.1", 1), id: "lost" };
  const keeper = open(server, drafts, "two", [lost]);
  keeper.edit("cell", "c", "bar = 0.3");
  expect(await keeper.flush()).toBe(true);
  await keeper.written();
  expect(keeper.conflicts.map((item) => [item.id, item.value, item.gone])).toEqual([["lost", "bar = 0.1", true]]);
  expect(work(drafts).map((one) => one.id)).toEqual(["lost"]);
  keeper.drop("cell", "lost");
  await keeper.written();
  expect([keeper.status, work(drafts)]).toEqual(["saved", []]);
});

test("signing out sends no text over another that was not made from it", () => {
  expect(areApart([draft("one", "bar = 0.1", 1), draft("two", "bar = 0.2", 2)])).toBe(true);
  expect(areApart([draft("one", "bar = 0.1", 1), draft("two", "bar = 0.2", 2, { sent: ["bar = 0.1"] })])).toBe(false);
  expect(areApart([draft("two", "bar = 0.2", 2, { others: ["bar = 0.1"] })])).toBe(true);
});

/** An open window of a device. */
interface Place {
  keeper: Keeper;
  window: Window;
  device: number;
}

/**
 * Two devices with several windows. Each text that is typed is another one, so that it can be followed: in the end the
 * server has it, or its learner saw it and typed over it or decided against it.
 */
class World {
  readonly server = new FakeServer();
  readonly stores = [new MemoryDrafts(), new MemoryDrafts()];
  readonly places: Place[] = [];
  readonly typed: string[] = [];
  /** Texts that a learner saw and decided against, or saw and typed over. */
  readonly seen = new Set<string>();
  private made = 0;
  private page = this.server.state();

  constructor(private readonly roll: (sides: number) => number) {}

  async open(device: number, kept: boolean): Promise<void> {
    const store = this.stores[device] as MemoryDrafts;
    if (!kept) this.page = this.server.state();
    const others = new Set(this.places.filter((one) => one.device === device).map((one) => one.keeper.window));
    const left = (await store.of("lab")).filter((one) => !others.has(one.window));
    const window = new Window(this.server, store);
    const name = `w${(this.made += 1)}`;
    const keeper = open(this.server, store, name, left, window, this.page);
    keeper.onSaved = (kind, id, value, at) => {
      for (const one of this.places) {
        if (one.device === device && one.keeper !== keeper) one.keeper.takeOver(kind, id, value, at);
      }
    };
    this.places.push({ keeper, window, device });
  }

  async close(place: Place): Promise<void> {
    place.window.closed = true;
    this.places.splice(this.places.indexOf(place), 1);
    for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
  }

  type({ keeper }: Place): void {
    const text = `text ${(this.made += 1)}`;
    this.seen.add(String(keeper.value("cell", "c")));
    this.typed.push(text);
    keeper.edit("cell", "c", text);
  }

  decide({ keeper }: Place): void {
    const item = keeper.item("cell", "c") as Item;
    const other = otherOf(item);
    if (other === undefined) return;
    const mine = this.roll(2) === 0;
    this.seen.add(String(mine ? other : item.value));
    keeper.decide("cell", "c", mine);
  }

  async step(): Promise<void> {
    const place = this.places[this.roll(Math.max(this.places.length, 1))];
    const chance = this.roll(10);
    if (!place || (chance === 0 && this.places.length < 4)) return this.open(this.roll(2), this.roll(3) === 0);
    if (chance < 4) this.type(place);
    else if (chance === 4) this.server.line = (["cut", "open", "answer lost", "open"] as const)[this.roll(4)] ?? "open";
    else if (chance < 7) await place.keeper.flush();
    else if (chance === 7) await this.close(place);
    else if (chance === 8) this.decide(place);
    else {
      const { cells, at } = this.server.state();
      if (this.server.line === "open") place.keeper.takeOver("cell", "c", String(cells["c"]), at);
    }
  }

  /** Close everything, open each device once more, and decide what is to be decided. */
  async end(): Promise<void> {
    this.server.line = "open";
    for (const place of [...this.places]) await this.close(place);
    for (const device of [0, 1]) {
      await this.open(device, false);
      const place = this.places[0] as Place;
      for (let round = 0; round < 20 && !(await place.keeper.flush()); round += 1) this.decide(place);
      await this.close(place);
    }
  }
}

describe("two devices with two windows each", () => {
  test("write over no text that nobody saw in 1,000 seeded sequences", async () => {
    for (let seed = 1; seed <= 1000; seed += 1) {
      const world = new World(dice(seed));
      for (let turn = 0; turn < 40; turn += 1) await world.step();
      await world.end();
      const last = world.server.cells["c"] ?? "";
      const lost = world.typed.filter((text) => text !== last && !world.seen.has(text));
      expect(lost, `seed ${seed}: written over by ${last}, and nobody saw it`).toEqual([]);
      for (const store of world.stores) {
        expect(work(store), `seed ${seed}: everything is decided and sent`).toEqual([]);
      }
    }
  }, PATIENCE);
});
