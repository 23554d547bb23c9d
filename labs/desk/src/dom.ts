// Small helpers for elements; nothing here knows of labs.

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** Make an element. `on…` properties are listeners; true becomes an empty attribute; null, undefined and false are left out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

/** Put these children in place of those that are there. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
}

/** Call `what` once, `wait` milliseconds after the last call. */
export function calm<T extends unknown[]>(what: (...words: T) => void, wait: number): (...words: T) => void {
  let later: ReturnType<typeof setTimeout> | undefined;
  return (...words) => {
    clearTimeout(later);
    later = setTimeout(() => what(...words), wait);
  };
}
