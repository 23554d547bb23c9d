// Live views. Every page works without this; with it, what changes is fetched anew when the server says so.
for (const box of document.querySelectorAll("[data-events]")) {
  let first = true;
  const source = new EventSource(box.dataset.events);
  source.onmessage = () => {
    // The first message tells what the page shows already.
    if (!first && window.htmx) window.htmx.trigger(document.body, "progressed");
    first = false;
  };
  window.addEventListener("pagehide", () => source.close());
}
