/* Sums while somebody types. The server counts anew what is sent.

   An element with data-total-of (a selector of fields in its form) shows their sum; it is marked
   above data-most. What surrounds it is hidden without scripts. */
(() => {
  "use strict";

  const language = document.documentElement.lang;
  const written = new Intl.NumberFormat({ fr: "fr-CA", es: "es-HN" }[language] ?? "en-CA", { maximumFractionDigits: 2 });
  const groups = language === "fr" ? "" : ",";

  // As kernel/formats.py reads it. What it would refuse or ask about is no number.
  function numberIn(text) {
    const typed = text.trim().replace(/(\d)[ \u00a0\u2009\u202f](?=\d{3}(?!\d))/g, "$1_");
    const two = /^[1-9]\d{0,2}([.,])\d{3}$/.exec(typed);
    if (two) return groups === two[1] ? Number(typed.replace(two[1], "")) : NaN;
    for (const [group, point] of ["_,", "_.", ",.", ".,"]) {
      const shape = new RegExp(`^(?:(?:\\d+|\\d{1,3}(?:\\${group}\\d{3})+)(?:\\${point}\\d+)?|\\${point}\\d+)$`);
      if (shape.test(typed)) return Number(typed.split(group).join("").replace(",", "."));
    }
    return NaN;
  }

  // A field for whole numbers is read by the browser, which sends what it has read.
  const valueOf = (field) => (field.type === "number" ? field.valueAsNumber : numberIn(field.value));

  function show(total) {
    const fields = [...total.closest("form").querySelectorAll(total.dataset.totalOf)];
    const typed = fields.filter((field) => field.value.trim());
    const sum = typed.map(valueOf).reduce((one, other) => one + other, 0);
    total.classList.toggle("text-danger", sum > Number(total.dataset.most || Infinity));
    total.textContent = typed.length && Number.isFinite(sum) ? written.format(sum) : "–";
  }

  const totals = () => document.querySelectorAll("[data-total-of]");
  totals().forEach((total) => {
    total.closest("[hidden]")?.removeAttribute("hidden");
    show(total);
  });
  document.addEventListener("input", (event) => {
    totals().forEach((total) => {
      if (total.closest("form") === event.target.form) show(total);
    });
  });
})();
