// What the server's state and a browser's changes look like; labs/kit/desk_lab.py makes and takes them.

export type Role = "text" | "words" | "start" | "ask" | "check" | "progress" | "submit" | "hint" | "given" | "task";
export type PartState = "done" | "begun" | "to do";
export type Answers = Record<string, unknown>;

export interface Cell {
  id: string;
  role: Role;
  source: string;
  task?: string;
  outputs?: Output[];
}

export interface FormSpec {
  task: string;
  ask: string;
  parts: Array<{ name: string; type: string; ask: string; lines?: number; most?: number }>;
  labels: Record<string, unknown>;
  lang: string;
  has_view: boolean;
}

export interface Task {
  kind: string;
  kept: Answers;
  first?: Answers;
  spec?: FormSpec;
}

export interface Piece {
  title: string;
  minutes: number;
  tasks: string[];
}

export interface Receipt {
  receipt: string;
  received_at: string;
  attempt: number;
  when?: string;
}

export interface Check {
  outcome?: string;
  key?: string;
  tries?: number;
  hints?: number;
}

export interface Standing {
  states: PartState[];
  checks: Record<string, Check>;
  empty: string[];
  news: string[];
  receipt: Receipt | null;
  waiting: boolean;
}

/** Other devices that have the lab open; the server says nothing of them if there is none. Times are its own seconds. */
export interface Elsewhere {
  /** Whether one has it open now; one that saved and was closed is told of too. */
  open: boolean;
  saved_here?: number;
  saved_there?: number;
}

/** What answers tell of other devices. */
export interface Told {
  elsewhere?: Elsewhere;
}

export interface LabState extends Standing, Told {
  /** When the server began to read it, in seconds; pages of an older Isomo do not say. */
  at?: number;
  /** When texts and answers were saved, in seconds, by kind and name; those of which that is not known are left out. */
  saved_at?: Record<string, number>;
  /** The key that each change has to bring; only where the state was asked for. */
  xsrf?: string;
  lab: string;
  title: string;
  language: string;
  languages: Record<string, string>;
  version: string;
  path: string;
  kernel: string;
  pieces: Piece[];
  tasks: Record<string, Task>;
  cells: Cell[];
}

export interface Config {
  base: string;
  lab: string;
  version: string;
  /** The path of the desk's files: one for all learners of an installation. */
  files: string;
  /** When the server made the page, in seconds: one that a service worker kept is older. */
  made_at: number;
  /** Whether a service worker gave the page, because the server did not answer: others may have saved since. */
  kept?: boolean;
  notebook: string;
  home: string;
  languages: Record<string, string>;
}

export type MimeData = Record<string, unknown>;

export interface Output {
  output_type: "stream" | "display_data" | "execute_result" | "error";
  name?: string;
  text?: string | string[];
  data?: MimeData;
  metadata?: Record<string, unknown>;
  transient?: { display_id?: string };
  execution_count?: number | null;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

export interface CellChange {
  id: string;
  source: string;
  base: string;
}

export interface AnswerChange {
  task: string;
  answers: Answers;
  base: Answers;
}

export interface SaveRequest {
  cells: CellChange[];
  answers: AnswerChange[];
  outputs: Array<{ id: string; outputs: Output[]; count: number | null }>;
}

export interface SaveReply extends Standing, Told {
  /** When all of it was on the server's disk, in seconds. */
  at?: number;
  cells: Record<string, { saved: boolean; source?: string; gone?: boolean; at?: number }>;
  answers: Record<string, { saved: boolean; answers?: Answers; too_much?: boolean; at?: number }>;
}

export interface Outcome {
  state?: string;
  score?: number;
  max_score?: number;
  feedback?: string;
  next?: { title: string; minutes: number | null; address: string } | null;
}

export interface HandInReply {
  receipt: Receipt | null;
  waits?: boolean;
  refusal?: string;
}

/** What the campus says of the live class; `known` is false without one. */
export interface LiveReply extends Told {
  known: boolean;
  reported: boolean;
  messages: { number: number; name: string; text: string }[];
  next_seconds: number;
}

/** The learner's choice, or a message that was read. */
export type LiveSent = { reported: boolean } | { read: number };
