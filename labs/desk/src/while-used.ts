// A question that is asked again and again while somebody works on this page.

const MOST_STILL = 30 * 60_000;

/** Asks while the page is looked at and was touched in the last half hour: else its server would never rest. */
export class WhileUsed {
  private touched = Date.now();
  private ended = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `ask` returns after how many milliseconds it is called next; `first` passes before the first call. */
  constructor(
    private readonly ask: () => Promise<number>,
    private readonly first: number,
  ) {}

  begin(): void {
    for (const sign of ["pointerdown", "keydown", "scroll"]) {
      addEventListener(sign, () => this.touch(), { passive: true, capture: true });
    }
    document.addEventListener("visibilitychange", () => this.touch());
    this.again(this.first);
  }

  /** Ask no more. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  /** Ask next after so many milliseconds, whatever was planned. */
  again(wait: number): void {
    clearTimeout(this.timer);
    if (!this.ended) this.timer = setTimeout(() => void this.now(), wait);
  }

  private touch(): void {
    const rested = Date.now() - this.touched > MOST_STILL;
    this.touched = Date.now();
    if (rested || (document.visibilityState === "visible" && this.timer === undefined)) this.again(this.first);
  }

  private async now(): Promise<void> {
    this.timer = undefined;
    if (document.visibilityState === "hidden" || Date.now() - this.touched > MOST_STILL) return;
    this.again(await this.ask());
  }
}
