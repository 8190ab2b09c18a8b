/* The list of evidence beside a text: it can be filtered, and a button puts a code where the cursor
   is. Without this the codes are there to be copied. */
for (const panel of document.querySelectorAll("[data-cite]")) {
  const field = document.getElementById(panel.dataset.cite);
  const box = panel.querySelector("[data-cite-filter]");
  const filter = box.querySelector("input");
  const said = panel.querySelector("[data-cite-said]");
  const rows = [...panel.querySelectorAll(".rows > li")];
  const groups = [...panel.querySelectorAll("details")];
  const wereOpen = groups.map((group) => group.open);
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = rows.map((row) => plain(row.textContent));

  box.hidden = false;

  filter.addEventListener("input", () => {
    const asked = plain(filter.value).split(/\s+/).filter(Boolean);
    rows.forEach((row, place) => {
      row.hidden = !asked.every((word) => words[place].includes(word));
    });
    groups.forEach((group, place) => {
      const found = group.querySelector("li:not([hidden])");
      group.hidden = !found;
      group.open = asked.length ? Boolean(found) : wereOpen[place];
    });
    panel.querySelector("[data-cite-none]").hidden = groups.some((group) => !group.hidden);
  });
  // Enter in a search field would send the form around it, were there one.
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });

  const cite = ({ currentTarget: { value: code } }) => {
    const before = field.value.slice(0, field.selectionStart);
    const gap = /(^|[\s(])$/.test(before) ? "" : " ";
    field.setRangeText(gap + code, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true })); // what is typed is kept
    field.focus();
    said.textContent = `${said.dataset.words} ${code}`;
  };
  // On each button: the panel around them is nothing to press.
  for (const button of panel.querySelectorAll(".rows button")) {
    button.hidden = false;
    button.addEventListener("click", cite);
  }
}
