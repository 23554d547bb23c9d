// How each kind of cell looks and what its buttons do.
import { fill, make } from "./dom";
import type { Editor } from "./editor";
import { markdown } from "./markdown";
import { drawOutputs, spoken } from "./outputs";
import type { CellPlace, RunReport } from "./runner";
import { NearFirst } from "./slices";
import type { Cell, MimeData, Output } from "./types";
import { type Key, say } from "./words";

/** What a cell needs of the desk. */
export interface CellDesk {
  run(id: string): Promise<RunReport>;
  edit(id: string, text: string): void;
  widget(data: MimeData): Node;
  announce(text: string): void;
  number(id: string): number;
}

let editors: Promise<typeof import("./editor")> | undefined;
const toEdit = new NearFirst();

/** The editor's own part of the script, loaded once, after the page can be read. */
function loadEditor(): Promise<typeof import("./editor")> {
  editors ??= import("./editor");
  return editors;
}

/** A text of the lab: it can be read, and nothing else. */
export function textCell(cell: Cell): HTMLElement {
  const made = markdown(cell.source);
  made.id = `cell-${cell.id}`;
  return made;
}

/** A cell of code, with its button and its result. */
export class CodeCell implements CellPlace {
  readonly element: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly state = make("span", { class: "run-state" });
  private readonly result: HTMLElement;
  private readonly note = make("p", { class: "note", hidden: true });
  private readonly code: HTMLElement;
  private editor: Editor | undefined;
  private text: string;

  constructor(
    private readonly cell: Cell,
    text: string,
    private readonly desk: CellDesk,
  ) {
    this.text = text;
    const own = cell.role === "task";
    const check = cell.role === "check";
    const number = desk.number(cell.id);
    this.button = make("button", { type: "button", class: "run", onclick: () => void this.run() });
    this.button.append(make("span", { "aria-hidden": "true" }, check ? "✓ " : "▶ "), say(check ? "check" : "run"));
    this.button.setAttribute("aria-describedby", `name-${cell.id}`);
    const name = make("span", { class: "skip", id: `name-${cell.id}` }, say("code-of", { n: number }));
    this.code = make("div", { class: "code", id: `code-${cell.id}` });
    this.result = make("div", { class: "result", role: "group", "aria-label": say("result") });
    const tools = make("div", { class: "tools" }, this.button, name);
    if (!own) {
      this.code.hidden = true;
      tools.append(this.folder());
    }
    tools.append(this.state);
    const parts = own ? [this.code, tools] : [tools, this.code];
    this.element = make("section", { class: `cell ${cell.role}`, id: `cell-${cell.id}` });
    this.element.setAttribute("aria-label", own ? say("your-code") : say("code-of", { n: number }));
    this.element.append(...parts, this.note, this.result);
    if (own) this.showCode();
    this.show(cell.outputs ?? [], true, false);
  }

  private folder(): HTMLElement {
    const made = make("button", { type: "button", class: "plain", "aria-expanded": "false" }, say("show-code"));
    made.setAttribute("aria-controls", this.code.id);
    made.addEventListener("click", () => {
      this.code.hidden = !this.code.hidden;
      made.setAttribute("aria-expanded", String(!this.code.hidden));
      made.textContent = say(this.code.hidden ? "show-code" : "hide-code");
      if (!this.code.hidden) this.showCode();
    });
    return made;
  }

  /** Show the code: at once as it is, then in the editor as soon as that is loaded. */
  private showCode(): void {
    if (this.editor || this.code.childElementCount) return;
    const own = this.cell.role === "task";
    const plain = make("textarea", { class: "plain-code", rows: this.text.split("\n").length, spellcheck: "false" });
    plain.value = this.text;
    plain.readOnly = !own;
    plain.setAttribute("aria-label", say(own ? "your-code" : "code-of", { n: this.desk.number(this.cell.id) }));
    plain.addEventListener("input", () => this.typed(plain.value));
    plain.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
      event.preventDefault();
      void this.run();
    });
    this.code.append(plain);
    // Letters that are still being composed would be lost with their box.
    let composing = false;
    const load = (): void => {
      const put = (found: typeof import("./editor")): void => toEdit.add(plain, () => composing || this.edit(plain, found));
      void loadEditor().then(put, () => undefined);
    };
    plain.addEventListener("compositionstart", () => {
      composing = true;
    });
    plain.addEventListener("compositionend", () => {
      composing = false;
      load();
    });
    load();
  }

  /** Put the editor in the place of the plain box, with its text and its caret. */
  private edit(plain: HTMLTextAreaElement, { makeEditor }: typeof import("./editor")): void {
    if (this.editor) return;
    const own = this.cell.role === "task";
    const name = say(own ? "your-code" : "code-of", { n: this.desk.number(this.cell.id) });
    const had = document.activeElement === plain;
    const { selectionStart, selectionEnd } = plain;
    this.editor = makeEditor(plain.value, name, own ? (now) => this.typed(now) : null, () => void this.run());
    plain.replaceWith(this.editor.element);
    if (had) this.editor.focus(selectionStart, selectionEnd);
  }

  private typed(text: string): void {
    this.text = text;
    this.desk.edit(this.cell.id, text);
  }

  /** Put another text in: what another window saved. */
  set source(text: string) {
    this.text = text;
    if (this.editor) this.editor.text = text;
    const plain = this.code.querySelector<HTMLTextAreaElement>("textarea.plain-code");
    if (plain) plain.value = text;
  }

  async run(): Promise<void> {
    if (this.button.getAttribute("aria-disabled") === "true") return;
    this.say("");
    const report = await this.desk.run(this.cell.id);
    this.say(sentence(report), report.ending !== "ok" && report.ending !== "error");
  }

  private say(text: string, announced = false): void {
    this.note.hidden = !text;
    this.note.textContent = text;
    if (announced && text) this.desk.announce(text);
  }

  busy(state: "waiting" | "running" | "starting" | ""): void {
    // Not `disabled`: a button that is disabled loses the focus of whoever pressed it by keyboard.
    this.button.setAttribute("aria-disabled", String(Boolean(state)));
    this.state.textContent = state ? say(state) : "";
    this.element.setAttribute("aria-busy", String(Boolean(state)));
  }

  show(outputs: Output[], finished: boolean, told = true): void {
    fill(this.result, ...drawOutputs(outputs, (data) => this.desk.widget(data)));
    this.result.hidden = !outputs.length;
    if (!finished || !told) return;
    const failed = outputs.some((one) => one.output_type === "error");
    const text = spoken(outputs);
    this.desk.announce(failed ? `${say("failed")} ${text}` : text ? say("finished-with", { text }) : say("finished"));
  }
}

/** What is said below a cell after it ran. */
export function sentence(report: RunReport): string {
  const words: string[] = [];
  if (report.first === 1) words.push(say("ran-first-1"));
  if (report.first > 1) words.push(say("ran-first", { n: report.first }));
  if (report.firstFailed) words.push(say("ran-first-error"));
  const trouble: Partial<Record<RunReport["ending"], Key>> = {
    died: "kernel-died-here",
    away: "run-offline",
    "signed-out": "signed-out",
    stopped: "stopped",
    refused: "kernel-away",
    full: "kernel-away",
  };
  const key = trouble[report.ending];
  if (key) words.push(say(key));
  return words.join(" ");
}
