/* The field of the search, for those who signed in: its key, and what fits while somebody types. */
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  function store(use) {
    try { return use(localStorage); } catch { /* switched off or full */ }
  }

  // “/” goes to the search, unless somebody types or has switched the key off

  const keyIsOff = () => store((s) => s.getItem("no-search-key"));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (keyIsOff()) return;
    const field = document.querySelector(".find input");
    if (!field) return;
    event.preventDefault();
    field.focus();
  });
  // What fits while somebody types: a combobox, whose focus stays in the field

  const quick = document.getElementById("quick");
  if (quick) {
    const field = document.querySelector(".find input");
    const choices = () => all("[role=option]", quick);
    const choose = (chosen) => {
      choices().forEach((choice) => choice.setAttribute("aria-selected", choice === chosen));
      field.setAttribute("aria-activedescendant", chosen?.id ?? "");
      chosen?.scrollIntoView({ block: "nearest" });
    };
    const offered = () => {
      choices().forEach((choice, n) => Object.assign(choice, { id: `quick-${n}`, tabIndex: -1 }));
      for (const [name, value] of Object.entries({
        role: "combobox", "aria-autocomplete": "list", "aria-controls": "quick", "aria-expanded": choices().length > 0,
      })) field.setAttribute(name, value);
      choose();
    };
    offered();
    quick.addEventListener("htmx:afterSwap", offered);
    field.addEventListener("keydown", (event) => {
      const [step, every] = [{ ArrowDown: 1, ArrowUp: -1 }[event.key], choices()];
      const at = every.findIndex((choice) => choice.getAttribute("aria-selected") === "true");
      if (!every.length || !(step || event.key === "Escape" || (event.key === "Enter" && at >= 0))) return;
      event.preventDefault();
      if (step) choose(every[at < 0 && step < 0 ? every.length - 1 : at + step]);
      else if (event.key === "Enter") every[at].click();
      else { quick.replaceChildren(); offered(); }
    });
  }
  for (const box of all("[data-search-key]")) {
    box.closest("label").hidden = false;
    box.checked = !keyIsOff();
    box.addEventListener("change", () => store((s) =>
      box.checked ? s.removeItem("no-search-key") : s.setItem("no-search-key", "1")));
  }
})();
