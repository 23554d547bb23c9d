// Where else a lab is open: what a device is told of another one, and what it makes of it.
import { afterEach, describe, expect, test, vi } from "vitest";
import { OpenElsewhere, deviceName, isNews, newestOf } from "../src/open-elsewhere";
import { Server } from "../src/server";

afterEach(() => vi.unstubAllGlobals());

function stubStorage(): Map<string, string> {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  });
  return kept;
}

describe("a device's name", () => {
  test("is the same in all windows of a browser, and begins with what signing out forgets", () => {
    const kept = stubStorage();
    expect(deviceName()).toBe(deviceName());
    expect([...kept.keys()].every((name) => name.startsWith("isomo-desk"))).toBe(true);
    expect(deviceName()).toMatch(/^[a-z0-9]{1,40}$/);
  });

  test("is there without a store", () => {
    vi.stubGlobal("localStorage", {
      getItem: () => {
        throw new Error("not allowed");
      },
    });
    expect(deviceName()).toMatch(/^[a-z0-9]{1,40}$/);
  });
});

test("the device that saved last is told, with its time, and only while another one is open", () => {
  expect(newestOf(undefined)).toBeUndefined();
  expect(newestOf({ open: false, saved_there: 60 })).toBeUndefined();
  expect(newestOf({ open: true })).toEqual({});
  expect(newestOf({ open: true, saved_there: 60 })).toEqual({ where: "there", at: 60 });
  expect(newestOf({ open: true, saved_here: 70, saved_there: 60 })).toEqual({ where: "here", at: 70 });
  expect(newestOf({ open: true, saved_here: 50, saved_there: 60 })).toEqual({ where: "there", at: 60 });
});

test("what another device saved before this page was read is no news, also if that one is closed by now", () => {
  expect(isNews({ open: true, saved_there: 60 }, 60)).toBe(false);
  expect(isNews({ open: false, saved_there: 61 }, 60)).toBe(true);
  expect(isNews({ open: true }, 60)).toBe(false);
  expect(isNews(undefined, 60)).toBe(false);
});

test("the page is told once of each change, and when the other device is closed", () => {
  vi.stubGlobal("BroadcastChannel", undefined);
  const elsewhere = new OpenElsewhere("/user/a/lab", "w");
  let told = 0;
  elsewhere.onChange = () => {
    told += 1;
  };
  elsewhere.told({ open: true });
  elsewhere.told({ open: true });
  expect(told).toBe(1);
  elsewhere.told(undefined);
  expect([told, elsewhere.devices]).toEqual([2, undefined]);
});

test("each request names the device, and the answers tell of others", async () => {
  const asked: Array<[string, RequestInit]> = [];
  vi.stubGlobal("document", { cookie: "" });
  vi.stubGlobal("fetch", async (address: string, how: RequestInit) => {
    asked.push([address, how]);
    return new Response(JSON.stringify({ elsewhere: { open: asked.length < 4 } }));
  });
  const server = new Server({ base: "/user/a/", lab: "bar", version: "" }, "", "phone");
  const told: unknown[] = [];
  server.onElsewhere = (found) => told.push(found);
  await server.here();
  await server.live();
  await server.save({ cells: [], answers: [], outputs: [] });
  await server.state();
  expect(told).toEqual([{ open: true }, { open: true }, { open: true }, { open: false }]);
  expect(asked.map(([address]) => address.split("/").pop())).toEqual(["here", "live", "save", "state"]);
  for (const [, how] of asked) expect(new Headers(how.headers).get("X-Isomo-Device")).toBe("phone");
});

test("closing the last window is told by a request that outlives the page", () => {
  const sent: Array<[string, string]> = [];
  vi.stubGlobal("document", { cookie: "_xsrf=key" });
  vi.stubGlobal("navigator", { sendBeacon: (address: string, about: URLSearchParams) => sent.push([address, String(about)]) });
  new Server({ base: "/user/a/", lab: "bar", version: "" }, "", "phone").leave();
  expect(sent).toEqual([["/user/a/desk/bar/leave", "_xsrf=key&device=phone"]]);
});
