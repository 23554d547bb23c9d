// Live views. Every page works without this; with it, what changes is fetched anew when the server says so.
for (const box of document.querySelectorAll("[data-events]")) {
  const source = new EventSource(box.dataset.events);
  source.onmessage = () => {
    // At the first message too: something may have changed since the page was made.
    if (window.htmx) window.htmx.trigger(document.body, "progressed");
  };
  window.addEventListener("pagehide", () => source.close());
}

// A table that is fetched anew keeps its ticks, what was typed and the focus, by the ids of its fields.
let kept = new Map();
let focused = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  kept = new Map();
  focused = document.activeElement ? document.activeElement.id : "";
  for (const field of event.target.querySelectorAll("input[id], select[id], textarea[id]"))
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

// A letter typed into the field of the points inserts the kept comment of that letter: points have no letters.
const points = document.getElementById("desk-score");
points?.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !/^[a-z]$/i.test(event.key)) return;
  event.preventDefault();
  document.querySelector(`[data-key="${event.key.toLowerCase()}"]`)?.click();
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

// What is typed into a form is kept in this tab until the form was sent and taken: a session that ends, a refusal, the
// back button and a reload lose nothing. What somebody else typed in this tab is removed.
const drafts = `draft:${document.body.dataset.who || ""}:`;
try {
  for (const name of Object.keys(sessionStorage))
    if (name.startsWith("draft:") && document.body.dataset.who && !name.startsWith(drafts)) sessionStorage.removeItem(name);
  const here = new Set([...document.querySelectorAll("form[data-drafts]")].map((form) => drafts + form.dataset.drafts));
  const sent = sessionStorage.getItem("sent");
  if (sent && document.body.dataset.who && (!here.has(sent) || document.querySelector(".told"))) {
    sessionStorage.removeItem(sent);
    sessionStorage.removeItem("sent");
  }
  for (const form of document.querySelectorAll("form[data-drafts]")) {
    const key = drafts + form.dataset.drafts;
    const fields = [...form.elements].filter((field) => field.name && field.matches("textarea, input:not([type=hidden], [type=checkbox], [type=radio])"));
    const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
    for (const field of fields) if (typeof kept[field.name] === "string") field.value = kept[field.name];
    const keep = () =>
      sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value]))));
    form.addEventListener("input", keep);
    form.addEventListener("submit", () => sessionStorage.setItem("sent", key));
    for (const button of form.querySelectorAll("[data-comment]")) button.addEventListener("click", keep);
  }
} catch {
  // A browser that keeps nothing shows the forms as they are.
}
// A double click sends a form once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 3000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// The desk's files come while a learner reads this page, so that a lab opens at once on a slow line. One after the
// other, after everything else, and not at all if the browser was told to save data.
window.addEventListener("load", async () => {
  const wanted = document.querySelector("[data-prefetch]");
  if (!wanted || navigator.connection?.saveData) return;
  for (const address of wanted.dataset.prefetch.split(" "))
    await fetch(address, { credentials: "omit", priority: "low" }).then((answer) => answer.blob()).catch(() => null);
});
