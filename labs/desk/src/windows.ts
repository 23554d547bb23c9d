// Windows of one lab in one browser: each knows of the others, and takes what they saved.

interface Note {
  from: string;
  what: "hello" | "here" | "saved" | "bye";
  kind?: "cell" | "answers";
  id?: string;
  value?: unknown;
  /** When the server had it, in its own seconds; windows of an older Isomo do not say. */
  at?: number;
}

/** The windows of one lab. */
export class Windows {
  private readonly channel: BroadcastChannel | undefined;
  readonly others = new Set<string>();
  onChange: () => void = () => undefined;
  onSaved: (kind: "cell" | "answers", id: string, value: unknown, at?: number) => void = () => undefined;

  constructor(
    lab: string,
    readonly own: string,
  ) {
    if (typeof BroadcastChannel === "undefined") return;
    this.channel = new BroadcastChannel(`isomo-desk ${lab}`);
    this.channel.onmessage = (event: MessageEvent<Note>) => this.hear(event.data);
    window.addEventListener("pagehide", () => this.tell({ from: own, what: "bye" }));
    // A page that comes back from the browser's memory was said goodbye for.
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.tell({ from: own, what: "hello" });
    });
  }

  /** Greet the other windows; the answer is who is there after a moment. */
  async greet(): Promise<ReadonlySet<string>> {
    this.tell({ from: this.own, what: "hello" });
    await new Promise((resolve) => setTimeout(resolve, this.channel ? 150 : 0));
    return this.others;
  }

  /** Tell the others what the server has now. */
  saved(kind: "cell" | "answers", id: string, value: unknown, at: number): void {
    this.tell({ from: this.own, what: "saved", kind, id, value, at });
  }

  private tell(note: Note): void {
    this.channel?.postMessage(note);
  }

  private hear(note: Note): void {
    if (note.what === "saved" && note.kind && note.id !== undefined) {
      this.onSaved(note.kind, note.id, note.value, note.at);
      return;
    }
    if (note.what === "hello") this.tell({ from: this.own, what: "here" });
    if (note.what === "bye") this.others.delete(note.from);
    else this.others.add(note.from);
    this.onChange();
  }
}
