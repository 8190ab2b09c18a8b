/* Rows of a list are put in order by dragging a handle; the page works without it, by buttons.
   <div data-order="where to post" data-handle="what the handle is called"> with a CSRF token in
   it and rows [data-row="key"] as children. The answer's list takes the place of this one. */
(() => {
  "use strict";

  const rowsOf = (list) => [...list.querySelectorAll(":scope > [data-row]")];

  function dress(list) {
    for (const row of rowsOf(list)) {
      const handle = document.createElement("span");
      handle.className = "handle";
      handle.title = list.dataset.handle;
      handle.setAttribute("aria-hidden", "true"); // the buttons are for those who do not point
      row.querySelector(".h").prepend(handle);
    }
  }

  function putBack(list, rows) {
    for (const row of rows) list.append(row);
  }

  async function send(list, before) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", list.querySelector("[name=csrfmiddlewaretoken]").value);
    for (const row of rowsOf(list)) body.append("row", row.dataset.row);
    try {
      const answer = await fetch(list.dataset.order, { method: "POST", body });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector(`[data-order="${list.dataset.order}"]`);
      const errors = page.querySelector(".messages");
      if (!fresh || errors) throw new Error("refused");
      list.replaceWith(fresh);
      dress(fresh);
    } catch {
      putBack(list, before);
      document.dispatchEvent(new Event("htmx:responseError")); // the line at the foot says it
    }
  }

  function drag(event) {
    const handle = event.target.closest?.(".handle");
    const row = handle?.closest("[data-row]");
    if (!row || event.button !== 0) return;
    event.preventDefault();
    const list = row.parentElement;
    const before = rowsOf(list);
    row.classList.add("dragged");

    function move({ clientY }) {
      if (clientY < 60) scrollBy(0, -12);
      if (clientY > innerHeight - 60) scrollBy(0, 12);
      const others = rowsOf(list).filter((other) => other !== row);
      const next = others.find((other) => {
        const { top, height } = other.getBoundingClientRect();
        return clientY < top + height / 2;
      });
      if (row.nextElementSibling !== (next ?? null)) list.insertBefore(row, next ?? null);
    }
    function end(kept) {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", drop);
      removeEventListener("pointercancel", cancel);
      removeEventListener("keydown", escape);
      row.classList.remove("dragged");
      const moved = rowsOf(list).some((other, place) => other !== before[place]);
      if (!kept) putBack(list, before);
      else if (moved) send(list, before);
    }
    const drop = () => end(true);
    const cancel = () => end(false);
    const escape = ({ key }) => { if (key === "Escape") cancel(); };
    // On the window: a pointer that is captured is let go when its element moves in the page.
    addEventListener("pointermove", move);
    addEventListener("pointerup", drop);
    addEventListener("pointercancel", cancel);
    addEventListener("keydown", escape);
  }

  for (const list of document.querySelectorAll("[data-order]")) dress(list);
  document.addEventListener("pointerdown", drag);
})();
