// @vitest-environment node
// The width for which charts are drawn: that of the place where they will stand, never more than there is.
import { afterEach, expect, test, vi } from "vitest";
import { columnWidth } from "../src/column";
import { ownWidth } from "../src/outputs";

interface Place {
  clientWidth: number;
  padding: number;
  view?: Place;
}

function page(places: Record<string, Place>): void {
  const element = (place: Place | undefined): unknown =>
    place && { ...place, querySelector: () => element(place.view) ?? null };
  vi.stubGlobal("document", { getElementById: (id: string) => element(places[id]) ?? null });
  vi.stubGlobal("getComputedStyle", ({ padding }: Place) => ({ paddingLeft: `${padding}px`, paddingRight: `${padding}px` }));
}

const main = (clientWidth: number): Element => ({ clientWidth, padding: 16 }) as unknown as Element;

afterEach(() => vi.unstubAllGlobals());

test("a cell's result has the cell's width inside its padding, in whole pixels", () => {
  page({ "cell-a": { clientWidth: 290, padding: 9.4 } });
  expect(columnWidth(main(320), "a")).toBe(271);
});

test("a question's picture has the width of the place in which it stands", () => {
  page({ "task-j": { clientWidth: 288, padding: 0, view: { clientWidth: 284, padding: 0 } } });
  expect(columnWidth(main(320), "j")).toBe(284);
});

test("in a part that is not shown a chart gets what every place of the page has", () => {
  page({ "cell-a": { clientWidth: 0, padding: 0 } });
  expect(columnWidth(main(320), "a")).toBe(268);
  expect(columnWidth(main(320), "never-drawn")).toBe(268);
});

test("a page without a place for anything names no width below none", () => {
  page({});
  expect(columnWidth(main(0), "a")).toBe(0);
});

test.each([
  [{ "image/png": { width: 271, height: 200 } }, 271],
  [{ "image/png": { width: 270.6 } }, 271],
  [{ "image/svg+xml": { width: 271 } }, undefined],
  [{ "image/png": { width: "wide" } }, undefined],
  [{ "image/png": { width: 0 } }, undefined],
  [{}, undefined],
  [undefined, undefined],
])("a picture that says %o takes %s pixels", (metadata, expected) => {
  expect(ownWidth("image/png", metadata as Record<string, unknown> | undefined)).toBe(expected);
});
