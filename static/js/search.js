/* Recent searches: on this device alone, for a week, until sign-out (typed.js forgets them). */
(() => {
  "use strict";

  const words = document.getElementById("words").dataset;
  const KEY = "portal-typed:searches", MOST = 8, WEEK = 7 * 24 * 3600 * 1000;
  const card = document.querySelector("[data-recent]");

  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY)) ?? [];
      return kept.filter((one) => one.user === words.user && one.at > Date.now() - WEEK);
    } catch { return []; }
  }
  function write(rows) {
    try {
      if (rows.length) localStorage.setItem(KEY, JSON.stringify(rows.slice(0, MOST)));
      else localStorage.removeItem(KEY);
    } catch { /* switched off or full */ }
  }
  function show() {
    const rows = read();
    write(rows);
    card.hidden = !rows.length;
    card.querySelector("ul").replaceChildren(...rows.map(({ text }) => {
      const link = Object.assign(document.createElement("a"), { textContent: text, className: "what" });
      link.href = `?${new URLSearchParams({ q: text })}`;
      const row = document.createElement("li");
      row.append(link);
      return row;
    }));
  }
  function keep() {
    const text = document.querySelector("[data-searched]")?.dataset.searched;
    if (text && text.length <= 100) {
      const others = read().filter((one) => one.text !== text);
      write([{ user: words.user, text, at: Date.now() }, ...others]);
    }
    show();
  }
  card.querySelector("button").addEventListener("click", () => { write([]); show(); });
  document.addEventListener("htmx:afterSettle", keep);
  keep();
})();
