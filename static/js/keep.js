/* Offers to keep a page on this phone (docs/rules/offline.md). The worker is loaded only then. */
(() => {
  "use strict";

  const box = document.getElementById("keep");
  const workers = navigator.serviceWorker;
  if (!box || !workers || !window.indexedDB) return;
  const { worker, prefix, reader, until, pages, working, failed } = box.dataset;
  const button = box.querySelector("button");
  const status = box.querySelector("[aria-live]");
  box.hidden = false;

  const ask = (to, what) => new Promise((answer) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => answer(data);
    to.postMessage({ ...what, prefix }, [port2]);
  });

  workers.getRegistration().then((found) => found?.active && ask(found.active, { do: "find" })).then((key) => {
    const link = box.querySelector("a");
    link.hidden = !key;
    if (key) link.href = `/kept/${key}/`;
  });

  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = working;
    let key;
    try {
      await workers.register(worker, { scope: "/" });
      const { active } = await workers.ready;
      const lang = document.documentElement.lang;
      key = await ask(active, { do: "keep", reader, until: until * 1000, pages, lang, title: document.title });
    } catch { /* said below */ }
    navigator.storage?.persist?.().catch(() => {}); // what was not sent is not for a full phone to delete
    if (key) return location.assign(`/kept/${key}/`);
    button.disabled = false;
    status.textContent = failed;
  });
})();
