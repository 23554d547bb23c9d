// What is said after handing in.
import { beforeEach, expect, test } from "vitest";
import { isFinal, scoreSentence } from "../src/followup";
import { speak } from "../src/words";

beforeEach(() => {
  (globalThis as { document?: unknown }).document = { documentElement: { lang: "en" } };
  speak("en");
});

test("a score is told when it was returned, and before that where the work is", () => {
  expect(scoreSentence({})).toContain("being checked");
  expect(scoreSentence({ state: "graded" })).toContain("when your trainer returns it");
  expect(scoreSentence({ state: "returned", score: 17.5, max_score: 20 })).toBe("Your score: 17.5 of 20 points.");
  expect(isFinal({ state: "graded" })).toBe(false);
  expect(isFinal({ state: "returned" })).toBe(true);
});
