/* A file is checked by its fingerprint, which is computed here: the file stays on the device. Where
   the browser cannot (no crypto.subtle without https), the form sends the file, as without script. */
(() => {
  "use strict";

  const form = document.querySelector("[data-verify]");
  if (!form || !window.crypto?.subtle) return;
  const says = form.querySelector("[data-says]");
  form.querySelector("[data-sent]").hidden = true;
  form.querySelector("[data-stays]").hidden = false;

  async function fingerprint(file) {
    const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  form.addEventListener("submit", async (event) => {
    const file = form.querySelector("input[type=file]").files[0];
    if (!file?.size) return; // the portal says what is missing
    event.preventDefault();
    if (file.size > Number(form.dataset.limit)) {
      says.textContent = says.dataset.large;
      return;
    }
    says.textContent = says.dataset.working;
    try {
      location.assign(form.dataset.verify.replace("SHA256", await fingerprint(file)));
    } catch {
      says.textContent = says.dataset.failed; // deleted meanwhile, or no memory for it
    }
  });
  addEventListener("pageshow", () => { says.textContent = ""; });
})();
