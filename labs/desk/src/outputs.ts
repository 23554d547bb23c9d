// A cell's outputs: collected from messages as notebooks store them, and drawn without running anything in them.
import DOMPurify from "dompurify";
import { make } from "./dom";
import type { Message } from "./kernel";
import { markdown } from "./markdown";
import type { MimeData, Output } from "./types";
import { say } from "./words";

export const WIDGET_MIME = "application/vnd.jupyter.widget-view+json";

/** Outputs of one cell while it runs. */
export class Collected {
  outputs: Output[] = [];
  count: number | null = null;
  private clearNext = false;

  /** Take a message. True if what is shown changed. */
  take(message: Message): boolean {
    const type = message.header.msg_type;
    const content = message.content as unknown as Output & { wait?: boolean; execution_count?: number };
    if (type === "execute_input") {
      this.count = content.execution_count ?? null;
      return false;
    }
    if (type === "clear_output") {
      if (content.wait) this.clearNext = true;
      else this.outputs = [];
      return !content.wait;
    }
    if (type === "update_display_data") return this.update(content);
    if (type !== "stream" && type !== "display_data" && type !== "execute_result" && type !== "error") return false;
    if (this.clearNext) this.outputs = [];
    this.clearNext = false;
    this.add({ ...content, output_type: type });
    return true;
  }

  private update(content: Output): boolean {
    const id = content.transient?.display_id;
    const same = this.outputs.filter((one) => id && one.transient?.display_id === id);
    for (const one of same) {
      one.data = content.data ?? {};
      one.metadata = content.metadata ?? {};
    }
    return same.length > 0;
  }

  private add(output: Output): void {
    const last = this.outputs[this.outputs.length - 1];
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
      last.text = textOf(last.text) + textOf(output.text);
      return;
    }
    this.outputs.push(output);
  }

  /** Return the outputs as a notebook keeps them. */
  asKept(): Output[] {
    return this.outputs.map((one) => {
      const { transient: _, ...kept } = one;
      if (kept.output_type === "stream") kept.text = overwritten(textOf(kept.text));
      if (kept.output_type === "display_data" || kept.output_type === "execute_result") kept.metadata ??= {};
      return kept;
    });
  }
}

/** A text that may be stored as lines. */
export function textOf(text: unknown): string {
  return Array.isArray(text) ? text.join("") : String(text ?? "");
}

/** What a terminal shows after carriage returns: progress bars overwrite their line. */
export function overwritten(text: string): string {
  return text
    .replace(/\r+\n/g, "\n")
    .split("\n")
    .map((line) => (line.includes("\r") ? (line.split("\r").filter(Boolean).pop() ?? "") : line))
    .join("\n");
}

/** A text without the colours of a terminal. */
export function plainText(text: string): string {
  // biome-ignore lint: escape sequences begin with a control character
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
}

/** Charts draw each point and each tick as a copy of a shape of theirs; a copy of anything elsewhere is taken out. */
export function keepOwnCopies(node: Element): void {
  if (node.nodeName.toLowerCase() !== "use") return;
  const named = ["href", "xlink:href"].map((name) => node.getAttribute(name)).filter((name) => name !== null);
  if (!named.length || named.some((name) => !name.startsWith("#"))) node.remove();
}

function safe(html: string): DocumentFragment {
  DOMPurify.addHook("afterSanitizeAttributes", keepOwnCopies);
  const made = DOMPurify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    ADD_ATTR: ["target"],
    ADD_TAGS: ["use"],
    FORBID_TAGS: ["form", "iframe", "object", "embed", "base", "meta", "link"],
  });
  DOMPurify.removeHook("afterSanitizeAttributes");
  // The corner above an index is no heading: a screen reader would announce an empty one at each cell.
  for (const head of made.querySelectorAll("th")) {
    if (!head.textContent?.trim()) head.replaceWith(document.createElement("td"));
  }
  return made;
}

function scrolling(name: string, ...children: Node[]): HTMLElement {
  const made = make("div", { class: "scrolls", role: "group", "aria-label": name, tabindex: 0 });
  made.append(...children);
  return made;
}

/** The pixels that a picture says it takes: one for a narrow screen has twice as many dots as that, to be sharp. */
export function ownWidth(kind: string, metadata: Record<string, unknown> | undefined): number | undefined {
  const said = (metadata?.[kind] as { width?: unknown } | undefined)?.width;
  return typeof said === "number" && said > 0 ? Math.round(said) : undefined;
}

function picture(kind: string, data: MimeData, width: number | undefined): HTMLElement {
  const alt = textOf(data["text/plain"]);
  // Figures describe themselves in their plain text if their author did; <Figure size …> says nothing to anybody.
  const described = alt && !alt.startsWith("<") ? alt : say("picture");
  const source =
    kind === "image/svg+xml"
      ? `data:image/svg+xml;charset=utf-8,${encodeURIComponent(textOf(data[kind]))}`
      : `data:${kind};base64,${textOf(data[kind]).replace(/\s/g, "")}`;
  return make("img", { src: source, alt: described, width });
}

/** Whether this is scikit-learn's diagram of a model: without its style sheet it says only that it cannot be shown. */
export function isDiagram(data: MimeData): boolean {
  return Boolean(data["text/plain"]) && /class="[^"]*\bsk-top-container\b/.test(textOf(data["text/html"]));
}

function drawData({ data = {}, metadata }: Output, widget: (data: MimeData) => Node): Node {
  if (data[WIDGET_MIME]) return widget(data);
  if (data["text/html"] && !isDiagram(data)) {
    const found = safe(textOf(data["text/html"]));
    return found.querySelector("table") ? scrolling(say("table"), found) : make("div", { class: "html" }, found);
  }
  const kind = ["image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp"].find((one) => data[one]);
  if (kind) return picture(kind, data, ownWidth(kind, metadata));
  if (data["text/markdown"]) return markdown(textOf(data["text/markdown"]));
  return scrolling(say("text-result"), make("pre", {}, plainText(textOf(data["text/latex"] ?? data["text/plain"]))));
}

/** Draw an error: what happened in one sentence, Python's own words folded. One line means that the lab folded them. */
function drawError(output: Output): Node {
  const title = make("p", {}, make("strong", {}, say("error-title", { name: output.ename ?? "Error" })));
  const trace = plainText((output.traceback ?? []).join("\n")).trim();
  if (!trace.includes("\n")) return make("div", { class: "error" }, title);
  const folded = scrolling(say("text-result"), make("pre", {}, trace));
  return make("div", { class: "error" }, title, make("details", {}, make("summary", {}, say("error-more")), folded));
}

/** Draw outputs; `widget` draws those that are widgets. */
export function drawOutputs(outputs: Output[], widget: (data: MimeData) => Node): Node[] {
  return outputs.map((output) => {
    if (output.output_type === "error") return drawError(output);
    if (output.output_type === "stream") {
      const made = make("pre", {}, plainText(overwritten(textOf(output.text))));
      return scrolling(say("text-result"), made);
    }
    return drawData(output, widget);
  });
}

/** What a screen reader is told of outputs: the first words. */
export function spoken(outputs: Output[]): string {
  const texts = outputs.map((one) =>
    one.output_type === "error" ? `${one.ename}: ${one.evalue}` : textOf(one.text ?? one.data?.["text/plain"]),
  );
  return plainText(texts.filter((text) => text && !text.startsWith("<")).join(" ")).slice(0, 240);
}
