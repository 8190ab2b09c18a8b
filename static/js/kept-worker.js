/* Keeps pages that somebody chose to keep on this phone, and sends what they typed there.

   /kept/<random key>/<rest> shows <prefix><rest> of the portal, from there with a connection and from
   this phone without one. Only this file reads and writes what is kept. docs/rules/offline.md */
"use strict";

const HOME = "/kept/";
const DAY = 24 * 3600 * 1000;
const DAYS_KEPT = 14;
const SHELL = "shell"; // the list of what is kept, which names nobody
const FIRST_WAIT = 6000; // before the copy is shown
const SENDING_WAIT = 15000; // before a person is told that it waits
const LONGEST = 90000;
const HEADERS = [
  "Content-Type", "Content-Security-Policy", "Permissions-Policy", "X-Content-Type-Options", "X-Frame-Options",
];

// What is kept

let opened;
function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open("portal-kept", 1);
    asked.onupgradeneeded = () => {
      for (const name of ["kept", "pages", "files", "drafts"]) asked.result.createObjectStore(name, { keyPath: "id" });
      asked.result.createObjectStore("entries", { keyPath: "id", autoIncrement: true });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => { opened = null; failed(asked.error); };
  });
  return opened;
}

// One transaction: `action` gets its stores, and what its request returns is the result.
async function work(mode, names, action) {
  const transaction = (await open()).transaction(names, mode, { durability: "strict" });
  const asked = action(...names.map((name) => transaction.objectStore(name)));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(asked?.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}
const get = (name, id) => work("readonly", [name], (store) => store.get(id));
const all = (name) => work("readonly", [name], (store) => store.getAll());
const keysOf = (name) => work("readonly", [name], (store) => store.getAllKeys());
const put = (name, row) => work("readwrite", [name], (store) => store.put(row));
const erase = (name, id) => work("readwrite", [name], (store) => store.delete(id));
// What was removed meanwhile stays removed.
const update = (name, row) => work("readwrite", [name], (store) => {
  store.get(row.id).onsuccess = ({ target }) => { if (target.result) store.put(row); };
});
const putPage = (record, row) => work("readwrite", ["kept", "pages"], (kept, pages) => {
  kept.get(record.id).onsuccess = ({ target }) => { if (target.result) pages.put(row); };
});
// Only an entry of this kept page: numbers can be guessed, keys cannot.
const eraseOf = (key, entries, id) => {
  entries.get(id).onsuccess = ({ target }) => { if (target.result?.kept === key) entries.delete(id); };
};
const pagesOf = (key) => IDBKeyRange.bound(`${key}/`, `${key}0`); // "0" comes after "/"

// The pages go. What was not sent goes with "Remove"; else it stays, and says why, as does what is sent
// later from a page that was open meanwhile.
async function drop(key, { code, words = [] } = {}) {
  const entries = (await all("entries")).filter((entry) => entry.kept === key);
  await work("readwrite", ["kept", "pages", "drafts", "entries"], (kept, pages, drafts, store) => {
    kept.delete(key);
    pages.delete(pagesOf(key));
    if (code === "ended") pages.put({ id: key, code, words, at: Date.now() });
    else pages.delete(key);
    drafts.delete(pagesOf(key));
    for (const entry of entries) {
      if (!code) store.delete(entry.id);
      else if (entry.state === "waiting") store.put({ ...entry, state: "ended", code, words });
    }
  });
}

async function purge() {
  const now = Date.now();
  for (const record of await all("kept")) if (record.until < now) await drop(record.id, { code: "over" });
  for (const entry of await all("entries")) {
    if (entry.at < now - DAYS_KEPT * DAY) await erase("entries", entry.id);
  }
  const ended = (await keysOf("pages")).filter((id) => id !== SHELL && !id.includes("/"));
  for (const id of ended) if ((await whyGone(id)).at < now - DAYS_KEPT * DAY) await erase("pages", id);
}

async function forgetAll() {
  await work("readwrite", ["kept", "pages", "files", "drafts", "entries"], (...stores) => {
    for (const store of stores) store.clear();
  });
  tell();
}

async function tell() {
  for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage("kept");
}

// Asking the portal

function ask(record, rest, options = {}) {
  const { headers, wait = LONGEST, ...more } = options;
  return fetch(record.prefix + rest, {
    credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(wait),
    ...more, headers: { "X-Kept-For": record.reader, ...headers },
  });
}
const here = (record, text) => text.replaceAll(record.prefix, `${HOME}${record.id}/`);

// Where an address of the portal is among the kept ones; the page itself, if it is not.
function placeOf(record, address) {
  const { pathname, search, hash } = new URL(address, location.origin);
  const path = pathname + search + hash;
  return path.startsWith(record.prefix) ? here(record, path) : `${HOME}${record.id}/`;
}

async function rowOf(record, rest, response) {
  const headers = HEADERS.filter((name) => response.headers.has(name)).map((name) => [name, response.headers.get(name)]);
  return { id: `${record.id}/${rest}`, text: here(record, await response.text()), headers, at: Date.now() };
}

function shown(row, marks = "") {
  return new Response(row.text.replace("<html ", `<html ${marks}`), {
    headers: [...row.headers, ["Cache-Control", "no-store"], ["Referrer-Policy", "same-origin"]],
  });
}
const isPage = (response) => response.ok && /^text\/html/.test(response.headers.get("Content-Type"));

async function takeFiles(texts) {
  const found = new Set(texts.flatMap((text) => [...text.matchAll(/(?:href|src)="(\/static\/[^"#?]+)/g)].map((one) => one[1])));
  await Promise.all([...found].map(async (id) => {
    if (await get("files", id)) return;
    const response = await fetch(id);
    if (!response.ok) throw new Error(id);
    await put("files", { id, body: await response.blob() });
  }));
}

// Keeping

async function keep({ prefix, reader, until, pages, title, lang }) {
  await purge();
  const before = (await all("kept")).find((one) => one.prefix === prefix);
  const record = { id: before?.id ?? crypto.randomUUID(), prefix, reader, pages: pages.split(" ").filter(Boolean) };
  record.title = title.replace(/ · [^·]*$/, ""); // the name of the portal
  record.until = Math.min(until, Date.now() + DAYS_KEPT * DAY);
  const rows = [];
  // Two at once: a slow line has nothing to gain from more.
  const left = ["", ...record.pages];
  const take = async () => {
    for (let rest = left.shift(); rest !== undefined; rest = left.shift()) {
      const response = await ask(record, rest);
      if (!isPage(response)) { if (rest) continue; throw new Error(String(response.status)); }
      if (!response.redirected) rows.push(await rowOf(record, rest, response));
    }
  };
  await Promise.all([take(), take()]);
  const shell = await fetch(`${HOME}?lang=${lang}`, { headers: { "X-Kept-For": "link" } });
  rows.push({ ...await rowOf(record, "", shell), id: SHELL });
  await takeFiles(rows.map((row) => row.text));
  await work("readwrite", ["kept", "pages"], (kept, store) => {
    kept.put(record);
    store.delete(pagesOf(record.id));
    for (const row of rows) store.put(row);
  });
  return record.id;
}

// Reading

async function read(url, key, rest) {
  await purge();
  const record = key && await get("kept", key);
  if (!record) return key ? shellOfGone(key) : shell("");
  const entry = Number(url.searchParams.get("entry"));
  if (entry) {
    const refused = await get("entries", entry);
    return refused?.kept === key && refused.page ? shown(refused.page) : Response.redirect(`${HOME}${key}/${rest}`);
  }
  let marks = "";
  try {
    if (!navigator.onLine) throw new Error("offline");
    const response = await ask(record, rest + url.search, { wait: FIRST_WAIT });
    if (response.status === 403 || response.status === 404) {
      await drop(key, { code: "ended" });
      return shell("ended");
    }
    if (response.status === 401) marks = "data-kept-sign-in ";
    else if (response.redirected) return Response.redirect(placeOf(record, response.url));
    else if (isPage(response)) {
      const row = await rowOf(record, rest, response);
      const isKept = !rest || record.pages.includes(rest);
      if (isKept && !url.search) { await takeFiles([row.text]); await putPage(record, row); }
      return shown(row);
    } else if (response.ok) return response; // a file
  } catch { /* no connection: what is kept */ }
  const row = await get("pages", `${key}/${rest}`);
  return row ? shown(row, `${marks}data-kept-at="${row.at}" `) : shell("absent");
}

const whyGone = async (key) => await get("pages", key) ?? { code: "over" };
const shellOfGone = async (key) => shell((await whyGone(key)).code === "ended" ? "ended" : "gone");

async function shell(why) {
  const row = await get("pages", SHELL);
  return row ? shown(row, `data-kept-why="${why}" `) : fetch(HOME).catch(() => Response.error());
}

// A page that is not kept, or the address of a link from its message.
async function elsewhere(url) {
  const records = await all("kept").catch(() => []);
  const record = records.find((one) => url.pathname.startsWith(one.prefix));
  if (record) return Response.redirect(placeOf(record, url.href));
  return records.length ? shell("offline") : Response.error();
}

// Sending

async function accept(event, url, key, rest) {
  const form = await event.request.formData();
  const record = await get("kept", key);
  if (rest === "remove/") { await drop(key); tell(); return go(HOME); }
  if (rest === "send/") { await atMost(flush()); return go(record ? `${HOME}${key}/` : HOME); }
  if (rest.startsWith("entries/")) {
    await work("readwrite", ["entries"], (entries) => eraseOf(key, entries, Number(rest.split("/")[1])));
    tell();
    return go(`${HOME}${key}/`);
  }
  const old = Number(url.searchParams.get("entry"));
  url.searchParams.delete("entry");
  const entry = entryOf(form, key, rest + url.search);
  entry.id = await work("readwrite", ["entries", "drafts"], (entries, drafts) => {
    drafts.delete(`${key}/${rest}`);
    if (old) eraseOf(key, entries, old);
    return entries.add(entry);
  });
  if (!record) { await endEntry(entry); return shellOfGone(key); }
  registration.sync?.register("send").catch(() => {});
  const sending = flush({ home: key });
  event.waitUntil(sending);
  await atMost(sending);
  const now = await get("entries", entry.id);
  if (now?.page) { url.searchParams.set("entry", entry.id); return go(url); }
  return go(`${HOME}${key}/`);
}
const atMost = (sending) => Promise.race([sending, new Promise((done) => { setTimeout(done, SENDING_WAIT); })]);
const go = (path) => Response.redirect(new URL(path, location.origin), 303);

async function endEntry(entry) {
  const { code, words } = await whyGone(entry.kept);
  await update("entries", { ...entry, state: "ended", code, words });
}

function entryOf(form, kept, path) {
  const key = crypto.randomUUID();
  const isOwn = (name) => !["csrfmiddlewaretoken", "kept_label"].includes(name);
  // A page that is filled in twice while it is kept adds two rows.
  const fields = [...form].filter(([name]) => isOwn(name))
    .map(([name, value]) => [name, /(^|-)entry_key$/.test(name) ? key : value]);
  let label = {};
  try { label = JSON.parse(form.get("kept_label")) ?? {}; } catch { /* the script of the page is missing */ }
  return { kept, path, key, fields, label, token: form.get("csrfmiddlewaretoken") ?? "", at: Date.now(), state: "waiting", tries: 0 };
}

function bodyOf(fields) {
  const given = fields.filter(([, value]) => typeof value === "string" || value.size);
  if (given.every(([, value]) => typeof value === "string")) return new URLSearchParams(given);
  const body = new FormData();
  for (const [name, value] of given) body.append(name, value);
  return body;
}

// `home`: of the page that somebody is about to read anew.
async function flush({ home } = {}) {
  const changed = await navigator.locks.request("portal-send", sendAll);
  tell();
  renewAll([...changed].filter(([name]) => name !== `${home} `));
}

async function sendAll() {
  const changed = new Map();
  await purge();
  try {
    for (const { id } of (await all("entries")).filter((entry) => entry.state === "waiting")) {
      // One may have been removed, or ended with the entry before it.
      const entry = await get("entries", id);
      const record = entry?.state === "waiting" && await send(entry);
      if (record) changed.set(`${record.id} ${entry.path.split("?")[0]}`, record).set(`${record.id} `, record);
    }
  } catch { /* no connection: next time */ }
  return changed;
}

async function send(entry) {
  const record = await get("kept", entry.kept);
  if (!record) { await endEntry(entry); return null; }
  entry.tries += 1;
  entry.code = undefined;
  await update("entries", entry);
  let response = await post(record, entry);
  if (response.headers.get("X-Refused") === "csrf") { // the person signed in again since the page was kept
    const page = await ask(record, entry.path);
    if (!page.ok) return settle(record, entry, page);
    entry.token = (await page.text()).match(/name="csrfmiddlewaretoken" value="(\w+)"/)?.[1] ?? "";
    response = await post(record, entry);
  }
  return settle(record, entry, response);
}

const post = (record, entry) => ask(record, entry.path, {
  method: "POST", body: bodyOf(entry.fields), headers: { "X-Entry-Key": entry.key, "X-CSRFToken": entry.token },
});

// Returns the record if the entry was saved.
async function settle(record, entry, response) {
  const outcome = response.headers.get("X-Entry");
  const refuse = (more) => update("entries", { ...entry, state: "refused", ...more });
  const isData = /json/.test(response.headers.get("Content-Type"));
  if (outcome === "saved") {
    Object.assign(record, { sentAt: Date.now(), said: (await response.json()).words });
    await update("kept", record);
    await erase("entries", entry.id);
    return record;
  }
  if (outcome === "refused" && isData) await refuse({ words: (await response.json()).words });
  else if (outcome === "refused") await refuse({ page: await rowOf(record, "", response) });
  else if (response.headers.get("X-Refused") === "csrf") await refuse({ code: "csrf" });
  else if (response.status === 403 || response.status === 404) {
    const reason = response.headers.get("X-Reason");
    await drop(record.id, { code: "ended", words: reason ? [decodeURIComponent(reason)] : [] });
  } else if (response.status === 401) await update("entries", { ...entry, code: "sign-in" });
  else if (response.status === 413) await refuse({ code: "large" });
  // Else the portal has a fault or is busy: next time.
  return null;
}

// What was just saved changed the page: the next entry there must not be taken for a conflict.
async function renewAll(changed) {
  for (const [name, record] of changed) {
    const rest = name.split(" ")[1];
    if (rest && !record.pages.includes(rest)) continue;
    try {
      const response = await ask(record, rest, { wait: FIRST_WAIT });
      if (isPage(response) && !response.redirected) await putPage(record, await rowOf(record, rest, response));
    } catch { /* the next time that it is opened */ }
  }
}

// Events

async function status({ key, rest }) {
  const [kept, entries, draft] = [await all("kept"), await all("entries"), await get("drafts", `${key}/${rest}`)];
  return {
    kept: kept.map(({ id, title, until, sentAt, said }) => ({ id, title, until, sentAt, said })),
    entries: entries.map(({ id, kept: of, path, at, state, label, words, code, tries, page }) =>
      ({ id, kept: of, path, at, state, label, words, code, tries, isPage: Boolean(page) })),
    draft: draft?.fields,
  };
}

const ANSWERS = {
  keep,
  find: async ({ prefix }) => { await purge(); return (await all("kept")).find((one) => one.prefix === prefix)?.id; },
  status,
  send: () => flush(),
  forget: forgetAll,
  draft: ({ key, rest, fields }) => (fields ? put("drafts", { id: `${key}/${rest}`, fields }) : erase("drafts", `${key}/${rest}`)),
};

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("sync", (event) => event.waitUntil(flush()));
addEventListener("message", (event) => {
  const answer = ANSWERS[event.data?.do];
  if (answer) event.waitUntil(answer(event.data).catch(() => null).then((found) => event.ports[0]?.postMessage(found)));
});
// These forms have no CSRF token, and another website can name their address. Every page that has them
// says where it is (`shown`); what was typed on one that a browser hides is still its draft.
const isOurs = ({ referrer }) => referrer.startsWith(`${location.origin}/`);
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const [, key, rest] = url.pathname.match(/^\/kept\/(?:([\w-]+)\/)?(.*)$/) ?? [];
  if (request.mode !== "navigate") {
    if (url.pathname.startsWith("/static/") && request.referrer.includes(HOME)) event.respondWith(file(request, url.pathname));
  } else if (rest === undefined) {
    if (request.method === "GET") event.respondWith(fetch(request).catch(() => elsewhere(url)));
  } else if (request.method === "POST" && key) {
    event.respondWith(isOurs(request) ? accept(event, url, key, rest) : go(`${HOME}${key}/`));
  } else event.respondWith(read(url, key, rest));
});

async function file(request, path) {
  const kept = await get("files", path).catch(() => null);
  return kept ? new Response(kept.body) : fetch(request);
}
