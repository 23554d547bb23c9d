// When texts were written: by the server's clock, because two devices' clocks need not agree.

/** Which of two texts is newer is said only if they are further apart than clocks can be compared, in milliseconds. */
const SURE = 5_000;
/** An answer that took longer than this tells too little of the server's time. */
const SLOWEST = 20_000;

/** When two texts were written, in milliseconds since 1970; what is not known is left out. */
export interface ConflictTimes {
  here?: number;
  there?: number;
  newer?: "here" | "there";
}

/** The server's clock, as far as its answers tell. */
export class ServerClock {
  private ahead: number | undefined;
  /** How far off the estimate may be. */
  private error = Infinity;

  /** An answer says `at` in the server's seconds; it was asked for and came at these times of this device. */
  compare(at: number, asked: number, came: number): void {
    if (came < asked || came - asked > SLOWEST) return;
    this.ahead = at * 1000 - (asked + came) / 2;
    this.error = (came - asked) / 2;
  }

  /** Return a time of this device in the server's; undefined before the server has said its own. */
  ofServer(here: number | undefined): number | undefined {
    return here && this.ahead !== undefined ? Math.round(here + this.ahead) : undefined;
  }

  /** Whether two times are further apart than what is not known about the clocks. */
  isSure(difference: number): boolean {
    return Math.abs(difference) > this.error + SURE;
  }
}

interface Texts {
  typed?: number | undefined;
  theirs?: unknown;
  theirsAt?: number | undefined;
  others?: unknown[];
  othersTyped?: number[];
}

/** Texts of windows that were closed, each with its time; 0 if that is not known. */
export function othersOf({ others, othersTyped }: Texts): Array<{ value: unknown; typed: number }> {
  return (others ?? []).map((value, at) => ({ value, typed: othersTyped?.[at] ?? 0 }));
}

/** Return when the two texts of a conflict were written. */
export function conflictTimes(item: Texts, clock: ServerClock): ConflictTimes {
  const saved = "theirs" in item;
  // Two windows of one device share its clock: their order is sure before the server says anything.
  const there = saved ? item.theirsAt && Math.round(item.theirsAt * 1000) : item.othersTyped?.[0] || undefined;
  const here = saved ? clock.ofServer(item.typed) : item.typed;
  const made: ConflictTimes = {};
  if (here) made.here = here;
  if (there) made.there = there;
  if (here && there && here !== there && (!saved || clock.isSure(here - there))) made.newer = here > there ? "here" : "there";
  return made;
}

/** Return a moment as a clock shows it, with its day if that is not today. */
export function momentOf(at: Date, now: Date): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return clock;
  return `${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}, ${clock}`;
}
