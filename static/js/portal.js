/* Comforts on top of pages that work without. htmx may be missing, too. Words come from the page. */
(() => {
  "use strict";

  const words = document.getElementById("words")?.dataset ?? {};
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  function element(name, className, text = "") {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  }

  // One line at the foot of the window, read aloud

  const line = element("div", "toast-line alert alert-warning");
  line.setAttribute("role", "status");
  line.hidden = true;
  document.body.append(line);

  function say(text, button) {
    line.replaceChildren(element("p", "grow", text), ...(button ? [button] : []));
    line.hidden = !text;
  }
  // What has a button waits for its reader.
  const connected = () => line.querySelector("button") || say("");

  addEventListener("offline", () => say(words.offline));
  addEventListener("online", connected);

  let slow;
  document.addEventListener("htmx:beforeRequest", () => {
    clearTimeout(slow);
    slow = setTimeout(() => say(words.slow), 4000);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    clearTimeout(slow);
    if (event.detail.successful) connected();
  });
  document.addEventListener("htmx:sendError", () => say(words.offline));
  document.addEventListener("htmx:timeout", () => say(words.slow));
  document.addEventListener("htmx:responseError", ({ detail }) =>
    say(detail.xhr.status === 401 ? words.signedout : words.failed));

  // Menus close when one goes elsewhere. Not "click", here and below: of a page that listens for it as a
  // whole, screen readers call every text clickable.

  document.addEventListener("pointerdown", (event) => {
    for (const menu of all("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // Votes are asked once a decision is not taken by consensus

  document.addEventListener("change", ({ target }) => {
    const votes = target.form?.querySelector("details[data-votes]");
    if (votes && target.name === "rule" && target.value !== "consensus") votes.open = true;
    if (votes && target.name === "outcome" && target.value === "rejected") votes.open = true;
  });

  // Without a connection a form stays where it is: the browser would show a page of its own instead

  let reached = 0; // when the portal answered on a device that says it has no network

  async function reachable() {
    const icon = document.querySelector("link[rel=icon]").href;
    try {
      await fetch(icon, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout?.(5000) });
    } catch {
      return false;
    }
    reached = Date.now();
    return true;
  }

  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (navigator.onLine || Date.now() - reached < 60000) return;
    // htmx says it by itself, the worker of a kept page waits, and a sign-out forgets here and now.
    if (form.matches("[hx-post], [hx-get], [data-forget]") || location.pathname.startsWith("/kept/")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await reachable()) form.requestSubmit(submitter);
    else say(words.offline);
  }, true);

  // Questions before what matters

  // Sets: a field called "sent" would hide such a property of its form.
  const confirmed = new WeakSet();
  const sent = new WeakSet();

  function ask(question, yes) {
    const dialog = element("dialog", "ask");
    const text = element("p", "", question);
    text.id = "ask-text";
    dialog.setAttribute("aria-labelledby", text.id);
    const actions = element("div", "actions");
    const no = element("button", "btn", words.cancel);
    const go = element("button", "btn btn-primary", yes || words.ok);
    no.type = go.type = "button";
    no.addEventListener("click", () => dialog.close());
    actions.append(no, go);
    dialog.append(text, actions);
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.showModal();
    return new Promise((answer) => {
      go.addEventListener("click", () => { answer(true); dialog.close(); });
      dialog.addEventListener("close", () => answer(false));
    });
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!question || confirmed.has(form) || !window.HTMLDialogElement) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    if (!(await ask(question, submitter?.textContent.trim()))) return;
    confirmed.add(form);
    form.requestSubmit(submitter);
    confirmed.delete(form);
  }, true);

  // A ready text is handed on

  for (const button of all("[data-share]")) {
    button.hidden = !(navigator.share || navigator.clipboard);
    button.addEventListener("click", async () => {
      const text = button.previousElementSibling.value;
      if (navigator.share) return navigator.share({ text }).catch(() => {});
      await navigator.clipboard.writeText(text);
      say(button.dataset.share);
    });
  }

  // A form is sent once

  function release(form) {
    sent.delete(form);
    for (const button of all("[aria-busy=true]", form)) button.removeAttribute("aria-busy");
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(() => release(form), 10000); // an answer may be a file
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) release(form);
  });

  // What was just done can be undone for half a minute; then the button goes, unless somebody is at it

  function endUndo(root) {
    for (const form of all("[data-undo]", root)) {
      const hide = () => {
        if (!form.contains(document.activeElement)) form.style.visibility = "hidden"; // nothing moves
        else form.addEventListener("focusout", () => setTimeout(hide), { once: true });
      };
      setTimeout(hide, form.dataset.undo * 1000);
    }
  }
  endUndo(document);
  document.addEventListener("htmx:oobAfterSwap", (event) => endUndo(event.target));

  // Typed text survives a lost connection

  const PREFIX = "portal-text:";
  const WEEK = 7 * 24 * 3600 * 1000;
  const keyOf = (field) => `${PREFIX}${location.pathname}#${field.name}`;
  const kept = () => all("textarea[data-keep], [data-keep] textarea");

  function store(action) {
    try { return action(localStorage); } catch { return null; } // switched off or full
  }
  function read(key) {
    return store((s) => JSON.parse(s.getItem(key)));
  }
  function forgetWhere(test) {
    store((s) => Object.keys(s).filter((key) => key.startsWith(PREFIX) && test(read(key), key))
      .forEach((key) => s.removeItem(key)));
  }

  // What was sent is saved if another page came, but for a sign-in, or this one with thanks.
  const wayIn = document.querySelector("[data-way-in]");
  const thanked = document.querySelector(".messages .alert-success");
  const elsewhere = (key) => !key.startsWith(`${PREFIX}${location.pathname}#`);
  forgetWhere((text, key) => !text || Date.now() - text.at > WEEK
    || (text.sent && !wayIn && (elsewhere(key) || thanked)));

  // The page that follows a form is its answer, unless people went back or came from elsewhere: no answer
  // came then, and draft.js puts back what was sent for a day.
  function settleSent(isAnswer) {
    try {
      for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith("portal-typed:sent:"))) {
        const text = JSON.parse(sessionStorage.getItem(key));
        if ((!text.isLost && isAnswer) || Date.now() - text.at > WEEK / 7) sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, JSON.stringify({ ...text, isLost: true }));
      }
    } catch { /* switched off */ }
  }
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  settleSent(!isBack && document.referrer.startsWith(location.origin));
  addEventListener("pageshow", ({ persisted }) => { if (persisted) settleSent(false); });

  const restored = [];
  for (const field of kept()) {
    const text = read(keyOf(field));
    if (text && text.user === words.user && text.base === field.value && text.value !== field.value) {
      restored.push([field, field.value]);
      field.value = text.value;
    }
  }
  if (restored.length) {
    const button = element("button", "btn btn-sm", words.discard);
    button.type = "button";
    button.addEventListener("click", () => {
      for (const [field, before] of restored) {
        field.value = before;
        store((s) => s.removeItem(keyOf(field)));
      }
      say("");
    });
    say(words.kept, button);
  }

  const isKept = (field) => field.matches?.("textarea[data-keep], [data-keep] textarea");
  document.addEventListener("input", ({ target }) => {
    if (!isKept(target) || words.signedOut) return;
    const text = { value: target.value, base: target.defaultValue, at: Date.now(), user: words.user };
    store((s) => s.setItem(keyOf(target), JSON.stringify(text)));
  });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    for (const field of all("textarea", event.target).filter(isKept)) {
      field.leaving = true;
      store((s) => {
        const text = read(keyOf(field));
        if (text) s.setItem(keyOf(field), JSON.stringify({ ...text, sent: true }));
      });
    }
  });
  addEventListener("beforeunload", (event) => {
    const unsaved = kept().some((field) => field.value !== field.defaultValue && !field.leaving);
    if (unsaved) event.preventDefault();
  });

  // Markdown: toolbar and preview

  function type(field, text, from, to) {
    field.focus();
    field.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, text)) { // keeps "undo" where it can
      field.setRangeText(text, from, to, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function surround(field, mark) {
    const { selectionStart: from, selectionEnd: to } = field;
    type(field, mark + field.value.slice(from, to) + mark, from, to);
    field.setSelectionRange(from + mark.length, to + mark.length);
  }

  function beginLines(field, mark) {
    const from = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
    const chosen = field.value.slice(from, field.selectionEnd);
    type(field, chosen.split("\n").map((text) => mark + text).join("\n"), from, field.selectionEnd);
  }

  function preview(box, field, button) {
    const pane = box.querySelector(".md-preview");
    const shown = pane.hidden;
    pane.hidden = !shown;
    button.setAttribute("aria-pressed", String(shown));
    if (!shown) return;
    const token = field.form.querySelector("[name=csrfmiddlewaretoken]")?.value;
    const values = { text: field.value, csrfmiddlewaretoken: token };
    window.htmx.ajax("POST", box.dataset.markdown, { source: pane, target: pane, values });
  }

  function dress(root) {
    for (const tools of all(".md-tools[hidden]", root)) {
      const box = tools.closest("[data-markdown]");
      tools.hidden = false;
      if (!window.htmx) tools.querySelector("[data-md-preview]")?.remove();
      for (const button of all("button", tools)) button.addEventListener("click", () => press(box, button));
    }
  }
  function press(box, button) {
    const field = box.querySelector("textarea");
    if (button.dataset.md) surround(field, button.dataset.md);
    else if (button.dataset.mdLine) beginLines(field, button.dataset.mdLine);
    else preview(box, field, button);
  }
  dress(document);
  document.addEventListener("htmx:load", (event) => dress(event.target));

  // Tables that are shown whole are sorted here, longer lists by the server

  const letters = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const isNumber = (text) => /^-?\d+(\.\d+)?$/.test(text);
  const compare = (one, other) =>
    isNumber(one) && isNumber(other) ? one - other : letters.compare(one, other);
  const sorted = element("p", "visually-hidden");
  sorted.setAttribute("aria-live", "polite"); // as a status it would be read at the end of each page
  document.body.append(sorted);

  function valueIn(row, place) {
    const cell = row.cells[place];
    const text = cell?.dataset.v ?? cell?.textContent.trim() ?? "";
    return text === "–" ? "" : text;
  }

  function sortBy(head) {
    const table = head.closest("table");
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const body of table.tBodies) {
      const rows = [...body.rows].map((row) => [valueIn(row, head.cellIndex), row]);
      // What has no value comes last either way.
      rows.sort(([one], [other]) =>
        !one - !other || (down ? compare(other, one) : compare(one, other)));
      body.append(...rows.map(([, row]) => row));
    }
    for (const each of all("[aria-sort]", table)) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    sorted.textContent = words[down ? "down" : "up"].replace("{column}", head.textContent);
  }

  function offerOrder(root) {
    for (const head of all("[data-sort] th", root)) {
      const text = head.textContent.trim();
      const link = head.querySelector("a.sort"); // for who has no scripts
      if (!text || (head.children.length && !link)) continue;
      const button = link ?? element("button", "sort", text);
      if (!link) {
        button.type = "button";
        head.replaceChildren(button);
      }
      button.onclick = (event) => { // once, however often this is called
        event.preventDefault();
        sortBy(head);
      };
    }
  }
  offerOrder(document);
  document.addEventListener("htmx:load", (event) => offerOrder(event.target));

  // What was refused, also where the address names another place

  document.querySelector(".error-summary")?.focus();

  // The current entry of a row is in sight

  for (const entry of all(".mainnav [aria-current], .tabs [aria-current]")) {
    const row = entry.closest("ul, .tabs");
    // A sticky tab does not tell its own place.
    const before = (entry.closest("li") ?? entry).previousElementSibling;
    row.scrollLeft = before ? before.offsetLeft - row.offsetLeft : 0;
  }
})();
