// Editors are made when their cells come near the screen, one for each idle moment.

type Make = () => void;

/** What the queue needs of a browser; a test gives its own. */
export interface Browser {
  /** Call `near` with elements that come near the screen. */
  watch(near: (elements: Element[]) => void): { observe(element: Element): void; unobserve(element: Element): void };
  /** Call `what` when nothing else is to do. */
  idle(what: () => void): void;
}

/** Half a screen above and below: an editor is there before its cell is read. */
const REACH = "50% 0px";
const PATIENCE_MS = 300;

const REAL: Browser = {
  watch(near) {
    const seen = (all: IntersectionObserverEntry[]): void =>
      near(all.filter((one) => one.isIntersecting).map((one) => one.target));
    return new IntersectionObserver(seen, { rootMargin: REACH });
  },
  idle(what) {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(what, { timeout: PATIENCE_MS });
    else setTimeout(what, 30);
  },
};

/**
 * Makes the editors of cells that come near the screen. Until then a cell has a plain box with the same text.
 *
 * Sixty editors made in one task hold the page, and each that was made listens to scrolling.
 */
export class EditorQueue {
  private readonly waiting = new Map<Element, Make>();
  private readonly near = new Set<Element>();
  private readonly watched: ReturnType<Browser["watch"]>;
  private asked = false;

  constructor(private readonly browser: Browser = REAL) {
    this.watched = browser.watch((elements) => {
      for (const element of elements) if (this.waiting.has(element)) this.near.add(element);
      this.goOn();
    });
  }

  /** Ask for the editor of a cell. */
  add(cell: Element, make: Make): void {
    this.waiting.set(cell, make);
    this.watched.observe(cell);
  }

  /** Make the editor of a cell at once, if it waits: somebody is about to write there. */
  now(cell: Element): void {
    const make = this.waiting.get(cell);
    this.waiting.delete(cell);
    this.near.delete(cell);
    this.watched.unobserve(cell);
    make?.();
  }

  private goOn(): void {
    if (this.asked || !this.near.size) return;
    this.asked = true;
    this.browser.idle(() => {
      this.asked = false;
      for (const next of this.near) {
        this.now(next);
        break;
      }
      this.goOn();
    });
  }
}
