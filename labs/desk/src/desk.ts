// The desk: one lab, part by part. It joins what others do: keeping, running, showing.
import { Bar } from "./bar";
import { CodeCell, textCell } from "./cells";
import { columnWidth } from "./column";
import { Conflicts } from "./conflicts";
import { fill, make } from "./dom";
import { type Draft, type DraftStore, draftKey } from "./drafts";
import { HandIn, type HandedIn, handInDialog, outcome, progressTable } from "./handin";
import type { Keeper, Kind, Status } from "./keeper";
import { LabKernel } from "./kernel";
import { Live } from "./live";
import { HERE_FIRST, HERE_NEXT, type OpenElsewhere, isNews, newestOf } from "./open-elsewhere";
import { type Part, partIn, partsOf, whereToGoOn } from "./parts";
import { Runner } from "./runner";
import type { Server } from "./server";
import { inSlices } from "./slices";
import { FormTask, WordsTask } from "./tasks";
import type { Answers, Cell, Config, FormSpec, LabState, Standing, Task } from "./types";
import { Widgets } from "./widgets";
import { type Key, say } from "./words";
import { onLeave } from "./forget";
import { OtherPlaces } from "./other-places";
import { WhileUsed } from "./while-used";
import { watchWorker } from "./worker-registration";

export interface Parts {
  config: Config;
  server: Server;
  keeper: Keeper;
  drafts: DraftStore;
  elsewhere: OpenElsewhere;
  key: string;
}

/** A part on the page, and its cells that are not drawn yet. */
interface Section {
  element: HTMLElement;
  left: Cell[];
}

function emptySection(part: Part): Section {
  return { element: make("article", { class: "part", id: `section-${part.at}` }), left: [...part.cells] };
}

const BANNERS: Partial<Record<Status, { text: Key; action?: Key }>> = {
  kept: { text: "offline" },
  "signed-out": { text: "signed-out", action: "sign-in" },
  stopped: { text: "stopped", action: "start-server" },
  refused: { text: "not-taken", action: "load-again" },
  full: { text: "home-full" },
  "not-kept": { text: "not-kept" },
};

/** The page of one lab. */
export class Desk {
  readonly element = make("div", { class: "desk" });
  private readonly main = make("main", { id: "lab", tabindex: -1 });
  private readonly live = make("div", { class: "skip", "aria-live": "polite", role: "status" });
  private readonly banner = make("div", { class: "banner", role: "status", hidden: true });
  private readonly others = new OtherPlaces();
  private readonly news = make("div", { class: "news", role: "status", hidden: true });
  private readonly parts: Part[];
  private readonly bar: Bar;
  private readonly sections: Section[] = [];
  private stopDrawing: () => void = () => undefined;
  private readonly codeCells = new Map<string, CodeCell>();
  private readonly tasks = new Map<string, FormTask | WordsTask>();
  private readonly local = new Map<string, unknown>();
  private readonly widgets = new Widgets();
  private readonly kernel: LabKernel;
  private readonly runner: Runner;
  private readonly handIn: HandIn;
  private readonly conflicts: Conflicts;
  private readonly liveClass: Live;
  private readonly presence: WhileUsed;
  private readonly openDialog: () => void;
  private readonly progress: HTMLElement[] = [];
  private standing: Standing;
  private shown: number | "all" = 0;
  private hiddenAt = 0;
  private stale = false;
  /** When the server read what this page shows, in its own seconds. */
  private readAt: number;

