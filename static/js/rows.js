/* Rows that are written in place: Escape leaves a row as it was. All works without this. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  event.target.closest?.(".row-form")?.querySelector("[data-escape]")?.click();
});
