// What was typed and has not reached the server: in IndexedDB at once, so that a closed tab or a dead battery loses nothing.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";

export interface Draft {
  key: string;
  /** The learner's server and lab: a shared computer keeps people apart. */
  lab: string;
  /** The window in which it was typed: two windows never write the same draft. */
  window: string;
  kind: "cell" | "answers" | "local" | "known";
  id: string;
  base: unknown;
  value: unknown;
  /** Values that were sent and not answered. */
  sent?: unknown[];
  /** What the same learner wrote here in other windows, which were closed before it was sent. */
  others?: unknown[];
  /** When each of the others was typed; 0 if that is not known. */
  othersTyped?: number[];
  /** When it was kept; of what is known, when the server said so. */
  at: number;
  /** When it was typed, by this device's clock; drafts of an older Isomo do not say. */
  typed?: number;
}

/** Whether a kind of draft is work to send. A choice that is not given yet is none, nor is what the server has. */
export function isWork(kind: string | undefined): kind is "cell" | "answers" {
  return kind === "cell" || kind === "answers";
}

export interface WaitingHandIn {
  lab: string;
  at: string;
}

interface Tables extends DBSchema {
  drafts: { key: string; value: Draft; indexes: { lab: string } };
  handins: { key: string; value: WaitingHandIn };
}

/** Where drafts are kept. */
export interface DraftStore {
  /** Whether what is kept is there after the window is closed. */
  readonly lasting: boolean;
  put(draft: Draft): Promise<void>;
  remove(key: string): Promise<void>;
  of(lab: string): Promise<Draft[]>;
  all(): Promise<Draft[]>;
  allHandIns(): Promise<WaitingHandIn[]>;
  putHandIn(waiting: WaitingHandIn): Promise<void>;
  handIn(lab: string): Promise<WaitingHandIn | undefined>;
  removeHandIn(lab: string): Promise<void>;
}

export function draftKey(lab: string, window: string, kind: string, id: string): string {
  return [lab, window, kind, id].join("\n");
}

export const DATABASE = "isomo-desk";

/** Drafts in this browser's IndexedDB. */
export class BrowserDrafts implements DraftStore {
  readonly lasting = true;

  private constructor(private readonly db: IDBPDatabase<Tables>) {}

  static async open(name = DATABASE): Promise<BrowserDrafts> {
    const db = await openDB<Tables>(name, 1, {
      upgrade(made) {
        made.createObjectStore("drafts", { keyPath: "key" }).createIndex("lab", "lab");
        made.createObjectStore("handins", { keyPath: "lab" });
      },
    });
    // Another tab signs out and forgets: a connection that stays open would keep everything.
    db.addEventListener("versionchange", () => db.close());
    return new BrowserDrafts(db);
  }

  close(): void {
    this.db.close();
  }

  async put(draft: Draft): Promise<void> {
    // A window that closes in the middle of a transaction loses it; this line is done when it returns.
    const text = JSON.stringify(draft);
    journal(draft.key, text);
    const change = this.db.transaction("drafts", "readwrite");
    void change.store.put(draft);
    change.commit();
    await change.done;
    if (journalled(draft.key) === text) journal(draft.key, null);
  }

  async remove(key: string): Promise<void> {
    journal(key, null);
    await this.db.delete("drafts", key);
  }

  async of(lab: string): Promise<Draft[]> {
    return newest(await this.db.getAllFromIndex("drafts", "lab", lab), journalledOf(`${lab}\n`));
  }

  /** Everything that any lab keeps in this browser. */
  async all(): Promise<Draft[]> {
    return newest(await this.db.getAll("drafts"), journalledOf(""));
  }

  allHandIns(): Promise<WaitingHandIn[]> {
    return this.db.getAll("handins");
  }

  async putHandIn(waiting: WaitingHandIn): Promise<void> {
    await this.db.put("handins", waiting);
  }

  handIn(lab: string): Promise<WaitingHandIn | undefined> {
    return this.db.get("handins", lab);
  }

  async removeHandIn(lab: string): Promise<void> {
    await this.db.delete("handins", lab);
  }
}

function newest(stored: Draft[], journalled: Draft[]): Draft[] {
  const found = new Map(stored.map((draft) => [draft.key, draft]));
  for (const draft of journalled) {
    if ((found.get(draft.key)?.at ?? 0) <= draft.at) found.set(draft.key, draft);
  }
  return [...found.values()];
}

export const JOURNAL = "isomo-desk-draft\n";

function journal(key: string, text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(JOURNAL + key);
    else localStorage.setItem(JOURNAL + key, text);
  } catch {
    // No room, or not allowed: the transaction alone keeps it.
  }
}

function journalled(key: string): string | null {
  try {
    return localStorage.getItem(JOURNAL + key);
  } catch {
    return null;
  }
}

function journalledOf(beginning: string): Draft[] {
  const found: Draft[] = [];
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(JOURNAL + beginning)) continue;
      found.push(JSON.parse(localStorage.getItem(name) ?? "") as Draft);
    }
  } catch {
    // What cannot be read is not there.
  }
  return found;
}

/** The keys of labs of which the journal has work to send. */
export function journalledLabs(): string[] {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(JOURNAL));
    const parts = names.map((name) => name.slice(JOURNAL.length).split("\n"));
    return parts.filter(([, , kind]) => isWork(kind)).map(([lab]) => lab ?? "");
  } catch {
    return [];
  }
}
