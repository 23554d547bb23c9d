// Long work in slices: between two of them the page answers keys, scrolls and is painted.

/** Milliseconds of work until the page gets its turn. */
const SLICE = 8;

/** Milliseconds after which a page that is not painted, because nobody sees it, goes on all the same. */
const UNSEEN = 1_000;

/** Do something after what was done is painted: the browser's own work for it would else become one long task. */
function afterwards(what: () => void): void {
  if (typeof requestAnimationFrame === "undefined" || document.hidden) {
    setTimeout(what, 0);
    return;
  }
  let done = false;
  const once = (): void => {
    if (!done) what();
    done = true;
  };
  requestAnimationFrame(() => setTimeout(once, 0));
  setTimeout(once, UNSEEN);
}

/**
 * Do the steps of `work`: at once for as long as a slice lasts, then slice by slice. Returns what stops it.
 *
 * A step is never cut, so each has to be short.
 */
export function inSlices(work: Iterator<unknown>, finished: () => void = () => undefined, now = () => performance.now()): () => void {
  let stopped = false;
  const slice = (): void => {
    const end = now() + SLICE;
    while (!stopped) {
      if (work.next().done) {
        stopped = true;
        finished();
      } else if (now() >= end) {
        afterwards(slice);
        return;
      }
    }
  };
  slice();
  return () => {
    stopped = true;
  };
}

/** Things to do to elements, in slices: those on the screen first, the others in their order. */
export class NearFirst {
  private readonly waiting = new Map<Element, () => void>();
  private readonly near = new Set<Element>();
  private readonly observer: IntersectionObserver | undefined;
  private going = false;

  constructor() {
    if (typeof IntersectionObserver === "undefined") return;
    this.observer = new IntersectionObserver((entries) => this.see(entries), { rootMargin: "50%" });
  }

  /** Do `what` to an element when its turn comes. */
  add(element: Element, what: () => void): void {
    this.waiting.set(element, what);
    this.observer?.observe(element);
    if (this.going) return;
    this.going = true;
    afterwards(() => this.turn());
  }

  private see(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.near.add(target);
      else this.near.delete(target);
    }
  }

  private turn(): void {
    const end = performance.now() + SLICE;
    do this.next();
    while (this.waiting.size && performance.now() < end);
    this.going = this.waiting.size > 0;
    if (this.going) afterwards(() => this.turn());
  }

  private next(): void {
    const [first] = [...this.near, ...this.waiting.keys()];
    const what = first && this.waiting.get(first);
    if (!first || !what) return;
    this.waiting.delete(first);
    this.near.delete(first);
    this.observer?.unobserve(first);
    what();
  }
}
