// The same text changed in two places: both are shown, and the learner decides. Nothing is overwritten before.
import { fill, make } from "./dom";
import { type ConflictTimes, momentOf } from "./edit-times";
import { type Item, type Keeper, type Kind, otherOf } from "./keeper";
import { say } from "./words";

/** A cell's or a task's box, and the line in it that says when both texts were written. */
interface Place {
  kind: Kind;
  id: string;
  box: HTMLElement;
  times: HTMLElement;
  shown: unknown;
}

/** Boxes below cells and tasks that were changed elsewhere too. */
export class Conflicts {
  /** What was written in cells that the lab does not have any more. */
  readonly leftOver = make("div", { class: "conflict", role: "alert", hidden: true });
  private readonly places = new Map<string, Place>();

  constructor(
    private readonly keeper: Keeper,
    private readonly decided: () => void,
  ) {}

  /** Return an element with a place for its conflict below it. */
  around(element: HTMLElement, kind: Kind, id: string): HTMLElement {
    const box = make("div", { class: "conflict", role: "alert", hidden: true });
    // It changes with each minute in which something is typed: nobody has to hear that again.
    const times = make("p", { class: "times", "aria-live": "off" });
    element.append(box);
    this.places.set(`${kind} ${id}`, { kind, id, box, shown: undefined, times });
    this.update();
    return element;
  }

  /** Show and hide boxes. */
  update(): void {
    this.drawLeftOver();
    for (const place of this.places.values()) {
      const item = this.keeper.item(place.kind, place.id);
      const theirs = item && otherOf(item);
      const tooMuch = Boolean(item?.tooMuch);
      const wanted = tooMuch ? "too much" : item?.gone ? "gone" : theirs;
      if (item && theirs !== undefined) tellTimes(place.times, this.keeper.timesOf(item));
      if (wanted === place.shown) continue;
      place.shown = wanted;
      place.box.hidden = wanted === undefined;
      if (tooMuch) fill(place.box, make("p", {}, say("too-much")));
      else if (item?.gone) fill(place.box, make("p", {}, say("gone")));
      else if (item && wanted !== undefined) this.draw(place, item);
    }
  }

  private drawLeftOver(): void {
    const gone = this.keeper.conflicts.filter((item) => item.gone && !this.places.has(`${item.kind} ${item.id}`));
    if (this.leftOver.childElementCount === gone.length) return;
    this.leftOver.hidden = !gone.length;
    const drop = (item: Item) => () => {
      this.keeper.drop(item.kind, item.id);
      this.update();
    };
    const drawn = gone.map((item) => {
      const button = make("button", { type: "button", class: "plain", onclick: drop(item) }, say("gone-drop"));
      return make("div", {}, make("p", {}, say("gone")), make("pre", {}, shown(item.value)), button);
    });
    fill(this.leftOver, ...drawn);
  }

  private draw({ box, times }: Place, item: Item): void {
    const decide = (mine: boolean) => () => {
      this.keeper.decide(item.kind, item.id, mine);
      this.decided();
    };
    const saved = "theirs" in item;
    fill(
      box,
      make("p", {}, say("conflict")),
      make("p", {}, say(saved ? "conflict-theirs" : "conflict-unsent")),
      make("pre", {}, shown(otherOf(item)) || say("conflict-nothing")),
      times,
      make("button", { type: "button", class: "plain", onclick: decide(true) }, say("keep-mine")),
      make("button", { type: "button", class: "plain", onclick: decide(false) }, say(saved ? "take-theirs" : "take-unsent")),
    );
  }
}

/** Say when both texts were written, and which is newer if that is sure. */
function tellTimes(place: HTMLElement, { here, there, newer }: ConflictTimes): void {
  const now = new Date();
  const when = (at: number): string => momentOf(new Date(at), now);
  const facts = [
    there && say("conflict-when-there", { when: when(there) }),
    here && say("conflict-when-here", { when: when(here) }),
    newer && say(newer === "here" ? "conflict-newer-here" : "conflict-newer-there"),
  ];
  const text = facts.filter(Boolean).join(" ");
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

/** Another version, as a learner can compare it. */
function shown(theirs: unknown): string {
  if (typeof theirs === "string") return theirs;
  const values = Object.values((theirs ?? {}) as Record<string, unknown>);
  return values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join("\n");
}
