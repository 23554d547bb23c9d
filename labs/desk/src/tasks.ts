// Tasks that are answered with controls or in words: both are there without a kernel and without a line.
import { calm, fill, make } from "./dom";
import { equal } from "./fingerprint";
import { FormModel, drawForm } from "./forms";
import type { Keeper } from "./keeper";
import { ServerError } from "./server";
import type { Answers, Check, FormSpec, Task } from "./types";
import { type Key, say } from "./words";

/** What a task needs of the desk. */
export interface TaskDesk {
  keeper: Keeper;
  ask(task: string, act: string, answers: Answers): Promise<Record<string, unknown> | undefined>;
  check(task: string): Check | undefined;
  announce(text: string): void;
  /** Keep a value in this browser alone; undefined removes it. */
  keepHere(id: string, value: unknown): void;
  here(id: string): unknown;
}

const WORDS = "words";
const LEFT = "left-alone";

/** A question with its controls. */
export class FormTask {
  readonly element = make("section", { class: "cell ask" });
  private model: FormModel | undefined;
  private readonly note = make("p", { class: "note", hidden: true });
  private readonly predicts: boolean;
  private drawing = false;
  private again = false;
  private missed = false;

  constructor(
    private readonly name: string,
    private readonly task: Task & { spec: FormSpec },
    private readonly desk: TaskDesk,
  ) {
    this.predicts = task.kind === "predict";
    this.element.id = `task-${name}`;
    this.draw();
  }

  private get answers(): Answers {
    // A prediction is given once, by its button: until then it is kept in this browser alone.
    const local = this.predicts ? (this.desk.here(this.name) as Answers | undefined) : undefined;
    const kept = local ?? (this.desk.keeper.value("answers", this.name) as Answers | undefined) ?? {};
    return { ...this.task.first, ...kept };
  }

  private get isGiven(): boolean {
    return this.predicts && Object.keys((this.desk.keeper.value("answers", this.name) as Answers) ?? {}).length > 0;
  }

  /** Draw the form anew, with what is kept. */
  draw(): void {
    const model = new FormModel(
      this.task.spec,
      this.answers,
      (answers) => this.changed(answers),
      (act, answers) => void this.act(act, answers),
    );
    model.set("locked", this.isGiven);
    model.set("verdict", this.lastVerdict());
    this.model = model;
    fill(this.element, drawForm(model), this.note);
    if (this.isGiven) model.set("locked", true);
    this.drawView();
  }

  private lastVerdict(): string {
    const seen = read(`verdict ${this.name}`);
    if (seen) return seen;
    const outcome = this.desk.check(this.name)?.outcome;
    if (!outcome || outcome === LEFT || outcome === "not-attempted") return "";
    const known: Record<string, Key> = { passed: "checked-passed", "not-yet": "checked-not-yet" };
    return make("p", { class: "note" }, say(known[outcome] ?? "checked-other")).outerHTML;
  }

  private changed(answers: Answers): void {
    if (this.predicts) this.desk.keepHere(this.name, answers);
    else this.desk.keeper.edit("answers", this.name, answers);
    this.later();
  }

  private readonly later = calm(() => this.drawView(), 250);

  /** The picture that follows the controls; while one is drawn, only the newest answers wait. */
  drawView(): void {
    const model = this.model;
    if (!this.task.spec.has_view || !model) return;
    this.again = this.drawing;
    if (this.drawing) return;
    this.drawing = true;
    void this.desk
      .ask(this.name, "view", model.get("answers") as Answers)
      .then((found) => found && model.set("view", found["view"]), () => undefined)
      .then(() => {
        this.drawing = false;
        const missed = this.missed && !model.get("view");
        this.missed = false;
        if (this.again || missed) this.drawView();
      });
  }

  /** There is a kernel now: draw the picture if it is not there, and again if what is on its way does not arrive. */
  drawMissingView(): void {
    if (this.drawing) this.missed = true;
    else if (!this.model?.get("view")) this.drawView();
  }

