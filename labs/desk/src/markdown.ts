// A lab's texts: Markdown, made safe, with formulas as MathML where there are any.
import DOMPurify from "dompurify";
import { marked } from "marked";
import { make } from "./dom";

const FORMULA = /\$\$([\s\S]+?)\$\$|\$([^\s$](?:[^$\n]*[^\s$])?)\$/g;

/** Draw Markdown. Links open in a window of their own: nothing leads away from the work. */
export function markdown(text: string): HTMLElement {
  const formulas: Array<{ source: string; wide: boolean }> = [];
  const kept = text.replace(FORMULA, (whole: string, wide: string | undefined, inner: string | undefined) => {
    if (inner !== undefined && /^\d/.test(inner) && !/[\\^_=]/.test(inner)) return whole;
    formulas.push({ source: wide ?? inner ?? "", wide: wide !== undefined });
    return `<span class="formula" data-n="${formulas.length - 1}"></span>`;
  });
  const html = marked.parse(kept, { async: false, gfm: true });
  const made = make("div", { class: "prose" });
  made.append(DOMPurify.sanitize(html, { RETURN_DOM_FRAGMENT: true, FORBID_TAGS: ["style", "form", "iframe"] }));
  for (const link of made.querySelectorAll("a[href]")) {
    if (!link.getAttribute("href")?.startsWith("#")) {
      link.setAttribute("target", "_blank");
      link.setAttribute("rel", "noopener");
    }
  }
  for (const table of made.querySelectorAll("table")) {
    const around = make("div", { class: "scrolls", role: "group", tabindex: 0 });
    around.setAttribute("aria-label", table.caption?.textContent || firstCell(table));
    table.replaceWith(around);
    around.append(table);
  }
  drawFormulas(made, formulas);
  return made;
}

function firstCell(table: HTMLTableElement): string {
  return table.rows[0]?.textContent?.trim().replace(/\s+/g, " ") || "…";
}

/** Formulas need a library of their own, which comes only where there is a formula. */
function drawFormulas(made: HTMLElement, formulas: Array<{ source: string; wide: boolean }>): void {
  const places = [...made.querySelectorAll<HTMLElement>("span.formula")];
  for (const place of places) place.textContent = formulas[Number(place.dataset["n"])]?.source ?? "";
  if (!places.length) return;
  void import("./formulas").then(({ drawFormula }) => {
    for (const place of places) {
      const found = formulas[Number(place.dataset["n"])];
      if (found) drawFormula(place, found.source, found.wide);
    }
  });
}
