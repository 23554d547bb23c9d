// Draws one task: its questions, its controls, what they do, and what the check said.
// Real fieldsets, labels and buttons, so that a keyboard and a screen reader find what an eye finds.

function make(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "html") made.innerHTML = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

// One answer changes, all others stay: the model is told at once, so that it is kept at once.
function keeper(model) {
  return (name, value) => {
    model.set("answers", { ...model.get("answers"), [name]: value });
    model.save_changes();
  };
}

function choices(part, id, answers, keep, many) {
  const given = answers[part.name];
  return part.options.map((option, n) => {
    const box = make("input", {
      type: many ? "checkbox" : "radio",
      name: id,
      id: `${id}-${n}`,
      value: option.id,
    });
    box.checked = many ? (given || []).includes(option.id) : given === option.id;
    box.addEventListener("change", () => {
      const boxes = [...box.closest("fieldset").querySelectorAll("input")];
      keep(part.name, many ? boxes.filter((one) => one.checked).map((one) => one.value) : option.id);
    });
    return make("div", { class: "isomo-choice" }, box, make("label", { for: `${id}-${n}`, html: option.html }));
  });
}

function menu(part, id, answers, keep) {
  const select = make("select", { id });
  for (const option of part.options) {
    const shown = make("option", { value: option.id });
    shown.textContent = option.text;
    select.append(shown);
  }
  select.value = answers[part.name];
  select.addEventListener("change", () => keep(part.name, select.value));
  return make("div", { class: "isomo-line" }, make("label", { for: id, html: part.ask }), select);
}

function slider(part, id, answers, keep) {
  const digits = (String(part.step).split(".")[1] || "").length;
  const shown = make("output", { for: id });
  const range = make("input", { type: "range", id, min: part.min, max: part.max, step: part.step });
  range.value = answers[part.name];
  const say = () => {
    shown.textContent = Number(range.value).toFixed(digits);
  };
  let later = 0;
  range.addEventListener("input", () => {
    say();
    clearTimeout(later);
    later = setTimeout(() => keep(part.name, Number(range.value)), 120);
  });
  say();
  return make("div", { class: "isomo-line" }, make("label", { for: id, html: part.ask }), range, shown);
}

