// The kernel of one lab: started when it is needed, found again after a reload, replaced when it is gone.
import { KernelConnection } from "@jupyterlab/services/lib/kernel/default";
import type { IKernelConnection, IModel } from "@jupyterlab/services/lib/kernel/kernel";
import type { IIOPubMessage, Status } from "@jupyterlab/services/lib/kernel/messages";
import { ServerConnection } from "@jupyterlab/services/lib/serverconnection";
import { type Server, ServerError } from "./server";

export type Ending = "ok" | "error" | "died";
export type Connection = IKernelConnection;
export type Message = IIOPubMessage;

export const FORM_MIME = "application/vnd.isomo.form+json";
const CONNECT_PATIENCE = 30_000;

interface SessionModel {
  id: string;
  kernel: IModel;
}

/** One lab's kernel. */
export class LabKernel {
  private connection: KernelConnection | undefined;
  private starting: Promise<KernelConnection> | undefined;
  private known = "";
  /** Cells that ran in the kernel that runs now. */
  readonly ran = new Set<string>();
  /** Called when a kernel that had run cells is gone, before the next one begins. */
  onLost: (had: ReadonlySet<string>, quietly: boolean) => void = () => undefined;
  /** The pixels that a cell's or a task's result has for itself; the kit draws charts for them (labs/kit/column_width.py). */
  widthFor: (name: string) => number = () => 0;
  /** Called with each new connection, so that widgets can listen. */
  onConnection: (connection: Connection) => void = () => undefined;

  constructor(
    private readonly server: Server,
    private readonly path: string,
    private readonly spec: string,
  ) {}

  get started(): boolean {
    return this.connection?.connectionStatus === "connected";
  }

  /** Return the connection, after starting what is missing. Throws ServerError, or Error if the kernel does not answer. */
  async ensure(): Promise<KernelConnection> {
    const there = this.connection;
    if (there && !there.isDisposed && there.connectionStatus === "connected" && there.status !== "dead") return there;
    this.starting ??= this.start().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  private async start(): Promise<KernelConnection> {
    const name = this.path.split("/").pop() ?? this.path;
    const request = { path: this.path, name, type: "notebook", kernel: { name: this.spec } };
    let session = await this.server.request<SessionModel>("api/sessions", "POST", request);
    if (session.kernel.execution_state === "dead" || this.connection?.status === "dead") {
      await this.server.request(`api/sessions/${session.id}`, "DELETE");
      session = await this.server.request<SessionModel>("api/sessions", "POST", request);
    }
    if (this.known && this.known !== session.kernel.id) this.lost();
    const before = this.connection;
    if (before && before.id === session.kernel.id && !before.isDisposed) {
      if (before.connectionStatus !== "connected") void before.reconnect().catch(() => undefined);
      await connected(before);
      return before;
    }
    before?.dispose();
    this.connection = this.connect(session.kernel);
    await connected(this.connection);
    const isNew = this.known !== session.kernel.id;
    this.known = session.kernel.id;
    this.onConnection(this.connection);
    if (isNew) await this.askWhatRan(session.kernel);
    return this.connection;
  }

  private connect(model: IModel): KernelConnection {
    const base = new URL(this.server.config.base, window.location.href).href;
    const serverSettings = ServerConnection.makeSettings({
      baseUrl: base,
      wsUrl: base.replace(/^http/, "ws"),
      token: "",
      appendToken: false,
    });
    const made = new KernelConnection({ model, serverSettings, username: "", handleComms: true });
    made.statusChanged.connect((_: unknown, status: Status) => {
      if (status === "autorestarting" || status === "restarting" || status === "dead") this.lost();
    });
    return made;
  }

  /** `quietly`: it ended while nothing ran, and the server told so when the next cell was about to run. */
  private lost(quietly = false): void {
    const had = new Set(this.ran);
    this.ran.clear();
    if (had.size) this.onLost(had, quietly);
  }

  /** A kernel that was there before this page knows itself what ran in it. */
  private async askWhatRan(model: IModel): Promise<void> {
    if (!model.connections && model.execution_state === "starting") return;
    try {
      const shown = await this.call(`__import__("labs.kit.desk_forms", fromlist=["ran"]).ran()`);
      for (const id of Object.keys((shown?.["ran"] as Record<string, string> | undefined) ?? {})) this.ran.add(id);
    } catch {
      // Cells run again instead.
    }
  }

  /** Run code of ours for a task; return what it sends to the desk. Nothing of it is in the learner's history. */
  async call(code: string, task = ""): Promise<Record<string, unknown> | undefined> {
    let found: Record<string, unknown> | undefined;
    const there = this.connection;
    const connection = there && !there.isDisposed ? there : await this.ensure();
    const future = connection.requestExecute(
      { code, silent: false, store_history: false, allow_stdin: false, stop_on_error: false },
      true,
      { isomo_width: this.widthFor(task) },
    );
    future.onIOPub = (message) => {
      const data = (message.content as { data?: Record<string, unknown> }).data;
      if (message.header.msg_type === "display_data" && data?.[FORM_MIME]) {
        found = data[FORM_MIME] as Record<string, unknown>;
      }
    };
    await future.done;
    return found;
  }

  /** Run a cell; `tell` gets each of its messages. */
  async run(code: string, cellId: string, tell: (message: Message) => void): Promise<Ending> {
    const connection = await this.ensure();
    const about = { cellId, isomo_width: this.widthFor(cellId) };
    const future = connection.requestExecute({ code, allow_stdin: false, stop_on_error: false }, true, about);
    future.onIOPub = tell;
    try {
      const reply = await future.done;
      this.ran.add(cellId);
      return reply?.content.status === "ok" ? "ok" : "error";
    } catch {
      return "died";
    }
  }

  /** Give up a kernel that the server does not know any more: what waits for its answer would wait for ever. */
  async verify(): Promise<void> {
    const there = this.connection;
    if (!there || there.isDisposed || there.connectionStatus === "connected") return;
    try {
      await this.server.request(`api/kernels/${there.id}`);
    } catch (error) {
      if (!(error instanceof ServerError) || error.status !== 404) return;
      this.lost(true);
      there.dispose();
    }
  }

  /** The line may be back. */
  async retry(): Promise<void> {
    await this.verify();
    const there = this.connection;
    if (there && !there.isDisposed && there.connectionStatus !== "connected" && there.status !== "dead") {
      await there.reconnect().catch(() => undefined);
    }
  }
}

/** Wait until a connection is there. Throws Error if it takes too long. */
function connected(connection: KernelConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => done(new Error("no kernel")), CONNECT_PATIENCE);
    const look = (): void => {
      if (connection.connectionStatus === "connected") done();
      else if (connection.connectionStatus === "disconnected" || connection.isDisposed) done(new Error("no kernel"));
    };
    const done = (error?: Error): void => {
      clearTimeout(timer);
      connection.connectionStatusChanged.disconnect(look);
      if (error) reject(error);
      else resolve();
    };
    connection.connectionStatusChanged.connect(look);
    look();
  });
}
