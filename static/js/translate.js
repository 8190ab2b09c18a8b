/* The page of a text to translate: keys, and matches of the memory that go where the cursor is.
   Without it the same buttons send the form. */
(() => {
  "use strict";

  const OFF = "no-translating-keys";
  const page = document.getElementById("translating");
  const form = page?.querySelector("form");
  const field = form?.querySelector("textarea");
  if (!field) return;
  const store = (work) => { try { return work(localStorage); } catch { return null; } };
  const isOff = () => store((s) => s.getItem(OFF));

  // What a draft offers is no typed text: the first letter does not replace it, and Tab leaves the box.
  field.setSelectionRange(field.value.length, field.value.length);
  field.focus(); // also after a message that would take it

  const matches = [...form.querySelectorAll("[data-insert]")];
  let next = 0;

  function insert(button) {
    const text = button.closest("li").querySelector(".remembered").textContent;
    const before = field.value.slice(0, field.selectionStart);
    const space = before && !/\s$/.test(before) ? " " : "";
    field.setRangeText(space + text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
  for (const button of matches) {
    button.addEventListener("click", (event) => { event.preventDefault(); insert(button); });
  }

  const KEYS = {
    KeyM: () => { if (matches.length) insert(matches[next++ % matches.length]); },
    KeyD: () => form.requestSubmit(form.querySelector("[data-save-draft]")),
    ArrowDown: () => form.querySelector("[data-after]")?.click(),
    ArrowUp: () => form.querySelector("[data-before]")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (isOff() || event.isComposing) return;
    const isConfirm = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.altKey;
    const isKey = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && KEYS[event.code];
    if (!isConfirm && !isKey) return;
    event.preventDefault();
    if (event.repeat) return;
    if (isConfirm) form.requestSubmit();
    else KEYS[event.code]();
  });

  for (const box of document.querySelectorAll("[data-translating-keys]")) {
    box.closest("label").hidden = false;
    box.checked = !isOff();
    box.addEventListener("change", () => store((s) =>
      box.checked ? s.removeItem(OFF) : s.setItem(OFF, "1")));
  }
})();
