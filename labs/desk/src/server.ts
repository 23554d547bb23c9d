// Requests to the learner's server, and what their failures mean for the learner.
import type { Config, Elsewhere, HandInReply, LabState, LiveReply, LiveSent, Outcome, SaveReply, SaveRequest, Told } from "./types";

export type Trouble = "away" | "signed-out" | "stopped" | "refused" | "full";

/** A request that failed; `trouble` says what the learner can do. */
export class ServerError extends Error {
  constructor(readonly trouble: Trouble, readonly status = 0) {
    super(`${trouble} ${status}`);
  }
}

const PATIENCE = 20_000;

/** Return what a status means; undefined if the request succeeded. */
export function troubleOf(status: number, kind: ResponseType = "basic"): Trouble | undefined {
  if (kind === "opaqueredirect" || status === 401 || status === 403) return "signed-out";
  if (status === 424) return "stopped";
  if (status === 0 || status === 502 || status === 503 || status === 504) return "away";
  if (status === 507) return "full";
  return status >= 400 ? "refused" : undefined;
}

function cookie(name: string): string {
  const found = document.cookie.match(`(?:^|; )${name}=([^;]*)`);
  return found?.[1] ? decodeURIComponent(found[1]) : "";
}

/** The learner's server. */
export class Server {
  /** Called once if the server is of another Isomo than this page. */
  onOther: (() => void) | undefined;

  /** Called with what an answer tells of other devices; undefined if there is none. */
  onElsewhere: ((found: Elsewhere | undefined) => void) | undefined;

  /** `device` is this browser's name: without it the server tells no other device of this page. */
  constructor(
    readonly config: Pick<Config, "base" | "lab" | "version">,
    private readonly key = "",
    private readonly device = "",
  ) {}

  /** Return the parsed answer. Throws ServerError. */
  async request<T>(path: string, method = "GET", body?: unknown, mode: RequestMode = "cors"): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json", "X-XSRFToken": this.key || cookie("_xsrf") };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.device) headers["X-Isomo-Device"] = this.device;
    const stop = new AbortController();
    // A line that is half open answers nothing and breaks nothing: without a limit a request would wait for ever.
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    let answer: Response;
    try {
      answer = await fetch(this.config.base + path, {
        method,
        mode,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        credentials: "include",
        redirect: "manual",
        signal: stop.signal,
      });
      this.compare(answer.headers.get("X-Isomo-Desk"));
      const trouble = troubleOf(answer.status, answer.type);
      if (trouble) throw new ServerError(trouble, answer.status);
      return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
    } catch (error) {
      throw error instanceof ServerError ? error : new ServerError("away");
    } finally {
      clearTimeout(timer);
    }
  }

  private compare(version: string | null): void {
    if (!version || !this.config.version || version === this.config.version) return;
    const tell = this.onOther;
    this.onOther = undefined;
    tell?.();
  }

  /** Take what an answer tells of other devices. */
  private async heard<T extends Told>(asked: Promise<T>): Promise<T> {
    const answer = await asked;
    this.onElsewhere?.(answer.elsewhere);
    return answer;
  }

  private get desk(): string {
    return `desk/${encodeURIComponent(this.config.lab)}`;
  }

  state(mode: RequestMode = "cors"): Promise<LabState> {
    return this.heard(this.request<LabState>(`${this.desk}/state`, "GET", undefined, mode));
  }

  save(changes: SaveRequest): Promise<SaveReply> {
    return this.heard(this.request<SaveReply>(`${this.desk}/save`, "POST", changes));
  }

  outcome(receipt: string): Promise<Outcome> {
    return this.request(`${this.desk}/outcome?receipt=${encodeURIComponent(receipt)}`);
  }

  live(): Promise<LiveReply> {
    return this.heard(this.request<LiveReply>(`${this.desk}/live`));
  }

  tellLive(what: LiveSent): Promise<LiveReply> {
    return this.heard(this.request<LiveReply>(`${this.desk}/live`, "POST", what));
  }

  /** This device has the lab open; the answer tells of others. */
  here(): Promise<Told> {
    return this.heard(this.request<Told>(`${this.desk}/here`, "POST"));
  }

  /** This device closes its last window of the lab; the request outlives the page. */
  leave(): void {
    const about = new URLSearchParams({ _xsrf: this.key || cookie("_xsrf"), device: this.device });
    navigator.sendBeacon(`${this.config.base}${this.desk}/leave`, about);
  }

  /** `at` is when the button was pressed; the server hands in once for each such moment. */
  handIn(at: string, late: boolean): Promise<HandInReply> {
    return this.request(`${this.desk}/hand-in`, "POST", { pressed_at: at, late });
  }
}
