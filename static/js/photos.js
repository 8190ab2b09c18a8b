/* Makes photographs smaller before they are sent: lines are slow, and nobody reads 12 megapixels.

   createImageBitmap, since the Content-Security-Policy lets no page show a picture of its own making. The
   result is turned as the camera said, and says no longer where it was taken. */
(() => {
  "use strict";

  const LARGEST = 1600;
  const KINDS = /^image\/(jpeg|png|webp)$/;
  if (!window.createImageBitmap || !HTMLCanvasElement.prototype.toBlob || !window.DataTransfer) return;

  async function smaller(file) {
    if (!KINDS.test(file.type)) return file;
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = LARGEST / Math.max(picture.width, picture.height);
    if (scale >= 1) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const made = await new Promise((done) => { canvas.toBlob(done, file.type, 0.85); });
    // A browser that cannot write the kind writes another one.
    if (made?.type !== file.type || made.size >= file.size) return file;
    return new File([made], file.name, { type: file.type, lastModified: file.lastModified });
  }

  const working = new Map(); // what is being made smaller, by the field

  async function replace(field) {
    const chosen = [...field.files];
    const taken = new DataTransfer();
    // What the browser cannot read is sent as it is: the portal says what it does not accept.
    for (const file of chosen) taken.items.add(await smaller(file).catch(() => file));
    if (chosen.every((file, place) => field.files[place] === file)) field.files = taken.files;
  }

  document.addEventListener("change", ({ target }) => {
    if (target.type !== "file" || !target.files.length) return;
    const work = replace(target).catch(() => {}).then(() => { if (working.get(target) === work) working.delete(target); });
    working.set(target, work);
  });

  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    const left = [...working].filter(([field]) => field.form === form).map(([, work]) => work);
    if (!left.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await Promise.all(left);
    form.requestSubmit(submitter);
  }, true);
})();
