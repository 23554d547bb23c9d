// The desk's sentences: all in French, with the same facts, as French is printed.
import { expect, test } from "vitest";
import { fingerprint } from "../src/fingerprint";
import { Collected, overwritten, plainText } from "../src/outputs";
import { troubleOf } from "../src/server";
import { say, speak } from "../src/words";
import en from "../src/words/en.json";
import fr from "../src/words/fr.json";

const facts = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? "").sort();

test("every sentence is in French, with the same facts", () => {
  expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) {
    expect(facts(fr[key as keyof typeof fr]), key).toEqual(facts(text));
  }
});

test("French signs are held to their word by a space that does not break, and apostrophes are the printed ones", () => {
  const wrong = Object.values(fr).filter((text) => / [;:!?»]|« |\w'\w/.test(text));
  expect(wrong).toEqual([]);
});

test("a sentence is said in the language of the lab, and in English where there is none", () => {
  speak("fr");
  expect(say("hand-in")).toBe("Remettre");
  speak("rw");
  expect(say("ran-first", { n: 3 })).toBe("3 earlier cells were run first.");
  speak("en");
});

test("a fingerprint is the one that the server computes", () => {
  expect([fingerprint("bar = None"), fingerprint("é😀")]).toEqual(["10-ca59776d", "3-44cc4da1"]);
});

test("what a status means for a learner", () => {
  const found = [200, 401, 403, 424, 502, 503, 0, 404, 413].map((status) => troubleOf(status));
  expect(found).toEqual([
    undefined, "signed-out", "signed-out", "stopped", "away", "away", "away", "refused", "refused",
  ]);
  expect(troubleOf(0, "opaqueredirect")).toBe("signed-out");
});

test("streams are joined, a progress bar overwrites its line, colours of a terminal are left out", () => {
  const made = new Collected();
  const send = (type: string, content: object): boolean =>
    made.take({ header: { msg_type: type }, content } as never);
  send("stream", { name: "stdout", text: "10%\r" });
  send("stream", { name: "stdout", text: "20%\n" });
  expect(made.asKept()).toEqual([{ output_type: "stream", name: "stdout", text: "20%\n" }]);
  send("display_data", { data: { "text/plain": "old" }, transient: { display_id: "d" } });
  expect(send("update_display_data", { data: { "text/plain": "new" }, transient: { display_id: "d" } })).toBe(true);
  expect(made.asKept()[1]).toEqual({ output_type: "display_data", data: { "text/plain": "new" }, metadata: {} });
  send("clear_output", { wait: true });
  expect(made.outputs.length).toBe(2);
  send("stream", { name: "stdout", text: "after" });
  expect(made.outputs.length).toBe(1);
  expect([overwritten("a\rb\r\nc"), plainText("\u001b[31mred\u001b[0m")]).toEqual(["b\nc", "red"]);
});
