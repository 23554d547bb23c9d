// The desk's first lines: read the lab that is in the page, take up what was kept, draw.
import { Desk } from "./desk";
import { BrowserDrafts, type DraftStore } from "./drafts";
import { make } from "./dom";
import { Keeper } from "./keeper";
import { MemoryDrafts } from "./memory";
import { OpenElsewhere, deviceName } from "./open-elsewhere";
import { Server } from "./server";
import type { Config, LabState } from "./types";
import { say, speak } from "./words";

async function openDrafts(): Promise<{ drafts: DraftStore; safe: boolean }> {
  try {
    return { drafts: await BrowserDrafts.open(), safe: true };
  } catch {
    // A browser that stores nothing: what is typed goes to the server alone, and the bar says what is kept.
    return { drafts: new MemoryDrafts(), safe: false };
  }
}

async function begin(): Promise<void> {
  const root = document.getElementById("desk");
  const about = document.getElementById("desk-config");
  const config = JSON.parse(about?.textContent ?? "{}") as Config;
  config.kept = about?.dataset["kept"] !== undefined;
  if (!root) return;
  speak(document.documentElement.lang);
  const server = new Server(config, "", deviceName());
  const own = Math.random().toString(36).slice(2);
  const key = config.base + config.lab;
  const elsewhere = new OpenElsewhere(key, own);
  let state: LabState;
  const [kept, others] = await Promise.all([openDrafts(), elsewhere.greet()]);
  try {
    state = JSON.parse(document.getElementById("desk-state")?.textContent ?? "") as LabState;
  } catch {
    const again = make("button", { type: "button", class: "run", onclick: () => location.reload() }, say("load-again"));
    root.replaceChildren(make("main", { class: "failed" }, make("p", { role: "alert" }, say("load-failed")), again));
    return;
  }
  speak(state.language);
  document.documentElement.lang = state.language;
  const keeper = new Keeper(key, own, {
    send: (changes) => server.save(changes),
    drafts: kept.drafts,
    now: () => Date.now(),
    later: (what, wait) => setTimeout(what, wait),
  });
  const at = state.at ?? config.made_at;
  for (const cell of state.cells) if (cell.role === "task") keeper.know("cell", cell.id, cell.source, at, state.saved_at?.[`cell ${cell.id}`]);
  for (const [name, task] of Object.entries(state.tasks)) {
    keeper.know("answers", name, task.kept, at, state.saved_at?.[`answers ${name}`]);
  }
  const all = await kept.drafts.of(key).catch(() => []);
  // What another open window keeps is that window's to send.
  const left = all.filter((draft) => !others.has(draft.window));
  const desk = new Desk({ config, server, keeper, drafts: kept.drafts, elsewhere, key }, state, left);
  keeper.adopt(left);
  root.replaceChildren(desk.element);
  desk.begin();
}

void begin();
