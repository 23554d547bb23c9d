// How wide results are shown: the kit draws charts for that width, so that they fit a phone and a page at twice the size.

/** The edge and the distance of a task inside the lab's column (style.css). */
const TASK_EDGE = 20;

/** The pixels inside an element's padding. */
function inside(element: Element): number {
  const { paddingLeft, paddingRight } = getComputedStyle(element);
  return Math.floor(element.clientWidth - (parseFloat(paddingLeft) || 0) - (parseFloat(paddingRight) || 0));
}

/** The pixels that the result of a cell or a task has; of one in a part that is not shown now, as many as there are at least. */
export function columnWidth(main: Element, name: string): number {
  const place = [`cell-${name}`, `task-${name}`].map((id) => document.getElementById(id)).find((one) => one?.clientWidth);
  if (place) return inside(place.querySelector(".isomo-view") ?? place);
  return Math.max(inside(main) - TASK_EDGE, 0);
}
