/* On a page that is kept on this phone: says what waits to be sent, and keeps what is typed.
   The worker (kept-worker.js) holds all of it; this file asks and shows. */
(() => {
  "use strict";

  const box = document.getElementById("kept");
  const workers = navigator.serviceWorker;
  if (!box || !workers?.controller) return;
  const words = box.dataset;
  const page = document.documentElement;
  const { keptAt, keptWhy, keptSignIn } = page.dataset;
  const [, key = "", rest = ""] = location.pathname.match(/^\/kept\/([\w-]+)\/(.*)$/) ?? [];
  const corrected = Number(new URLSearchParams(location.search).get("entry"));
  const isList = keptWhy !== undefined || !key;
  const find = (selector, root = box) => root.querySelector(selector);

  function ask(what) {
    return new Promise((answer) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => answer(data);
      workers.controller.postMessage({ key, rest, ...what }, [port2]);
    });
  }
  const format = (options) => new Intl.DateTimeFormat(page.lang, options);
  const day = (time) => format({ dateStyle: "long" }).format(time);
  const full = (time) => format({ dateStyle: "medium", timeStyle: "short" }).format(time);
  const moment = (time) => (new Date(time).toDateString() === new Date().toDateString()
    ? format({ timeStyle: "short" }).format(time) : full(time));

  // What is kept, and what waits

  function rowOf(entry) {
    const row = find("template").content.cloneNode(true);
    find("b", row).textContent = entry.label.page ?? "";
    find(".chip", row).textContent = words[entry.state];
    find(".chip", row).classList.add(entry.state === "waiting" ? "warn" : "bad");
    const why = [...entry.words ?? []];
    if (!why.length && entry.isPage) why.push(words.whyPage);
    if (!why.length && entry.code) why.push(words[{ "sign-in": "whySignIn", over: "whyOver", ended: "whyEnded", csrf: "whyCsrf", large: "whyLarge" }[entry.code]]);
    if (entry.state === "ended" && entry.tries > 1) why.push(words.whyTried);
    const [typed, sentence] = row.querySelectorAll("p");
    typed.textContent = [moment(entry.at), ...entry.label.lines ?? []].join(" · ");
    sentence.textContent = why.join(" ");
    sentence.hidden = !why.length;
    const link = find("a", row);
    link.hidden = !entry.isPage;
    link.href = `/kept/${entry.kept}/${entry.path}${entry.path.includes("?") ? "&" : "?"}entry=${entry.id}`;
    find("form", row).action = `/kept/${entry.kept}/entries/${entry.id}/`;
    return row;
  }

  function list(records) {
    const place = document.getElementById("kept-list");
    if (!place) return;
    document.getElementById("kept-none").hidden = records.length > 0;
    const shown = document.querySelector(`[data-why="${keptWhy}"]`);
    if (shown) shown.hidden = false;
    place.replaceChildren(...records.map(({ id, title, until }) => {
      const [row, link, note] = ["li", "a", "span"].map((name) => document.createElement(name));
      link.href = `/kept/${id}/`;
      link.textContent = title;
      note.className = "muted";
      note.textContent = ` ${words.until.replace("{day}", day(until))}`;
      row.append(link, note);
      return row;
    }));
  }

  let waits = 0;
  async function show() {
    const { kept, entries, draft } = await ask({ do: "status" }) ?? { kept: [], entries: [] };
    const record = isList ? undefined : kept.find((one) => one.id === key);
    // One that is being corrected is the form below.
    const own = entries.filter((entry) => (isList || entry.kept === key) && entry.id !== corrected);
    waits = own.filter((entry) => entry.state === "waiting").length;
    const line = [record && words.until.replace("{day}", day(record.until))];
    if (keptAt) line.push(words.copy.replace("{moment}", full(Number(keptAt))));
    find("[data-line]").textContent = line.filter(Boolean).join(" ");
    const news = waits ? [waits === 1 ? words.one : words.many.replace("{number}", waits)] : [];
    if (record?.sentAt) news.push(words.sent.replace("{moment}", moment(record.sentAt)), ...record.said);
    find("[role=status]").textContent = news.join(" ");
    const rows = find("ul");
    rows.replaceChildren(...own.map(rowOf));
    rows.hidden = !own.length;
    find("[data-do=send]").hidden = !waits;
    find("[data-sign-in]").hidden = !(keptSignIn !== undefined || own.some((entry) => entry.code === "sign-in"));
    const remove = find("[data-do=remove]");
    remove.hidden = !record;
    if (own.length) remove.dataset.confirm = remove.dataset.question;
    else delete remove.dataset.confirm;
    box.hidden = !(record || own.length);
    if (isList) list(kept);
    try { localStorage.setItem("portal-waiting", entries.length); } catch { /* switched off */ }
    return draft;
  }
  for (const form of box.querySelectorAll("form[data-do]")) form.action = `/kept/${key || "all"}/${form.dataset.do}/`;
  find("[data-sign-in]").search = `?next=${encodeURIComponent(location.pathname)}`;
  document.getElementById("words").dataset.offline = words.offline; // for portal.js

  // What is typed

  const NEVER = /^(hidden|password|file|submit|button)$/;
  const namedIn = (form) => [...form.elements].filter((field) => field.name && typeof field.value === "string");
  const fieldsOf = (form) => namedIn(form).filter((field) => !NEVER.test(field.type));
  const form = [...document.querySelectorAll("main form[method=post]")].find((one) => fieldsOf(one).length);
  const isChosen = (field) => /^(checkbox|radio)$/.test(field.type);

  function textOf(field) {
    if (field.type === "file") return [...field.files].map((file) => file.name).join(", ");
    if (field.options) return [...field.selectedOptions].map((option) => option.text.trim()).join(", ");
    return isChosen(field) ? field.checked && field.labels?.[0]?.textContent.trim() : field.value.trim();
  }
  const before = new Map(form ? namedIn(form).map((field) => [field, textOf(field)]) : []);
  let pressed = "";
  document.addEventListener("submit", ({ submitter }) => { pressed = submitter?.textContent.trim() ?? ""; }, true);
  document.addEventListener("formdata", ({ target, formData }) => {
    const changed = namedIn(target).filter((field) => !/^(hidden|submit|button)$/.test(field.type))
      .filter((field) => textOf(field) && (textOf(field) !== before.get(field) || isChosen(field))).map(textOf);
    const title = document.querySelector("h1").textContent.trim();
    formData.set("kept_label", JSON.stringify({ page: title, lines: [pressed, ...changed].filter(Boolean).slice(0, 12) }));
  });

  let timer;
  function keep() {
    clearTimeout(timer);
    timer = 0;
    const fields = fieldsOf(form).filter((field) => !isChosen(field) || field.checked)
      .flatMap((field) => (field.options ? [...field.selectedOptions].map((option) => [field.name, option.value]) : [[field.name, field.value]]));
    workers.controller.postMessage({ do: "draft", key, rest, fields });
  }
  function putBack(fields) {
    for (const field of fieldsOf(form)) {
      const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (isChosen(field)) field.checked = values.includes(field.value);
      else if (field.options) for (const option of field.options) option.selected = values.includes(option.value);
      else if (values.length) [field.value] = values;
    }
    const discard = find("[data-discard]");
    find("[data-line]").textContent += ` ${words.typed}`;
    discard.hidden = false;
    discard.addEventListener("click", () => {
      workers.controller.postMessage({ do: "draft", key, rest });
      location.reload();
    });
  }
  // A copy that was kept without the question of its address, such as of which action.
  function choose() {
    for (const [name, value] of new URLSearchParams(location.search)) {
      for (const field of fieldsOf(form)) {
        if (field.name !== name) continue;
        if (isChosen(field)) field.checked = field.value === value;
        else if ([...field.options ?? []].some((option) => option.value === value)) field.value = value;
      }
    }
  }
  show().then((draft) => {
    if (waits) ask({ do: "send" });
    if (!form || isList || corrected) return;
    if (draft) putBack(draft);
    else if (keptAt) choose();
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 500); });
    form.addEventListener("submit", () => { clearTimeout(timer); timer = 0; });
    addEventListener("pagehide", () => { if (timer) keep(); });
  });

  workers.addEventListener("message", ({ data }) => { if (data === "kept") show(); });
  workers.startMessages?.();
  addEventListener("online", () => ask({ do: "send" }));
  setInterval(() => { if (waits && !document.hidden) ask({ do: "send" }); }, 30000);
})();
