// The slim bar: the way back, the lab, its parts, what is left, whether all is saved, language, hand in.
import { fill, make } from "./dom";
import type { Status } from "./keeper";
import { type Part, minutesLeft, stateOf } from "./parts";
import type { Config, LabState, PartState, Standing } from "./types";
import { type Key, say } from "./words";

const MARK: Record<PartState, string> = { done: "✓", begun: "…", "to do": "" };
const STATE: Record<PartState, Key> = { done: "state-done", begun: "state-begun", "to do": "state-to-do" };
const SAID: Record<Status, Key> = {
  saved: "saved",
  sending: "sending",
  kept: "kept-here",
  "not-kept": "not-kept",
  "signed-out": "kept-here",
  stopped: "kept-here",
  refused: "kept-here",
  full: "kept-here",
  conflict: "kept-here",
};

export interface BarDesk {
  go(at: number | "all"): void;
  handIn(): void;
  leave(address: string): void;
}

/** The bar at the top, and the list of parts below it. */
export class Bar {
  readonly element = make("header", { class: "bar" });
  readonly parts = make("nav", { class: "parts" });
  private readonly saved = make("span", { class: "saved", role: "status" });
  private readonly left = make("span", { class: "left" });
  private readonly links: HTMLAnchorElement[] = [];
  private readonly whole: HTMLAnchorElement;

  constructor(
    private readonly config: Config,
    private readonly state: LabState,
    private readonly all: Part[],
    private readonly desk: BarDesk,
  ) {
    const home = config.home && make("a", { class: "home", href: config.home }, "← ", say("my-labs"));
    const title = make("h1", {}, state.title);
    const handIn = make("button", { type: "button", class: "hand-in", onclick: () => desk.handIn() }, say("hand-in"));
    const tools = make("div", { class: "bar-tools" }, this.left, this.saved, this.languages(), this.more(), handIn);
    if (home) this.element.append(home);
    this.element.append(title, tools);
    this.parts.setAttribute("aria-label", say("parts"));
    this.whole = make("a", { href: "#all", class: "whole" }, say("all-parts"));
    this.parts.append(this.steps(), this.whole);
    this.update(state);
  }

  private steps(): HTMLElement {
    const list = make("ol", {});
    for (const part of this.all) {
      const link = make("a", { href: `#part-${part.at}` });
      this.links.push(link);
      list.append(make("li", {}, link));
    }
    return list;
  }

  private languages(): HTMLElement {
    const choice = make("select", { "aria-label": say("language"), class: "language" });
    for (const [code, name] of Object.entries(this.state.languages)) {
      const option = make("option", { value: code, lang: code, selected: code === this.state.language }, name);
      choice.append(option);
    }
    choice.addEventListener("change", () => {
      const { base, lab } = this.config;
      this.desk.leave(`${base}isomo/language/${encodeURIComponent(lab)}/${choice.value}`);
    });
    return choice;
  }

  private more(): HTMLElement {
    const { base, lab, notebook } = this.config;
    const name = encodeURIComponent(lab);
    const link = (key: Key, address: string): HTMLElement => {
      const made = make("a", { href: address }, say(key));
      made.addEventListener("click", (event) => {
        event.preventDefault();
        this.desk.leave(address);
      });
      return make("li", {}, made);
    };
    const list = make("ul", {});
    list.append(link("jupyterlab", notebook), link("copies", `${base}isomo/copies/${name}`));
    list.append(link("reset", `${base}isomo/reset/${name}`));
    const made = make("details", { class: "more" }, make("summary", {}, say("more")), list);
    made.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !made.open) return;
      made.open = false;
      made.querySelector("summary")?.focus();
    });
    document.addEventListener("click", (event) => {
      if (!made.contains(event.target as Node)) made.open = false;
    });
    return made;
  }

  /** Show where the learner stands. */
  update(standing: Standing): void {
    this.all.forEach((part, at) => {
      const link = this.links[at];
      const state = stateOf(part, standing.states);
      if (!link) return;
      const number = part.piece === undefined ? "" : `${part.piece + 1}`;
      fill(
        link,
        make("span", { class: "step", "aria-hidden": "true" }, state === "done" ? MARK.done : number || "•"),
        make("span", { class: "name" }, number && make("span", { class: "skip" }, `${number} · `), part.title),
        state && make("span", { class: "skip" }, ` (${say(STATE[state])})`),
      );
      link.className = state ? state.replace(" ", "-") : "";
    });
    const minutes = minutesLeft(this.all, standing.states);
    const some = this.all.some((part) => part.piece !== undefined);
    this.left.textContent = some ? (minutes ? say("minutes-left", { n: minutes }) : say("all-done")) : "";
  }

  /** Mark the part that is on the screen. */
  mark(at: number | "all"): void {
    this.links.forEach((link, number) => {
      if (number === at) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    });
    this.whole.textContent = say(at === "all" ? "one-part" : "all-parts");
    this.whole.setAttribute("href", at === "all" ? "#part-0" : "#all");
    const current = this.links[at === "all" ? 0 : at];
    current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Say whether everything is saved. */
  say(status: Status): void {
    const text = say(SAID[status]);
    if (this.saved.textContent !== text) this.saved.textContent = text;
    this.saved.dataset["status"] = status;
  }
}