  constructor(
    private readonly with_: Parts,
    private readonly state: LabState,
    left: Draft[],
  ) {
    const { config, server, keeper, drafts, key } = with_;
    this.standing = state;
    this.readAt = state.at ?? config.made_at;
    for (const draft of left) if (draft.kind === "local") this.local.set(draft.id, draft.value);
    this.parts = partsOf(state, say("start"));
    this.kernel = new LabKernel(server, state.path, state.kernel);
    this.kernel.widthFor = (name) => columnWidth(this.main, name);
    this.kernel.onConnection = (connection) => this.widgets.listen(connection);
    this.runner = new Runner(this.kernel, {
      online: async () => navigator.onLine && (!keeper.trouble || keeper.flush(true)),
      cells: () => this.state.cells,
      source: (cell) => String(keeper.value("cell", cell.id) ?? cell.source),
      place: (id) => this.codeCells.get(id),
      keep: (id, outputs, count) => {
        const cell = state.cells.find((one) => one.id === id);
        // A part that was not on the screen yet shows them when it is drawn.
        if (cell) cell.outputs = outputs;
        keeper.keepOutputs(id, outputs, count);
      },
      replaced: (during, rested) => {
        if (rested) this.announce(say("kernel-rested"));
        else this.tell(say(during ? "kernel-died-here" : "kernel-died"));
      },
      gone: () => this.widgets.forget(),
    });
    this.handIn = new HandIn(key, server, keeper, drafts);
    this.openDialog = handInDialog(state, () => this.standing, config.home, this.handIn);
    this.bar = new Bar(config, state, this.parts, {
      go: (at) => this.go(at),
      handIn: () => this.openDialog(),
      leave: (address) => void this.leave(address),
    });
    this.liveClass = new Live(server);
    this.presence = new WhileUsed(() => server.here().then(() => HERE_NEXT, () => HERE_NEXT), HERE_FIRST);
    this.conflicts = new Conflicts(keeper, () => this.refreshAll());
    const skip = make("a", { class: "skip-link", href: "#lab" }, say("skip"));
    skip.addEventListener("click", (event) => {
      event.preventDefault();
      this.main.focus();
    });
    this.element.append(skip, this.bar.element, this.bar.parts, this.banner, this.others.element);
    this.element.append(this.liveClass.messages, this.conflicts.leftOver, this.main, this.liveClass.choice, this.live);
  }

