/* The live page of a meeting: notes that save themselves and survive a lost connection, keys for
   the check-in, and the clock of the item. Everything here works slower without it. */
(() => {
  "use strict";

  const words = document.getElementById("session-words")?.dataset;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  /* ---- The item that is shown -----------------------------------------------------------------
     All items are on the page. One is shown, with the one toolbar of the notes in its form. */

  const tools = document.getElementById("notes-tools")?.content.firstElementChild;

  function dress() {
    const form = document.querySelector(".sit.shown form.notes");
    if (!form || !tools || form.contains(tools)) return;
    tools.hidden = false;
    form.dataset.markdown = "";
    form.querySelector("textarea").before(tools);
  }

  function goTo(title) {
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }

  function see(item) {
    if (!document.getElementById(`item-${item}`)) return false;
    for (const each of all(".sit")) each.classList.toggle("shown", each.id === `item-${item}`);
    for (const each of all("#outline [data-see]")) {
      if (each.dataset.see === item) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
    dress();
    document.dispatchEvent(new Event("session:seen")); // drafted.js
    return true;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-see]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !see(link.dataset.see)) return;
    event.preventDefault();
    history.replaceState(history.state, "", link.href);
    goTo(document.querySelector(".sit.shown h2")); // where any link within a page would lead
  });
  document.addEventListener("htmx:afterSwap", dress); // before it is painted, so that nothing moves
  dress();

  /* What is pressed while the items are being exchanged is pressed again in the new ones; a button
     that came under the pointer just now is not pressed by the same double click. */
  const EXCHANGED = 600;
  const exchanges = ({ detail }) => detail.target?.id === "sits";
  let exchanging = false, pressed = "", fresh = 0;
  document.addEventListener("htmx:beforeRequest", (event) => { exchanging ||= exchanges(event); });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!exchanges(event)) return;
    exchanging = false;
    fresh = Date.now();
    setTimeout(() => { document.getElementById(pressed)?.click(); pressed = ""; }, 50); // once htmx knows them
  });
  document.addEventListener("htmx:afterSwap", ({ target }) => { if (target.closest?.(".seats")) fresh = Date.now(); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#sits [id]:is(a, button), .marks button");
    if (!button || !event.detail) return; // a key, or the press that is done again
    const again = event.detail > 1 && Date.now() - fresh < EXCHANGED;
    if (!again && !(exchanging && button.closest("#sits"))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!again) pressed = button.id;
  }, true);

  /* ---- Notes -------------------------------------------------------------------------------
     Each note is a record here: what was typed, and on top of which version. It lies in this
     browser, too, until the portal has confirmed it; signing out clears it (typed.js). */

  const PAUSE = 1200;
  const notes = new Map();
  const keyOf = (item) => `portal-text:session:${words.user}:${words.meeting}:${item}`;

  let signedOut = false;
  function keep(note) {
    if (signedOut) return true;
    const { value, language, version, last } = note; // not “sent”, which lets portal.js forget a text
    const text = { value, language, version, last, base: null, at: Date.now() };
    try { localStorage.setItem(keyOf(note.item), JSON.stringify(text)); return true; } catch { return false; }
  }
  function kept(item) {
    try { return JSON.parse(localStorage.getItem(keyOf(item))); } catch { return null; }
  }
  function forget(note) {
    try { localStorage.removeItem(keyOf(note.item)); } catch { /* nothing was kept */ }
  }

  function tell(note, text) {
    const line = note.form.querySelector("[data-state]");
    if (line.textContent !== text) line.textContent = text;
  }

  /* A form of notes on the page, now or after a part of it was shown anew. */
  function take(form) {
    const item = form.dataset.item;
    const field = form.elements.notes;
    const shown = Number(form.elements.version.value);
    let note = notes.get(item);
    // This part of the page may have been made before the portal saved what was typed here.
    const isNewer = note && (note.dirty || note.version > shown);
    const text = isNewer ? { ...note } : kept(item);
    if (!note) notes.set(item, note = { item, dirty: false, wait: 0 });
    note.form = form;
    note.field = field;
    if (isNewer && !note.dirty) {
      form.elements.version.value = note.version;
      field.value = field.defaultValue = note.value;
      form.elements.language.value = note.language;
      return;
    }
    note.version = shown;
    note.language = form.elements.language.value;
    if (text && text.value !== field.value) {
      note.last = text.last;
      note.value = field.value = text.value;
      note.language = form.elements.language.value = text.language;
      note.version = Number(text.version);
      note.dirty = true;
      schedule(note, 0);
    } else {
      note.value = field.value;
      note.dirty = false;
      if (text) forget(note);
    }
    if (note.theirs) conflict(note, note.theirs);
  }

  function changed(note) {
    note.value = note.field.value;
    note.language = note.form.elements.language.value;
    note.dirty = true;
    keep(note);
    if (note.theirs) return; // first the two texts are brought together
    tell(note, words.typing);
    schedule(note, PAUSE);
  }

  function schedule(note, wait) {
    clearTimeout(note.timer);
    note.timer = setTimeout(() => send(note), wait);
  }

  async function send(note) {
    if (!note.dirty || note.sending || note.theirs) return;
    note.sending = true;
    const before = note.last;
    const value = note.last = note.value;
    keep(note);
    tell(note, words.saving);
    const body = new FormData(note.form);
    body.set("notes", value);
    body.set("language", note.language);
    body.set("version", note.version);
    let response, answer;
    try {
      response = await fetch(note.form.dataset.notes, { method: "POST", body, credentials: "same-origin" });
      answer = await response.json();
    } catch { /* no connection, or an answer that is a page */ }
    note.sending = false;
    if (answer && response.ok) saved(note, value, answer.version);
    else if (answer && response.status === 409) refused(note, value, answer, before);
    else if (answer) tell(note, answer.message);
    else if (response?.redirected) tell(note, words.signin);
    else if (response && response.status < 500) tell(note, words.failed);
    else later(note);
  }

  function saved(note, value, version) {
    note.version = version;
    note.form.elements.version.value = version;
    note.wait = 0;
    if (note.value !== value) { keep(note); schedule(note, PAUSE); return; }
    note.dirty = false;
    note.field.defaultValue = value;
    forget(note);
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: words.zone });
    tell(note, `${words.saved} (${time})`);
  }

  function later(note) {
    tell(note, keep(note) ? words.kept : words.unkept);
    note.wait = Math.min((note.wait || 2500) * 2, 60000);
    schedule(note, note.wait);
  }

  const lines = (text) => text.replace(/\r\n/g, "\n").trim();

  function refused(note, value, theirs, before) {
    if (lines(theirs.notes) === lines(value)) saved(note, value, theirs.version);
    else if (before !== undefined && lines(theirs.notes) === lines(before)) { // sent from here, its answer lost
      note.version = theirs.version;
      schedule(note, 0);
    } else conflict(note, theirs);
  }

  function conflict(note, theirs) {
    note.theirs = theirs;
    const box = note.form.querySelector(".conflict");
    box.querySelector(".theirs").textContent = theirs.notes;
    box.hidden = false;
    see(note.item);
    tell(note, "");
  }

  function settle(note, value) {
    const { version, language } = note.theirs;
    note.theirs = null;
    note.form.querySelector(".conflict").hidden = true;
    note.field.value = value;
    note.version = version;
    note.form.elements.language.value = language;
    note.field.focus();
    changed(note);
    schedule(note, 0);
  }

  const noteOf = (target) => notes.get(target.closest?.("form.notes")?.dataset.item);

  if (words) {
    all("form.notes").forEach(take);
    document.addEventListener("htmx:load", ({ target }) => {
      if (target.matches?.("form.notes")) take(target);
      else all("form.notes", target).forEach(take);
    });
    document.addEventListener("input", ({ target }) => {
      const note = noteOf(target);
      if (note) changed(note);
    });
    document.addEventListener("click", ({ target }) => {
      const note = noteOf(target);
      if (!note?.theirs) return;
      if (target.matches("[data-both]")) settle(note, `${note.theirs.notes.trimEnd()}\n\n${note.field.value}`);
      if (target.matches("[data-theirs]")) settle(note, note.theirs.notes);
    });
    document.addEventListener("submit", (event) => {
      const note = noteOf(event.target);
      if (!note) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      note.dirty = true;
      send(note);
    }, true);
    // Whoever signs out leaves nothing behind: typed.js clears it, and nothing is kept anew.
    document.addEventListener("submit", ({ target }) => { signedOut ||= target.matches("[data-forget]"); }, true);
    addEventListener("storage", ({ key }) => { signedOut ||= key === "portal-signed-out"; }); // elsewhere
    addEventListener("online", () => notes.forEach((note) => note.dirty && schedule(note, 0)));
    addEventListener("pagehide", () => notes.forEach((note) => note.dirty && keep(note)));
    addEventListener("beforeunload", (event) => {
      if ([...notes.values()].some((note) => note.dirty && !keep(note))) event.preventDefault();
    });
  }

  /* What somebody else saved comes into the fields in which nobody is writing here. */
  async function refresh(note) {
    try {
      const response = await fetch(note.form.dataset.notes, { credentials: "same-origin" });
      const news = await response.json();
      if (note.dirty || news.version <= note.version) return;
      note.value = note.field.value = note.field.defaultValue = news.notes;
      note.language = note.form.elements.language.value = news.language;
      note.version = note.form.elements.version.value = news.version;
      tell(note, words.new);
    } catch { /* the next pulse asks again */ }
  }

  document.addEventListener("htmx:load", ({ target }) => {
    if (target.id !== "pulse" || !words) return;
    for (const pair of target.dataset.versions.split(" ").filter(Boolean)) {
      const [item, version] = pair.split(":");
      const note = notes.get(item);
      if (note && !note.dirty && Number(version) > note.version) refresh(note);
    }
  });

  /* The pulse says which rows of people this page shows; it brings those that others changed. */
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt.id !== "pulse") return;
    const rows = all("#people [data-stamp]").map((row) => `${row.id.replace("seat-", "")}:${row.dataset.stamp}`);
    detail.parameters.rows = rows.join(" ");
  });

  /* ---- Keys of the check-in ------------------------------------------------------------------ */

  all(".keys").forEach((line) => { line.hidden = false; });
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.(".seat");
    if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const rows = all(".seat");
      const next = rows[rows.indexOf(row) + step];
      const mark = document.activeElement.value;
      (next?.querySelector(`[value="${mark}"]`) ?? next?.querySelector("[data-key]"))?.focus();
    } else {
      const button = row.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
      if (!button) return;
      button.focus();
      button.click();
    }
    event.preventDefault();
  });

  /* A row that was shown anew keeps the focus, even where its button is gone. */
  let focused;
  document.addEventListener("htmx:beforeSwap", () => { focused = document.activeElement?.closest(".seat")?.id; });
  document.addEventListener("htmx:afterSettle", () => {
    const row = focused && document.getElementById(focused);
    if (row && document.activeElement === document.body) row.querySelector("[data-key]")?.focus();
    focused = null;
  });

  /* So does the item: what was pressed may be gone, and the next Tab would begin somewhere else. */
  let pressedIn;
  document.addEventListener("htmx:beforeSwap", () => { pressedIn = document.activeElement?.closest("#sits, #outline"); });
  document.addEventListener("htmx:afterSettle", () => {
    const title = document.querySelector(".sit.shown h2");
    if (pressedIn && title && document.activeElement === document.body) goTo(title);
    pressedIn = null;
  });

  /* ---- The clock of the item ------------------------------------------------------------------- */

  let clock, began, spent;
  function tick() {
    const now = document.querySelector("[data-seconds]");
    if (!now) return;
    if (now !== clock) [clock, began, spent] = [now, Date.now(), Number(now.dataset.seconds)];
    const minutes = Math.floor((spent + (Date.now() - began) / 1000) / 60);
    now.querySelector("b").textContent = minutes;
    now.classList.toggle("late", Boolean(now.dataset.planned) && minutes >= Number(now.dataset.planned));
  }
  tick();
  setInterval(tick, 5000);
})();
