// Adds a box to find rows by their text. Without this script the page lacks the box and nothing else.
"use strict";
for (const region of document.querySelectorAll(".filtered")) {
  const rows = [...region.querySelectorAll(".rows tr")];
  let texts;
  const label = document.createElement("label");
  const box = document.createElement("input");
  const said = document.createElement("span");
  label.className = "find";
  box.type = "search";
  box.autocomplete = "off";
  said.setAttribute("role", "status");
  label.append("find in artifacts ", box);
  region.querySelector(".filters").append(label, said);
  box.addEventListener("input", () => {
    texts ??= rows.map((row) => row.textContent.toLowerCase());
    const wanted = box.value.toLowerCase();
    let found = 0;
    rows.forEach((row, nth) => {
      const fits = texts[nth].includes(wanted);
      row.classList.toggle("not-found", !fits);
      found += fits ? 1 : 0;
    });
    said.textContent = wanted === "" ? "" : `${found} of ${rows.length} rows hold it`;
  });
}
