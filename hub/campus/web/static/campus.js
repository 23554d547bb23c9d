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

// A table that is fetched anew keeps its ticks, what was typed and the focus, by the ids of its fields.
let kept = new Map();
let focused = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  kept = new Map();
  focused = document.activeElement ? document.activeElement.id : "";
  for (const field of event.target.querySelectorAll("input[id], select[id]"))
    kept.set(field.id, field.type === "checkbox" ? field.checked : field.value);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const [id, value] of kept) {
    const field = document.getElementById(id);
    if (!field) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value = value;
  }
  const field = focused && document.getElementById(focused);
  if (field && document.activeElement !== field) field.focus({ preventScroll: true });
});

// The marking desk: a comment that was given before is taken over by a click.
for (const button of document.querySelectorAll("[data-comment]"))
  button.addEventListener("click", () => {
    const field = document.getElementById("desk-comment");
    field.value = [field.value.trim(), button.dataset.comment].filter(Boolean).join("\n");
    document.getElementById("desk-score").focus();
  });

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

// The desk's files come while a learner reads this page, so that a lab opens at once on a slow line. One after the
// other, after everything else, and not at all if the browser was told to save data.
window.addEventListener("load", async () => {
  const wanted = document.querySelector("[data-prefetch]");
  if (!wanted || navigator.connection?.saveData) return;
  for (const address of wanted.dataset.prefetch.split(" "))
    await fetch(address, { credentials: "omit", priority: "low" }).then((answer) => answer.blob()).catch(() => null);
});
