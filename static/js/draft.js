/* Keeps on the server what somebody types on a page that opened by link, until it is sent. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-draft]");
  let waits, keeping;

  function keep() {
    clearTimeout(waits);
    waits = 0;
    const typed = new FormData(form);
    for (const [name, value] of [...typed]) {
      if (value instanceof File || name === "csrfmiddlewaretoken") typed.delete(name);
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
})();
