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
// Buttons that only a script can serve are hidden until it runs.
for (const button of document.querySelectorAll("[data-copies]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.textContent = button.dataset.done;
  });
}
for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
