/* Beside a text in another language: its gist, as the machine on the server translates it. Nothing is
   kept. The button comes by itself, so that a page has none where scripts are off. */
(() => {
  "use strict";

  const words = document.getElementById("words")?.dataset ?? {};
  const here = document.documentElement.lang;
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  const SHORTEST = 25;
  if (!words.gist || !token) return;

  function offer(text) {
    const inside = text.closest("a, button, summary, label, textarea, [hreflang], form") || text.querySelector("a, button, input");
    const said = text.textContent.trim();
    if (inside || text.lang === here || said.length < SHORTEST) return;
    const button = document.createElement("button");
    button.type = "button";
    button.lang = here;
    button.className = "btn btn-sm gist";
    button.textContent = words.gist;
    button.addEventListener("click", () => show(button, said, text.lang));
    text.after(button);
  }

  async function show(button, said, source) {
    button.disabled = true;
    const line = document.createElement("p");
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
