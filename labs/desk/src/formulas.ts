// Formulas as MathML, which every browser of today draws with its own fonts; loaded only where a lab has a formula.
import temml from "temml";

/** Draw a formula in place of its source; a formula that cannot be read stays as its author wrote it. */
export function drawFormula(place: HTMLElement, source: string, wide: boolean): void {
  temml.render(source, place, { displayMode: wide, throwOnError: false });
}