// Where a line of code breaks on a phone: after a bracket or a comma, and before a call, not within a name.
function codePieces(code) {
  const spaced = code.replace(/[([,]|\.(?=[a-z_])/g, (sign) => (sign === "." ? `\0${sign}` : `${sign}\0`));
  return spaced.split("\0").filter(Boolean);
}

function order(part, id, answers, keep, labels) {
  const legend = make("table", {}, make("caption", { html: labels.lines }));
  for (const option of part.options) {
    const code = make("code", {}, ...codePieces(option.code).flatMap((piece) => [piece, make("wbr")]));
    legend.append(make("tr", {}, make("td", {}, code), make("td", { html: option.html })));
  }
  const rows = (answers[part.name] || []).map((chosen, n) => {
    const select = make("select", { id: `${id}-${n}`, class: "isomo-code" });
    select.append(make("option", { value: "", html: labels.choose }));
    for (const option of part.options) {
      const shown = make("option", { value: option.id });
      shown.textContent = option.code;
      select.append(shown);
    }
    select.value = chosen || "";
    const label = make("label", { for: `${id}-${n}` });
    label.textContent = labels.line.replace("{n}", n + 1);
    return make("div", { class: "isomo-line" }, label, select);
  });
  for (const row of rows) {
    row.querySelector("select").addEventListener("change", () => {
      keep(part.name, rows.map((one) => one.querySelector("select").value || null));
    });
  }
  return make("div", { class: "isomo-order" }, legend, ...rows);
}

// Pairs of entries side by side, one after the other, each with its own choice: {pair: option}.
function review(part, id, answers, keep, labels) {
  const given = answers[part.name] || {};
  const cell = (kind, text) => {
    const made = make(kind, kind === "th" ? { scope: "col", role: "columnheader" } : { role: "cell" });
    made.textContent = text;
    return made;
  };
  // The roles say what a table is by itself: on a phone its rows are laid out as a grid, and would be no rows any more.
  const line = (...cells) => make("tr", { role: "row" }, ...cells);
  const all = make("div", { class: "isomo-review" });
  part.item.forEach((item, n) => {
    const table = make("table", { role: "table" }, line(...labels.entries.map((text) => cell("th", text))));
    part.fields.forEach((name, row) => {
      const head = make("th", { scope: "row", role: "rowheader" });
      head.textContent = name;
      table.append(line(head, cell("td", item.left[row]), cell("td", item.right[row])));
    });
    const boxes = part.options.map((option, at) => {
      const box = make("input", { type: "radio", name: `${id}-${n}`, id: `${id}-${n}-${at}`, value: option.id });
      box.checked = given[item.id] === option.id;
      box.addEventListener("change", () => {
        const chosen = [...all.querySelectorAll("input:checked")].map((one) => [one.dataset.item, one.value]);
        keep(part.name, Object.fromEntries(chosen));
      });
      box.dataset.item = item.id;
      return make("div", { class: "isomo-choice" }, box, make("label", { for: box.id, html: option.html }));
    });
    const legend = make("legend");
    legend.textContent = labels.pair.replace("{n}", n + 1).replace("{all}", part.item.length);
    all.append(make("fieldset", {}, legend, table, make("div", { class: "isomo-row" }, ...boxes)));
  });
  return part.ask ? make("div", {}, make("p", { class: "isomo-ask", html: part.ask }), all) : all;
}

// A text to write: kept while it is typed, and at once when its writer leaves the box.
function letter(part, id, answers, keep, labels, written) {
  const box = make("textarea", { id, rows: part.lines || 6, maxlength: part.most || 4000, spellcheck: "false" });
  box.value = answers[part.name] || "";
  let later = 0;
  const now = () => {
    clearTimeout(later);
    later = 0;
    keep(part.name, box.value);
  };
  box.addEventListener("input", () => {
    // A picture waits for a pause. Words do not: however long somebody types without one, they are kept.
    if (!written) clearTimeout(later);
    if (!written || !later) later = setTimeout(now, 300);
  });
  box.addEventListener("change", now);
  const status = written ? written(box, now) : null;
  let restart = null;
  if (part.text) {
    restart = make("button", { type: "button", class: "isomo-hint" });
    restart.textContent = labels.restart;
    restart.addEventListener("click", () => {
      box.value = part.text;
      now();
    });
  }
  return make("div", { class: "isomo-letter" }, make("label", { for: id, html: part.ask }), box, restart, status);
}

// A sentence below a written task that says whether its words are on the disk. Until they are, the browser's tab has them
// too, so that they come back when the kernel stopped, or the page was loaded again before they arrived.
function keptWords(model, labels) {
  const name = `isomo-words:${window.location.pathname}:${model.get("spec").task}`;
  const store = (words) => {
    try {
      if (words === null) window.sessionStorage.removeItem(name);
      else window.sessionStorage.setItem(name, words);
    } catch {
      // No room, or not allowed: the words are in the box, and the sentence below it says whether they are kept.
    }
  };
  const stored = () => {
    try {
      return window.sessionStorage.getItem(name);
    } catch {
      return null;
    }
  };
  return (box, now) => {
    const status = make("p", { class: "isomo-kept", role: "status", "aria-live": "polite" });
    let waiting = 0;
    const say = (text) => {
      if (status.textContent !== text) status.textContent = text;
    };
    const look = () => {
      if (model.get("saved") !== box.value) {
        waiting = waiting || setTimeout(() => say(labels.wait), 3000);
        return;
      }
      clearTimeout(waiting);
      waiting = 0;
      store(null);
      say(box.value.trim() ? labels.kept : labels.none);
    };
    box.addEventListener("input", () => {
      store(box.value);
      look();
    });
    model.on("change:saved", look);
    const draft = stored();
    if (draft !== null) box.value = draft;
    if (model.get("saved") !== box.value) setTimeout(now, 0);
    look();
    return status;
  };
}

function draw(part, id, answers, keep, labels, written) {
  if (part.type === "menu") return menu(part, id, answers, keep);
  if (part.type === "slider") return slider(part, id, answers, keep);
  if (part.type === "letter") return letter(part, id, answers, keep, labels, written);
  if (part.type === "order") return order(part, id, answers, keep, labels);
  if (part.type === "review") return review(part, id, answers, keep, labels);
  const legend = part.ask ? make("legend", { html: part.ask }) : null;
  return make("fieldset", {}, legend, ...choices(part, id, answers, keep, part.type === "several"));
}

// JupyterLab takes arrow keys and letters for itself unless this attribute stands on the very control that has the
// focus; without it no slider moves by keyboard. With Ctrl held they are JupyterLab's again: Ctrl+S saves the notebook.
function yieldKeys(root) {
  const ours = (yes) => {
    for (const one of root.querySelectorAll("input, select, textarea, button")) {
      one.toggleAttribute("data-lm-suppress-shortcuts", yes);
    }
  };
  const held = (event) => event.type === "keydown" && ["Control", "Meta"].includes(event.key);
  const watch = (event) => ours(!(held(event) || event.ctrlKey || event.metaKey));
  root.addEventListener("keydown", watch);
  root.addEventListener("keyup", watch);
  ours(true);
}

function live(model, name, props) {
  const area = make("div", props);
  const show = () => {
    area.innerHTML = model.get(name);
  };
  model.on(`change:${name}`, show);
  show();
  return area;
}

function render({ model, el }) {
  const spec = model.get("spec");
  const keep = keeper(model);
  const base = `isomo-${spec.task}-${Math.random().toString(36).slice(2, 8)}`;
  const root = make("section", { class: "isomo-form", lang: spec.lang });
  if (spec.ask) root.append(make("p", { id: `${base}-ask`, class: "isomo-ask", html: spec.ask }));
  // What moves the picture: sliders, menus and texts, or boxes to tick where there are none of them.
  const moving = ["slider", "menu", "letter"];
  if (!spec.parts.some((part) => moving.includes(part.type))) moving.push("several");
  const moves = (one) => one && moving.includes(one.type);
  spec.parts.forEach((part, n) => {
    const written = spec.labels.kept ? keptWords(model, spec.labels) : null;
    const drawn = draw(part, `${base}-${n}`, model.get("answers"), keep, spec.labels, written);
    if (!part.ask && spec.ask) drawn.setAttribute("aria-labelledby", `${base}-ask`);
    root.append(drawn);
    // The picture stands after the controls that move it, and at the end of a form that has choices only.
    const more = spec.parts[n + 1];
    const ends = spec.parts.some(moves) ? moves(part) && !moves(more) : !more;
    if (spec.has_view && ends) root.append(live(model, "view", { class: "isomo-view" }));
  });
  const ask = () => model.send({ do: "check", answers: model.get("answers") });
  const check = spec.labels.check
    ? make("button", { type: "button", class: "isomo-check", onclick: ask })
    : null;
  if (check) {
    check.textContent = spec.labels.check;
    root.append(check);
  }
  root.append(live(model, "verdict", { role: "status", "aria-live": "polite" }));
  const hint = make("button", { type: "button", class: "isomo-hint", onclick: () => model.send({ do: "hint" }) });
  root.append(hint, live(model, "hint", { role: "status", "aria-live": "polite" }));
  const settle = () => {
    hint.textContent = `${model.get("hints")} ▸`;
    hint.hidden = !model.get("hints");
    const locked = model.get("locked");
    root.querySelectorAll("input, select, textarea").forEach((one) => {
      one.disabled = locked;
    });
    if (check) check.hidden = locked;
  };
  model.on("change:hints", settle);
  model.on("change:locked", settle);
  settle();
  yieldKeys(root);
  el.append(root);
}

export default { render };
