// @vitest-environment node
// Charts keep their points: copies of the chart's own shapes stay, copies of anything elsewhere go.
import { expect, test } from "vitest";
import { isDiagram, keepOwnCopies } from "../src/outputs";

function copyOf(attributes: Record<string, string>): { node: Element; wasRemoved: () => boolean } {
  let removed = false;
  const node = {
    nodeName: "use",
    getAttribute: (name: string) => attributes[name] ?? null,
    remove: () => {
      removed = true;
    },
  };
  return { node: node as unknown as Element, wasRemoved: () => removed };
}

test.each([
  [{ "xlink:href": "#m1a2" }, false],
  [{ href: "#m1a2" }, false],
  [{ href: "https://elsewhere.example/x.svg#a" }, true],
  [{ href: "data:image/svg+xml,x#a" }, true],
  [{ href: "#own", "xlink:href": "//elsewhere.example/x.svg#a" }, true],
  [{}, true],
])("a copy with %o is removed: %s", (attributes, expected) => {
  const { node, wasRemoved } = copyOf(attributes as Record<string, string>);
  keepOwnCopies(node);
  expect(wasRemoved()).toBe(expected);
});

test.each([
  ['<style>#sk-container-id-1 {}</style><div id="sk-container-id-1" class="sk-top-container sk-global">…</div>', "Pipeline(…)", true],
  ['<div class="sk-top-container">…</div>', undefined, false],
  ["<table class=\"dataframe\"></table>", "a table", false],
  [undefined, "Pipeline(…)", false],
])("%s with the text %s is the diagram of a model: %s", (html, text, expected) => {
  const data: Record<string, string> = {};
  if (html) data["text/html"] = html;
  if (text) data["text/plain"] = text;
  expect(isDiagram(data)).toBe(expected);
});
