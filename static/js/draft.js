/* Keeps on the server what somebody types on a page that opened by link, until it is sent; and in this
   tab what was sent, in case no answer comes. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-draft]");
  let waits, keeping;

  function keep() {
    clearTimeout(waits);
    waits = 0;
    const typed = new FormData(form);
    for (const [name, value] of [...typed]) {
      if (value instanceof File || name === "csrfmiddlewaretoken" || name === "press_key") typed.delete(name);
    }
    typed.set("keep_draft", "1");
    const here = keeping = new AbortController();
    fetch(location.pathname + location.search, {
      method: "POST", body: typed, keepalive: true, signal: here.signal,
      headers: { "X-Draft": "1", "X-CSRFToken": token() },
    }).catch(() => { if (!here.signal.aborted) waits = setTimeout(keep, 20000); });
  }
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

  form?.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(keep, 2000);
  });
  // What is kept after the form was sent would come back as a draft.
  form?.addEventListener("submit", () => { clearTimeout(waits); waits = 0; keeping?.abort(); });
  addEventListener("pagehide", () => { if (waits) keep(); });

  // Where no answer came (portal.js), what was sent is put back, once, with the key of that press: pressed
  // again it is the same press (kernel/sent_forms.py), and with another text another one. The token of the
  // session is never kept.
  const SENT = `portal-typed:sent:${location.pathname}${location.search}`;
  const DAY = 24 * 3600 * 1000;
  const sent = form ?? document.querySelector("form[data-sent-again]");
  sent?.append(Object.assign(document.createElement("input"),
    { type: "hidden", name: "press_key", value: crypto.getRandomValues(new Uint32Array(4)).join("-") }));

  sent?.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const values = [...new FormData(sent)]
      .filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
    try { sessionStorage.setItem(SENT, JSON.stringify({ at: Date.now(), values })); } catch { /* switched off or full */ }
  });

  function putBack(values) {
    const left = new Map();
    for (const [name, value] of values) left.set(name, [...(left.get(name) ?? []), value]);
    const before = [];
    for (const field of [...sent.elements].filter((one) => one.name && !/^(file|submit|button)$/.test(one.type))) {
      const given = left.get(field.name) ?? [];
      if (field.type === "hidden") before.push([field, field.value]);
      if (/^(checkbox|radio)$/.test(field.type)) field.checked = given.includes(field.value);
      else if (field.multiple) for (const option of field.options ?? []) option.selected = given.includes(option.value);
      else if (given.length) field.value = given.shift();
    }
    const anew = () => { for (const [field, value] of before) field.value = value; };
    sent.addEventListener("input", anew, { once: true });
    tell(() => { sent.reset(); anew(); });
  }

  // Whoever reads it need not be who typed it.
  function tell(discard) {
    const words = document.getElementById("words").dataset;
    const line = Object.assign(document.createElement("div"), { className: "alert alert-info form-narrow" });
    const button = Object.assign(document.createElement("button"),
      { type: "button", className: "btn btn-sm", textContent: words.discard });
    button.addEventListener("click", () => { discard(); line.remove(); });
    line.setAttribute("role", "status");
    line.append(`${words.kept} `, button);
    sent.before(line);
  }

  try {
    const { at, values, isLost } = JSON.parse(sent && sessionStorage.getItem(SENT)) ?? {};
    if (isLost) sessionStorage.removeItem(SENT);
    if (isLost && Date.now() - at < DAY && !document.querySelector(".error-summary")) putBack(values);
  } catch { /* switched off */ }
})();