  private async act(act: "check" | "hint" | "view", answers: Answers): Promise<void> {
    this.tell("");
    this.element.setAttribute("aria-busy", "true");
    try {
      await this.desk.keeper.flush();
      const found = await this.desk.ask(this.name, act, answers);
      if (!found || !this.model) throw new Error("no answer");
      if (act === "hint") this.model.set("hint", `${this.model.get("hint")}${found["hint"]}`);
      else this.checked(found, answers);
      this.model.set("hints", found["hints"]);
    } catch (error) {
      const trouble = error instanceof ServerError ? error.trouble : "away";
      const known: Partial<Record<string, Key>> = { "signed-out": "signed-out", stopped: "stopped" };
      this.tell(say(known[trouble] ?? "check-offline"));
    } finally {
      this.element.removeAttribute("aria-busy");
    }
  }

  private checked(found: Record<string, unknown>, answers: Answers): void {
    this.model?.set("hint", "");
    this.model?.set("verdict", found["verdict"]);
    write(`verdict ${this.name}`, String(found["verdict"] ?? ""));
    if (found["locked"]) {
      this.desk.keepHere(this.name, undefined);
      this.model?.set("locked", true);
    }
    // The kernel has written these answers into the file.
    this.desk.keeper.takeOver("answers", this.name, answers);
    void this.desk.keeper.flush(true);
  }

  private tell(text: string): void {
    this.note.hidden = !text;
    this.note.textContent = text;
    if (text) this.desk.announce(text);
  }

  /** Show what another window saved, unless this one shows it already. */
  refresh(): void {
    if (!this.predicts && !equal(this.model?.get("answers"), this.answers)) this.draw();
  }
}

/** A text to write: kept at each key. */
export class WordsTask {
  readonly element: HTMLElement;
  private readonly box: HTMLTextAreaElement;
  private readonly count = make("span", { class: "count" });
  private readonly state = make("span", { role: "status" });

  constructor(
    private readonly name: string,
    task: Task,
    language: string,
    private readonly desk: TaskDesk,
    most = 8000,
  ) {
    const id = `words-${name}`;
    this.box = make("textarea", { id, rows: 8, maxlength: most, spellcheck: "true", lang: language });
    this.box.setAttribute("aria-describedby", `${id}-about`);
    this.box.value = String((desk.keeper.value("answers", name) as Answers)?.[WORDS] ?? task.kept[WORDS] ?? "");
    this.box.addEventListener("input", () => {
      desk.keeper.edit("answers", name, { [WORDS]: this.box.value });
      this.tell();
    });
    const label = make("label", { for: id }, say("your-words"));
    const about = make("p", { class: "about-words", id: `${id}-about` }, this.count, this.state);
    this.element = make("section", { class: "cell words", id: `task-${name}` }, label, this.box, about);
    desk.keeper.watch(() => this.tell());
    this.tell();
  }

  private tell(): void {
    const text = this.box.value;
    const words = text.trim() ? text.trim().split(/\s+/).length : 0;
    this.count.textContent = say("words-count", { n: text.length, most: this.box.maxLength, words });
    const item = this.desk.keeper.item("answers", this.name);
    const saved = !item || equal(item.base, item.value);
    const said = say(!text.trim() ? "words-none" : saved ? "words-kept" : this.desk.keeper.trouble ? "words-wait" : "sending");
    if (this.state.textContent !== said) this.state.textContent = said;
  }

  /** Show what another window saved, unless this one shows it already. */
  refresh(): void {
    const now = String((this.desk.keeper.value("answers", this.name) as Answers | undefined)?.[WORDS] ?? "");
    if (now !== this.box.value) this.box.value = now;
    this.tell();
  }
}

function read(name: string): string {
  try {
    return sessionStorage.getItem(`isomo-desk ${location.pathname} ${name}`) ?? "";
  } catch {
    return "";
  }
}

function write(name: string, text: string): void {
  try {
    sessionStorage.setItem(`isomo-desk ${location.pathname} ${name}`, text);
  } catch {
    // No room: the sentence is shown now, and another one after a reload.
  }
}
