/* Beside a text in another language: its gist, as the machine on the server translates it. Nothing is
   kept. The button comes by itself, so that a page has none where scripts are off. */
(() => {
  "use strict";

  const words = document.getElementById("words")?.dataset ?? {};
  const here = document.documentElement.lang;
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  const SHORTEST = 25, LONGEST = 5000;
  if (!words.gist || !token) return;

  /* Below each paragraph, since a gist is of a few sentences. */
  function offer(text) {
    if (text.lang === here || text.closest("a, button, summary, label, textarea, [hreflang], [data-no-gist], form")) return;
    const parts = [...text.querySelectorAll("p, li, dd")].filter((part) => !part.querySelector("p, li, dd"));
    (parts.length ? parts : [text]).forEach((part) => button(part, text.lang));
  }

  function button(part, source) {
    const said = part.textContent.trim();
    if (said.length < SHORTEST || said.length > LONGEST || part.querySelector("a, button, input")) return;
    const made = document.createElement("button");
    made.type = "button";
    made.lang = here;
    made.className = "btn btn-sm gist";
    made.textContent = words.gist;
    made.addEventListener("click", () => show(made, said, source));
    if (part.matches("li, dd, dt, td, p")) part.append(" ", made);
    else part.after(made);
  }

  async function show(button, said, source) {
    button.disabled = true;
    const line = document.createElement("span");
    line.className = "gist-text";
    line.setAttribute("role", "status");
    button.after(line);
    try {
      const answer = await fetch(words.gistUrl, {
        method: "POST",
        credentials: "same-origin",
        headers: { "X-CSRFToken": token, "X-Requested-With": "fetch" },
        body: new URLSearchParams({ text: said, source }),
      });
      line.textContent = answer.ok || answer.status === 422 ? await answer.text() : words.failed;
      if (answer.ok) button.remove();
      else button.disabled = false;
    } catch {
      line.textContent = words.offline;
      button.disabled = false;
    }
  }

  document.querySelectorAll("main [lang]").forEach(offer);
})();
