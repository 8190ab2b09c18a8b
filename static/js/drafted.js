/* Decisions and recommendations on the live page of a meeting. What is typed of one lies in this
   browser, as notes do (session.js), until it is saved or cancelled, and signing out clears it
   (typed.js). Its form is there again as soon as its item is shown. */
(() => {
  "use strict";

  const words = document.getElementById("session-words")?.dataset;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const signedOut = () => document.getElementById("words")?.dataset.signedOut;

  const draftKey = (opener) => `portal-text:out:${words?.user}:${words?.meeting}:${opener}`;
  const typedIn = (form) => [...form.elements].filter((field) => field.name && !/^(hidden|submit)$/.test(field.type));
  const isTicked = (field) => /^(checkbox|radio)$/.test(field.type);

  function drafted(opener) {
    try { return JSON.parse(localStorage.getItem(draftKey(opener))); } catch { return null; }
  }
  function undraft(opener) {
    try { localStorage.removeItem(draftKey(opener)); } catch { /* nothing was kept */ }
    markDrafts();
  }
  function draft(form) {
    if (signedOut()) return;
    const values = typedIn(form).filter((field) => !isTicked(field) || field.checked).map(({ name, value }) => [name, value]);
    let isKept = true;
    try {
      localStorage.setItem(draftKey(form.dataset.out), JSON.stringify({ values, at: Date.now() }));
    } catch { isKept = false; }
    form.querySelector("[data-state]").textContent = isKept ? words.drafted : words.unkept;
    markDrafts();
  }
  function restore(form) {
    const text = drafted(form.dataset.out);
    if (!text) return;
    for (const field of typedIn(form)) {
      const of = text.values.filter(([name]) => name === field.name).map(([, value]) => value);
      if (isTicked(field)) field.checked = of.includes(field.value);
      else if (of.length) field.value = of[0];
    }
    const votes = form.querySelector("details[data-votes]");
    if (votes) votes.open ||= form.elements.rule.value !== "consensus" || all("input, textarea", votes).some(({ value }) => value);
    form.querySelector("[data-state]").textContent = words.drafted;
  }

  const OPENERS = ["decide", "recommend"];
  let reopened = "";
  function reopen() {
    const item = document.querySelector(".sit.shown")?.id.slice("item-".length);
    const place = item && document.getElementById(`form-${item}`);
    if (!words || !place || place.childElementCount || !window.htmx) return;
    const opener = OPENERS.map((kind) => `${kind}-${item}`).find((id) => drafted(id) && document.getElementById(id));
    if (!opener || reopened === opener) return;
    reopened = opener;
    document.getElementById(opener).click();
  }
  function markDrafts() {
    for (const link of all("#outline [data-see]")) {
      const has = OPENERS.some((kind) => drafted(`${kind}-${link.dataset.see}`));
      const chip = link.querySelector("[data-drafted]");
      if (!has) chip?.remove();
      else if (!chip) {
        const added = document.createElement("span");
        added.dataset.drafted = "";
        added.title = words.typing;
        added.innerHTML = '<span class="visually-hidden"></span><b aria-hidden="true">●</b>'; // no new line
        added.firstChild.textContent = words.typing;
        link.lastElementChild.append(" ", added);
      }
    }
  }

  if (words) {
    for (const kind of ["input", "change"]) {
      document.addEventListener(kind, ({ target }) => {
        const form = target.closest?.("form[data-out]");
        if (form) draft(form);
      });
    }
    document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
      const opener = detail.elt.dataset?.out;
      if (opener && detail.xhr.getResponseHeader("HX-Location")) undraft(opener);
    });
    // The item comes anew by itself: the agenda and the tabs, which count decisions, are of the same answer.
    document.addEventListener("htmx:afterRequest", ({ detail }) => {
      if (!/^item-/.test(detail.target?.id) || !detail.successful || detail.requestConfig.verb !== "get") return;
      const page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
      for (const part of ["#outline", "nav.tabs"]) {
        const [now, then] = [document.querySelector(part), page.querySelector(part)];
        if (!now || !then) continue;
        now.replaceWith(then);
        window.htmx.process(then);
      }
      markDrafts();
    });
    document.addEventListener("htmx:afterSettle", () => { markDrafts(); reopen(); });
    document.addEventListener("session:seen", reopen);
    addEventListener("load", () => { markDrafts(); reopen(); }); // once htmx knows the links
  }

  document.addEventListener("htmx:afterSwap", ({ target, detail }) => {
    if (!target.matches?.(".in-place")) return;
    const form = target.querySelector("form[data-out]");
    if (form && detail.requestConfig?.verb === "get") restore(form);
    const isReopened = form && form.dataset.out === reopened;
    reopened = "";
    if (!isReopened) (target.querySelector(".error-summary, .alert") ?? target.querySelector("textarea"))?.focus();
  });
  document.addEventListener("click", (event) => {
    const place = event.target.closest?.("[data-close]")?.closest(".in-place");
    if (!place) return;
    event.preventDefault();
    undraft(place.querySelector("form").dataset.out);
    place.replaceChildren();
    place.closest("section").querySelector("[hx-get]")?.focus();
  });
})();
