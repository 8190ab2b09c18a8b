(function () {
  "use strict";
  var plain = function (text) { return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase(); };
  var box = document.getElementById("words"), rows = Array.prototype.slice.call(document.querySelectorAll("tbody tr"));
  var texts = rows.map(function (row) { return plain(row.textContent); }), count = document.getElementById("found");
  document.getElementById("search").hidden = false;
  box.addEventListener("input", function () {
    var words = plain(box.value).split(/\s+/).filter(Boolean), shown = 0;
    rows.forEach(function (row, index) {
      row.hidden = !words.every(function (word) { return texts[index].indexOf(word) >= 0; });
      if (!row.hidden) { shown += 1; }
    });
    document.querySelectorAll("section.chapter").forEach(function (part) {
      part.hidden = !part.querySelector("tbody tr:not([hidden])");
    });
    count.textContent = words.length ? shown + " / " + rows.length : "";
  });
})();
