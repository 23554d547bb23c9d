// Runs cells in the lab's order: what a cell builds on runs first, and a kernel that is gone comes back to where it was.
import { type Ending, LabKernel } from "./kernel";
import { Collected } from "./outputs";
import { toReplay, toRunFirst } from "./parts";
import { ServerError, type Trouble } from "./server";
import type { Answers, Cell, Output } from "./types";

/** What a run shows of a cell. */
export interface CellPlace {
  busy(state: "waiting" | "running" | "starting" | ""): void;
  show(outputs: Output[], finished: boolean): void;
}

export interface RunReport {
  ending: Ending | "away" | "signed-out" | "stopped" | "refused" | "full";
  first: number;
  firstFailed: boolean;
}

export interface Stage {
  /** Whether the server answers just now. */
  online(): Promise<boolean>;
  cells(): Cell[];
  source(cell: Cell): string;
  place(id: string): CellPlace | undefined;
  keep(id: string, outputs: Output[], count: number | null): void;
  /** The kernel was replaced: `during` is the cell that ran at that moment; `rested` if it had been stopped as idle. */
  replaced(during: string | undefined, rested: boolean): void;
  /** The old kernel's widgets are gone. */
  gone(): void;
}

/** One cell after the other, in one kernel. */
export class Runner {
  private tail: Promise<unknown> = Promise.resolve();
  private had: ReadonlySet<string> | undefined;
  private current: string | undefined;
  private active = 0;

  constructor(
    private readonly kernel: LabKernel,
    private readonly stage: Stage,
  ) {
    kernel.onLost = (had, quietly) => {
      this.had = had;
      this.stage.gone();
      if (!this.active && !quietly) void this.inTurn(() => this.comeBack());
    };
  }

  private inTurn<T>(what: () => Promise<T>): Promise<T> {
    const turn = this.tail.then(async () => {
      this.active += 1;
      try {
        return await what();
      } finally {
        this.active -= 1;
      }
    });
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  /** Run a cell, after the code above it that did not run yet. Never throws. */
  async run(id: string): Promise<RunReport> {
    const report: RunReport = { ending: "ok", first: 0, firstFailed: false };
    this.stage.place(id)?.busy("waiting");
    // A socket of a line that is cut looks as if it were open, and what is sent to it is never answered.
    if (!(await this.stage.online())) {
      this.stage.place(id)?.busy("");
      return { ...report, ending: "away" };
    }
    await this.kernel.verify();
    return this.inTurn(async () => {
      try {
        if (!this.kernel.started) this.stage.place(id)?.busy("starting");
        await this.ready();
        const cells = this.stage.cells();
        for (const cell of toRunFirst(cells, id, this.kernel.ran)) {
          const ending = await this.one(cell);
          report.first += cell.role === "start" ? 0 : 1;
          report.firstFailed ||= ending !== "ok";
          if (ending === "died") return { ...report, ending };
        }
        const cell = cells.find((one) => one.id === id);
        if (cell) report.ending = await this.one(cell);
      } catch (error) {
        report.ending = troubleIn(error);
      } finally {
        this.stage.place(id)?.busy("");
      }
      return report;
    });
  }

  /** Ask the kernel's side of a form; the lab is begun first. Throws ServerError or Error. */
  async ask(task: string, act: string, answers: Answers): Promise<Record<string, unknown> | undefined> {
    if (!(await this.stage.online())) throw new ServerError("away");
    await this.kernel.verify();
    return this.inTurn(async () => {
      await this.ready();
      await this.begin();
      const words = [task, act, JSON.stringify(answers)].map((word) => JSON.stringify(word)).join(", ");
      const code = `__import__("labs.kit.desk_forms", fromlist=["act"]).act(${words})`;
      try {
        return await this.kernel.call(code, task);
      } catch (error) {
        if (error instanceof ServerError) throw error;
        // Most often the kernel began again in the middle: once more, in the new one.
        await this.comeBack();
        await this.begin();
        return this.kernel.call(code, task);
      }
    });
  }

  /** Start the kernel before it is needed. Never throws. */
  prepare(): Promise<void> {
    return this.inTurn(async () => {
      await this.ready();
      await this.begin();
    }).catch(() => undefined);
  }

  /** Have a kernel. One that was stopped because nobody used it comes back to where it was. */
  private async ready(): Promise<void> {
    await this.kernel.ensure();
    if (this.had?.size) await this.comeBack(undefined, true);
    this.had = undefined;
  }

  private async begin(): Promise<void> {
    const start = this.stage.cells().find((cell) => cell.role === "start");
    if (start && !this.kernel.ran.has(start.id)) await this.one(start);
  }

  private async one(cell: Cell): Promise<Ending> {
    const place = this.stage.place(cell.id);
    const collected = new Collected();
    this.current = cell.id;
    place?.busy("running");
    let planned = 0;
    const ending = await this.kernel.run(this.stage.source(cell), cell.id, (message) => {
      if (!collected.take(message) || planned) return;
      // A cell that prints in a loop would draw the page thousands of times.
      planned = window.setTimeout(() => {
        planned = 0;
        place?.show(collected.outputs, false);
      }, 60);
    });
    clearTimeout(planned);
    this.current = undefined;
    place?.show(collected.outputs, true);
    place?.busy("");
    this.stage.keep(cell.id, collected.asKept(), collected.count);
    if (ending === "died") await this.comeBack(cell.id);
    return ending;
  }

  /** Bring a new kernel to where the old one was; the cell that ran when it died does not run again. */
  private async comeBack(during?: string, rested = false): Promise<void> {
    const had = this.had ?? new Set<string>();
    this.had = undefined;
    await this.kernel.ensure();
    for (const cell of toReplay(this.stage.cells(), had, during)) {
      const collected = new Collected();
      const place = this.stage.place(cell.id);
      place?.busy("running");
      await this.kernel.run(this.stage.source(cell), cell.id, (message) => void collected.take(message));
      place?.show(collected.outputs, true);
      place?.busy("");
    }
    this.stage.replaced(during ?? this.current, rested);
  }
}

function troubleIn(error: unknown): Trouble {
  return error instanceof ServerError ? error.trouble : "away";
}
