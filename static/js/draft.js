/* Keeps on the server what somebody types on a page that opened by link, until it is sent. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-draft]");
  let waits;

  function keep() {
    clearTimeout(waits);
    waits = 0;
    const typed = new FormData(form);
    for (const [name, value] of [...typed]) {
      if (value instanceof File || name === "csrfmiddlewaretoken") typed.delete(name);
    }
    typed.set("keep_draft", "1");
    fetch(location.pathname, {
      method: "POST", body: typed, keepalive: true, headers: { "X-Draft": "1", "X-CSRFToken": token() },
    }).catch(() => { waits = setTimeout(keep, 20000); });
  }
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

  form?.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(keep, 2000);
  });
  form?.addEventListener("submit", () => { clearTimeout(waits); waits = 0; });
  addEventListener("pagehide", () => { if (waits) keep(); });
})();
