// Widgets in a cell's outputs. Those that bring their own module are drawn at once; the library for all others, which is
// larger than the rest of the desk, is loaded when the first of them appears.
import type { IComm } from "@jupyterlab/services/lib/kernel/kernel";
import type { ICommMsgMsg, ICommOpenMsg } from "@jupyterlab/services/lib/kernel/messages";
import { make } from "./dom";
import type { Connection } from "./kernel";
import { type ModuleModel, drawModule } from "./modules";
import { WIDGET_MIME } from "./outputs";
import type { MimeData } from "./types";
import type { FullManager } from "./widgets-full";
import { say } from "./words";

const TARGET = "jupyter.widget";
const OWN_MODULE = "anywidget";

type State = Record<string, unknown>;

/** A widget with its own module: its state here, in step with the kernel's. */
class LightModel implements ModuleModel {
  private readonly listeners = new Map<string, Set<(...words: unknown[]) => void>>();
  private readonly changed = new Set<string>();

  constructor(
    readonly comm: IComm,
    private readonly state: State,
  ) {
    comm.onMsg = (message) => this.hear(message);
  }

  get(name: string): unknown {
    return this.state[name];
  }

  set(name: string, value: unknown): void {
    this.state[name] = value;
    this.changed.add(name);
    this.tell(`change:${name}`, value);
  }

  save_changes(): void {
    if (!this.changed.size) return;
    const state = Object.fromEntries([...this.changed].map((name) => [name, this.state[name]]));
    this.changed.clear();
    this.comm.send({ method: "update", state, buffer_paths: [] } as never);
  }

  on(name: string, what: (...words: unknown[]) => void): void {
    this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(what));
  }

  off(name?: string | null, what?: ((...words: unknown[]) => void) | null): void {
    if (!name) this.listeners.clear();
    else if (!what) this.listeners.delete(name);
    else this.listeners.get(name)?.delete(what);
  }

  send(content: unknown): void {
    this.comm.send({ method: "custom", content } as never);
  }

  private tell(name: string, ...words: unknown[]): void {
    for (const what of this.listeners.get(name) ?? []) what(...words);
  }

  private hear(message: ICommMsgMsg): void {
    const data = message.content.data as { method?: string; state?: State; content?: unknown };
    if (data.method === "custom") this.tell("msg:custom", data.content, message.buffers ?? []);
    // The kernel's echo of what was just sent must not undo what was typed since.
    if (data.method !== "update") return;
    for (const [name, value] of Object.entries(data.state ?? {})) {
      if (this.changed.has(name)) continue;
      this.state[name] = value;
      this.tell(`change:${name}`, value);
    }
  }
}

/** All widgets of one kernel. */
export class Widgets {
  private light = new Map<string, LightModel>();
  private readonly comms = new Map<string, IComm>();
  private connection: Connection | undefined;
  private full: Promise<FullManager> | undefined;

  /** Listen to a kernel; widgets of the one before are gone. */
  listen(connection: Connection): void {
    if (connection === this.connection) return;
    this.connection = connection;
    this.forget();
    connection.registerCommTarget(TARGET, (comm, message) => this.opened(comm, message));
  }

  /** The kernel began again: its widgets are gone. */
  forget(): void {
    this.light = new Map();
    this.comms.clear();
    this.full = undefined;
  }

  private opened(comm: IComm, message: ICommOpenMsg): void | PromiseLike<void> {
    const data = message.content.data as { state?: State };
    const state = data.state ?? {};
    this.comms.set(comm.commId, comm);
    if (state["_model_module"] === OWN_MODULE) this.light.set(comm.commId, new LightModel(comm, state));
    if (this.full) return this.full.then((manager) => manager.opened(comm, message));
  }

  /** Draw the widget that an output names. */
  draw(data: MimeData): HTMLElement {
    const id = String((data[WIDGET_MIME] as { model_id?: string }).model_id ?? "");
    const place = make("div", { class: "widget" });
    void this.fill(id, place).catch(() => {
      place.replaceChildren(make("p", { class: "note" }, say("widget-failed")));
    });
    return place;
  }

  private async fill(id: string, place: HTMLElement): Promise<void> {
    const known = this.light.get(id);
    if (known) return drawModule(known, place);
    place.append(make("p", { class: "quiet" }, "…"));
    const connection = this.connection;
    if (!connection) return this.gone(place);
    this.full ??= import("./widgets-full").then(({ FullManager: Manager }) => Manager.begin(connection, this.comms));
    const manager = await this.full;
    if (!manager.has_model(id)) return this.gone(place);
    place.replaceChildren();
    await manager.show(id, place);
  }

  private gone(place: HTMLElement): void {
    place.replaceChildren(make("p", { class: "note" }, say("widget-gone")));
  }
}
