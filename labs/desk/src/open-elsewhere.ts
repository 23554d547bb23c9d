// The same lab, open elsewhere: windows of this browser tell each other what they saved; of other devices the server tells.
import type { Elsewhere } from "./types";

const DEVICE = "isomo-desk-device";
/** A page says that it is there: after this many milliseconds, then again and again; open_devices.py knows the second one. */
export const HERE_FIRST = 5_000;
export const HERE_NEXT = 20_000;

interface Note {
  from: string;
  what: "hello" | "here" | "saved" | "bye";
  kind?: "cell" | "answers";
  id?: string;
  value?: unknown;
  /** When the server had it, in its own seconds; windows of an older Isomo do not say. */
  at?: number;
}

/** Return this browser's name, the same in all its windows; signing out forgets it with everything else of the desk. */
export function deviceName(): string {
  const made = Math.random().toString(36).slice(2);
  try {
    const kept = localStorage.getItem(DEVICE);
    if (!kept) localStorage.setItem(DEVICE, made);
    return kept || made;
  } catch {
    // A browser that stores nothing: each window counts as a device, which is told too often and never too seldom.
    return made;
  }
}

/** Whether another device saved something after this window read the lab; both times are the server's. */
export function isNews(found: Elsewhere | undefined, readAt: number): boolean {
  return (found?.saved_there ?? 0) > readAt;
}

/** What is known of the devices: which of them saved last, and when; undefined if no other one has the lab open. */
export function newestOf(found: Elsewhere | undefined): { where?: "here" | "there"; at?: number } | undefined {
  if (!found?.open) return undefined;
  const { saved_here: here = 0, saved_there: there = 0 } = found;
  if (!here && !there) return {};
  return here > there ? { where: "here", at: here } : { where: "there", at: there };
}

/** Where else one lab is open. */
export class OpenElsewhere {
  private readonly channel: BroadcastChannel | undefined;
  /** Other windows of this browser. */
  readonly windows = new Set<string>();
  /** Other devices, as the server's last answer told. */
  devices: Elsewhere | undefined;
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
    return this.windows;
  }

  /** Tell the others what the server has now. */
  saved(kind: "cell" | "answers", id: string, value: unknown, at: number): void {
    this.tell({ from: this.own, what: "saved", kind, id, value, at });
  }

  /** The server told of other devices; an answer without a word of them tells that there is none. */
  told(found: Elsewhere | undefined): void {
    if (JSON.stringify(found) === JSON.stringify(this.devices)) return;
    this.devices = found;
    this.onChange();
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
    if (note.what === "bye") this.windows.delete(note.from);
    else this.windows.add(note.from);
    this.onChange();
  }
}