  /** Draw the first part and begin to listen. */
  begin(): void {
    const { keeper, elsewhere, server } = this.with_;
    keeper.watch(() => this.status());
    keeper.onStanding((found) => this.stand(found));
    keeper.onSaved = (kind, id, value, at) => elsewhere.saved(kind, id, value, at);
    elsewhere.onSaved = (kind, id, value, at) => {
      keeper.takeOver(kind, id, value, at, at);
      this.refreshAll();
    };
    elsewhere.onChange = () => this.meet();
    this.meet();
    server.onElsewhere = (found) => elsewhere.told(found);
    addEventListener("pagehide", () => this.sayGoodbye());
    this.tellNews();
    addEventListener("hashchange", () => this.route(true));
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => void this.visible());
    this.route(false);
    this.status();
    this.liveClass.begin();
    this.presence.begin();
    setTimeout(() => void this.runner.prepare().then(() => this.drawMissingViews()), 50);
    void this.sendWaiting();
    // A page that a service worker kept may be older than what another device saved.
    const { kept, made_at } = this.with_.config;
    // And only an answer of now tells how far this device's clock is from the server's.
    this.stale = Boolean(kept) || Date.now() / 1000 - made_at > 60 || keeper.status === "conflict";
    if (this.stale) void this.refresh();
    const updated = this.afterSaving(() => this.tell(say("new-version")));
    this.with_.server.onOther = updated;
    watchWorker(this.with_.config, updated);
    onLeave({
      lab: keeper.lab,
      window: keeper.window,
      stored: () => keeper.stored,
      send: () => this.sendEverything(),
      go: () => this.goodbye(),
    });
  }

  // Parts

  private route(moved: boolean): void {
    const at = location.hash === "#all" ? "all" : partIn(location.hash, this.parts);
    this.go(at ?? whereToGoOn(this.parts, this.standing.states), moved);
    if (at === undefined && !moved && this.shown !== 0 && this.shown !== "all") {
      this.tell(say("go-on", { title: this.parts[this.shown]?.title ?? "" }));
    }
  }

  private go(at: number | "all", focus = true): void {
    this.shown = at;
    const wanted = at === "all" ? this.parts.map((part) => part.at) : [at];
    const sections = wanted.map((one) => (this.sections[one] ??= emptySection(this.parts[one] as Part)));
    fill(this.main, this.news, ...sections.map((one) => one.element), at === "all" ? null : this.steps(at));
    this.draw(sections);
    this.bar.mark(at);
    const title = at === "all" ? "" : `${this.parts[at]?.title} · `;
    document.title = `${title}${this.state.title} · Isomo`;
    if (!focus) return;
    window.scrollTo({ top: 0 });
    const heading = this.main.querySelector<HTMLElement>("h2, h1") ?? this.main.querySelector<HTMLElement>(".prose");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }

  private steps(at: number): HTMLElement {
    const before = this.parts[at - 1];
    const after = this.parts[at + 1];
    const end = make("button", { type: "button", class: "run", onclick: () => this.openDialog() }, say("hand-in"));
    const piece = this.parts[at]?.piece;
    const text = piece === undefined ? "" : say("part-of", { n: piece + 1, all: this.state.pieces.length });
    const place = make("span", { class: "quiet" }, text);
    return make(
      "nav",
      { class: "steps", "aria-label": say("one-part") },
      before ? make("a", { class: "plain", href: `#part-${before.at}` }, "← ", say("back")) : make("span"),
      place,
      after ? make("a", { class: "button", href: `#part-${after.at}` }, say("next"), " →") : end,
    );
  }

  /** Draw what these sections lack: the first screen at once, and no cell of a long lab keeps the page from answering. */
  private draw(sections: Section[]): void {
    this.stopDrawing();
    this.main.dataset["drawing"] = "true";
    this.stopDrawing = inSlices(this.cellByCell(sections), () => delete this.main.dataset["drawing"]);
  }

  private *cellByCell(sections: Section[]): Generator<void> {
    for (const { element, left } of sections) {
      for (let cell = left.shift(); cell; cell = left.shift()) {
        const drawn = this.drawCell(cell);
        if (drawn) element.append(drawn);
        yield;
      }
    }
  }

  private drawCell(cell: Cell): HTMLElement | null {
    const keeper = this.with_.keeper;
    if (cell.role === "words" || cell.role === "start") return null;
    if (cell.role === "text") return cell.source.trim() ? textCell(cell) : null;
    const task = cell.task ? this.state.tasks[cell.task] : undefined;
    if (cell.role === "ask" && cell.task && task) {
      const drawn = this.drawTask(cell.task, task);
      if (drawn) return this.conflicts.around(drawn, "answers", cell.task);
    }
    if (cell.role === "progress") {
      const place = make("div", { class: "cell" }, progressTable(this.state, this.standing));
      this.progress.push(place);
      return place;
    }
    if (cell.role === "submit") {
      const button = make("button", { type: "button", class: "run", onclick: () => this.openDialog() }, say("hand-in"));
      return make("div", { class: "cell" }, button);
    }
    const drawn = new CodeCell(cell, String(keeper.value("cell", cell.id) ?? cell.source), {
      run: (id) => this.run(id),
      edit: (id, text) => keeper.edit("cell", id, text),
      widget: (data) => this.widgets.draw(data),
      announce: (text) => this.announce(text),
      number: (id) => this.state.cells.filter((one) => one.role !== "text").findIndex((one) => one.id === id) + 1,
    });
    this.codeCells.set(cell.id, drawn);
    return this.conflicts.around(drawn.element, "cell", cell.id);
  }

  private drawTask(name: string, task: Task): HTMLElement | null {
    const desk = {
      keeper: this.with_.keeper,
      ask: (one: string, act: string, answers: Answers) => this.runner.ask(one, act, answers),
      check: (one: string) => this.standing.checks[one],
      announce: (text: string) => this.announce(text),
      keepHere: (id: string, value: unknown) => this.keepHere(id, value),
      here: (id: string) => this.local.get(id),
    };
    const spec = task.spec;
    const drawn =
      task.kind === "text"
        ? new WordsTask(name, task, this.state.language, desk)
        : spec && new FormTask(name, task as Task & { spec: FormSpec }, desk);
    if (!drawn) return null;
    this.tasks.set(name, drawn);
    return drawn.element;
  }

  private keepHere(id: string, value: unknown): void {
    const { drafts, elsewhere, key } = this.with_;
    const name = draftKey(key, "here", "local", id);
    if (value === undefined) {
      this.local.delete(id);
      void drafts.remove(name).catch(() => undefined);
      return;
    }
    this.local.set(id, value);
    const draft: Draft = { key: name, lab: key, window: elsewhere.own, kind: "local", id, base: null, value, at: Date.now() };
    void drafts.put(draft).catch(() => undefined);
  }

  private async run(id: string): ReturnType<Runner["run"]> {
    const report = await this.runner.run(id);
    // Checks keep their outcome in the kernel's process; the bar learns of it here.
    void this.with_.keeper.flush(true);
    return report;
  }

  private drawMissingViews(): void {
    for (const task of this.tasks.values()) if (task instanceof FormTask) task.drawMissingView();
  }

  private refreshAll(): void {
    for (const task of this.tasks.values()) task.refresh();
    for (const [id, cell] of this.codeCells) {
      const now = this.with_.keeper.value("cell", id);
      if (typeof now === "string") cell.source = now;
    }
    this.conflicts.update();
  }

  // What is told

  private stand(found: Standing): void {
    this.standing = found;
    this.bar.update(found);
    for (const place of this.progress) fill(place, progressTable(this.state, found));
  }

  private status(): void {
    const status = this.with_.keeper.status;
    const offline = !navigator.onLine && status === "saved" ? "kept" : status;
    this.bar.say(status);
    const found = BANNERS[offline];
    const wasShown = !this.banner.hidden;
    this.banner.hidden = !found;
    this.element.classList.toggle("offline", Boolean(found));
    if (found && this.banner.dataset["status"] !== offline) {
      const action = found.action && make("button", { type: "button", onclick: () => location.reload() }, say(found.action));
      fill(this.banner, make("span", {}, say(found.text)), action);
      this.banner.dataset["status"] = offline;
    } else if (!found && wasShown) {
      this.banner.dataset["status"] = "";
      this.announce(say("back-online"));
      if (this.stale) void this.refresh();
      void this.kernel.retry();
      void this.sendWaiting();
    }
    this.conflicts.update();
  }

  private announce(text: string): void {
    this.live.textContent = "";
    // A sentence that is the same as before is read again only if it was away in between.
    setTimeout(() => {
      this.live.textContent = text;
    }, 30);
  }

  private tell(text: string): void {
    this.news.hidden = false;
    this.news.append(make("p", {}, text));
  }

  private tellNews(): void {
    for (const one of this.state.news) this.tell(one);
  }

  /** Return what has something said once, and only when its "everything is saved" is true. */
  private afterSaving(what: () => void): () => void {
    let asked = false;
    let told = false;
    const look = (): void => {
      if (!asked || told || this.with_.keeper.status !== "saved") return;
      told = true;
      what();
    };
    this.with_.keeper.watch(look);
    return () => {
      asked = true;
      look();
    };
  }

  private meet(): void {
    const { windows, devices } = this.with_.elsewhere;
    this.others.tell(windows.size > 0, newestOf(devices));
    // What another device saved is taken over at once: what is shown here is then what is written to.
    if (!isNews(devices, this.readAt)) return;
    this.stale = true;
    void this.refresh();
  }

  /** Other devices need not wait until this one was silent for long. */
  private sayGoodbye(): void {
    if (!this.with_.elsewhere.windows.size) this.with_.server.leave();
  }

  // The line

  private retry(): void {
    this.with_.keeper.retry();
    if (this.stale) void this.refresh();
    void this.kernel.retry();
    void this.sendWaiting();
  }

  private async sendWaiting(): Promise<void> {
    const found: HandedIn | undefined = await this.handIn.retry();
    if (found && found.kind !== "kept") this.tell(outcome(found));
  }

  /** Another device may have saved something while this window was hidden. */
  private async visible(): Promise<void> {
    if (document.visibilityState === "hidden") {
      this.hiddenAt = Date.now();
      await this.with_.keeper.flush();
      return;
    }
    if (Date.now() - this.hiddenAt < 5_000) return;
    this.retry();
    // While nobody looked, an idle kernel may have been stopped: it comes back before it is needed.
    if (!this.kernel.started) void this.runner.prepare().then(() => this.drawMissingViews());
    await this.refresh();
  }

  private async refresh(): Promise<void> {
    const { keeper, server } = this.with_;
    const asked = Date.now();
    const now = await server.state().catch(() => undefined);
    if (!now) return;
    this.stale = false;
    this.readAt = Math.max(this.readAt, now.at ?? 0);
    keeper.compareClocks(now.at, asked);
    const take = (kind: Kind, id: string, value: unknown): unknown =>
      keeper.takeOver(kind, id, value, now.at, now.saved_at?.[`${kind} ${id}`]);
    for (const cell of now.cells) if (cell.role === "task") take("cell", cell.id, cell.source);
    for (const [name, task] of Object.entries(now.tasks)) take("answers", name, task.kept);
    this.stand(now);
    this.refreshAll();
  }

  /** The learner signs out in another tab: send what is here, then show nothing of it any more. */
  private async sendEverything(): Promise<boolean> {
    const { keeper, drafts } = this.with_;
    const sent = await keeper.flush();
    await keeper.written();
    const waiting = await drafts.handIn(keeper.lab).catch(() => undefined);
    return sent && !waiting;
  }

  private goodbye(): void {
    this.with_.keeper.end();
    this.liveClass.end();
    this.presence.end();
    this.sayGoodbye();
    const home = make("a", { class: "button", href: this.with_.config.home }, say("sign-in"));
    document.title = "Isomo";
    document.body.replaceChildren(make("main", { class: "failed" }, make("p", { role: "alert" }, say("signed-out-here")), home));
  }

  private async leave(address: string): Promise<void> {
    await this.with_.keeper.flush();
    await this.with_.keeper.written();
    location.assign(address);
  }
}
