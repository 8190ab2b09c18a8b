/* Typed text is there again on the way back, also on the way back from a sign-in.

   Of a page behind the sign-in browsers keep no copy (no-store), nor of what was typed there. */
(() => {
  "use strict";

  const TYPED = "portal-typed:";
  const here = `${TYPED}${location.pathname}${location.search}`;
  const LAST = "portal-left"; // the page of this tab that was left last
  const SIGNED_OUT = "portal-signed-out"; // when, in whichever window
  const WEEK = 7 * 24 * 3600 * 1000;
  const words = document.getElementById("words");
  const user = words.dataset.user;
  const NEVER = /^(hidden|password|file|submit|button)$/;
  const typedFields = () => [...document.querySelectorAll("form[method=post] :is(input, select, textarea)")]
    .filter((field) => !NEVER.test(field.type) && field.autocomplete !== "one-time-code");

  // The options or the text that the page came with, and what they are now.
  function states(field) {
    if (field.options) {
      return ["defaultSelected", "selected"].map((state) => [...field.options].map((o) => o[state]));
    }
    return field.type === "checkbox" || field.type === "radio"
      ? [field.defaultChecked, field.checked] : [field.defaultValue, field.value];
  }
  const placeOf = (field, place) => JSON.stringify([place, field.name, states(field)[0]]);

  function put(field, state) {
    if (field.options) state.forEach((chosen, place) => { field.options[place].selected = chosen; });
    else if (typeof state === "boolean") field.checked = state;
    else field.value = state;
  }

  // Signing out forgets what was typed in every window (portal.js keeps long texts), and nothing is
  // kept anew there.
  function forgetTyped() {
    removeEventListener("pagehide", keepTyped);
    words.dataset.signedOut = "yes";
    try {
      for (const storage of [localStorage, sessionStorage]) {
        Object.keys(storage).filter((key) => /^portal-(text:|typed:|left$|waiting$)/.test(key))
          .forEach((key) => storage.removeItem(key));
      }
    } catch { /* switched off */ }
  }
  // A page that was reloaded by force has no controller, and at the sign-out is no time to look for one.
  const workers = navigator.serviceWorker;
  let registration;
  if (words.dataset.gist && document.querySelector("[data-forget]")) {
    workers?.getRegistration().then((found) => { registration = found; }).catch(() => {});
  }
  addEventListener("storage", ({ key }) => { if (key === SIGNED_OUT) forgetTyped(); });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !event.target.matches("[data-forget]")) return;
    forgetTyped();
    (workers?.controller ?? registration?.active)?.postMessage({ do: "forget" }); // kept-worker.js
    try { localStorage.setItem(SIGNED_OUT, Date.now()); } catch { /* switched off */ }
  });

  // A phone that keeps pages may not have sent everything yet (kept.js).
  try {
    if (Number(localStorage.getItem("portal-waiting"))) {
      for (const form of document.querySelectorAll("[data-forget]")) form.dataset.confirm = words.dataset.waiting;
    }
  } catch { /* switched off */ }

  // For texts in another language.
  if (document.querySelector(`main [lang]:not([lang="${document.documentElement.lang}"])`))
    document.head.append(Object.assign(document.createElement("script"), { src: words.dataset.gistScript }));

  // A form that was sent, with a key of that press: on the way back it is the same press, unless it is
  // changed (kernel/sent_forms.py). Forms of pages by link do this themselves (draft.js).
  let sent = null;
  const REMOVED = "portal-removed"; // when something was removed in this tab: it may be made again
  const postForms = () => [...document.querySelectorAll("main form[method=post]:not(.undo)")];
  const fieldsOf = (form) => [...form.elements]
    .filter((one) => one.name && one.name !== "csrfmiddlewaretoken" && !/^(file|submit|button)$/.test(one.type));
  const pressKey = (value) => Object.assign(document.createElement("input"), { type: "hidden", name: "press_key", value });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.submitter?.matches(".btn-danger")) {
      try { sessionStorage.setItem(REMOVED, Date.now()); } catch { /* switched off */ }
    }
    const isTyped = typedFields().some((field) => field.form === form);
    const isElsewhere = form.querySelector("[type=password], [autocomplete=one-time-code]") || form.matches("[data-draft], [data-sent-again]");
    if (event.defaultPrevented || !isTyped || isElsewhere) return;
    if (!form.elements.press_key) form.append(pressKey(crypto.getRandomValues(new Uint32Array(4)).join("-")));
    const said = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
    sent = { form: postForms().indexOf(form), said };
  });

  // What the press brought about may be offered no more, such as an effect of a decision: what was said
  // is sent again as it was, whatever fields the page has now.
  function putBack({ form: place, said }) {
    const form = postForms()[place];
    if (!form) return;
    const fields = fieldsOf(form), rest = [...said];
    for (const one of fields.filter(({ type }) => type !== "hidden")) {
      const values = rest.filter(([name]) => name === one.name).map(([, value]) => value);
      if (/^(checkbox|radio)$/.test(one.type)) one.checked = values.includes(one.value);
      else if (one.multiple) for (const option of one.options ?? []) option.selected = values.includes(option.value);
      else if (values.length) {
        one.value = values[0];
        rest.splice(rest.findIndex(([name]) => name === one.name), 1);
      }
    }
    const names = new Set([...fields, ...said.map(([name]) => ({ name }))].map(({ name }) => name));
    const sayAgain = ({ formData }) => {
      names.forEach((name) => formData.delete(name));
      said.forEach(([name, value]) => formData.append(name, value));
    };
    form.addEventListener("formdata", sayAgain);
    form.addEventListener("input", () => form.removeEventListener("formdata", sayAgain), { once: true });
  }

  function keepTyped() {
    const typed = typedFields().flatMap((field, place) => {
      const [before, now] = states(field);
      const same = JSON.stringify(before) === JSON.stringify(now);
      return same ? [] : [[placeOf(field, place), now]];
    });
    try {
      sessionStorage.setItem(LAST, here);
      if (typed.length || sent) sessionStorage.setItem(here, JSON.stringify({ user, typed, sent, at: Date.now() }));
      else sessionStorage.removeItem(here);
    } catch { /* switched off or full */ }
  }
  addEventListener("pagehide", keepTyped);

  // What is a week old, or was typed before the last sign-out.
  try {
    const oldest = Math.max(Date.now() - WEEK, Number(localStorage.getItem(SIGNED_OUT)));
    Object.keys(sessionStorage).filter((key) => key.startsWith(TYPED))
      .filter((key) => !(JSON.parse(sessionStorage.getItem(key)).at > oldest))
      .forEach((key) => sessionStorage.removeItem(key));
  } catch { /* switched off */ }

  // Whoever types is there, and is not signed out.
  const EVERY = 60 * 1000;
  const address = words.dataset.here;
  let lastSaid = Date.now();
  document.addEventListener("input", () => {
    if (Date.now() - lastSaid < EVERY) return;
    lastSaid = Date.now();
    fetch(address, { credentials: "same-origin", redirect: "manual" }).catch(() => {});
  });

  const SIGN_IN = /\/accounts\/(login|2fa\/authenticate)\//;
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  // What was sent from a page before was saved: only the page that the sign-in interrupted.
  const read = (key) => { try { return sessionStorage.getItem(key); } catch { return null; } };
  if (isBack || (SIGN_IN.test(document.referrer) && read(LAST) === here)) {
    const kept = JSON.parse(read(here)) ?? {};
    const found = new Map(kept.user === user ? kept.typed : []);
    typedFields().forEach((field, place) => {
      const key = placeOf(field, place);
      if (found.has(key)) put(field, found.get(key));
    });
    if (kept.user === user && kept.sent && kept.at > Number(read(REMOVED))) putBack(kept.sent);
  }
})();
