// A task's form: drawn from the lab's own text, so that it is there without a kernel and without a line.
import form from "../../kit/static/form.js";
import { make } from "./dom";
import type { ModuleModel } from "./modules";
import type { Answers, FormSpec } from "./types";

/** What a form asks of the lab's kernel. */
export type FormAct = (act: "check" | "hint" | "view", answers: Answers) => void;

/** A form's model, here in the browser: the same calls as a widget's, without a kernel behind it. */
export class FormModel implements ModuleModel {
  private readonly listeners = new Map<string, Set<(...words: unknown[]) => void>>();
  private readonly state: Record<string, unknown>;

  constructor(
    spec: FormSpec,
    answers: Answers,
    private readonly changed: (answers: Answers) => void,
    private readonly act: FormAct,
  ) {
    this.state = { spec, answers, verdict: "", view: "", hint: "", hints: "", locked: false, saved: "", outcome: "" };
  }

  get(name: string): unknown {
    return this.state[name];
  }

  set(name: string, value: unknown): void {
    this.state[name] = value;
    for (const what of this.listeners.get(`change:${name}`) ?? []) what();
  }

  save_changes(): void {
    this.changed(this.state["answers"] as Answers);
  }

  on(name: string, what: (...words: unknown[]) => void): void {
    this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(what));
  }

  off(): void {
    this.listeners.clear();
  }

  send(content: unknown): void {
    const asked = content as { do?: "check" | "hint"; answers?: Answers };
    if (asked.do) this.act(asked.do, asked.answers ?? (this.state["answers"] as Answers));
  }
}

/** Draw a form. */
export function drawForm(model: FormModel): HTMLElement {
  const place = make("div", { class: "form" });
  form.render({ model, el: place });
  return place;
}
