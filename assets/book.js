// All code at one click, remembered from page to page; a cell is copied; a report of a fault is begun; what is named in the address is opened; Escape hides previews.
(() => {
  "use strict";
  const root = document.documentElement, folds = document.querySelectorAll("article details.hide");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "all-code" });
  const show = (open) => {
    root.classList.toggle("code-shown", open);
    root.classList.toggle("code-hidden", !open);
    folds.forEach((fold) => { fold.open = open; });
    button.setAttribute("aria-pressed", open);
    button.textContent = open ? "Hide all code" : "Show all code";
  };
  if (folds.length) {
    show(root.classList.contains("code-shown"));
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      show(open);
      try { localStorage.allCode = open ? "1" : ""; } catch { /* storage is closed to this page */ }
    });
    document.querySelector(".all-code-place")?.append(button);
  }
  const named = (hash) => { try { return document.getElementById(decodeURIComponent(hash)); } catch { return null; } }; // "#%" names nothing
  const unfold = () => {
    const target = named(location.hash.slice(1));
    if (!target) return;
    const own = target.querySelector(":scope > details.fold");
    if (own) own.open = true;
    if (target.closest("details.hide")) show(true);
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) { fold.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", unfold);
  unfold();
  // A second click on a link to the same place changes no address.
  addEventListener("click", (event) => { if (event.target.closest?.("a[href]")?.hash === location.hash) setTimeout(unfold); });
  const closed = [];
  addEventListener("beforeprint", () => document.querySelectorAll("details.fold:not([open])").forEach((fold) => { fold.open = true; closed.push(fold); }));
  addEventListener("afterprint", () => closed.splice(0).forEach((fold) => { fold.open = false; }));
  // On a screen without a pointer the first tap shows what a number, term or source is and moves nothing; the second follows.
  let noted = null;
  addEventListener("click", (event) => {
    if (!matchMedia("(hover: none)").matches) return;
    const link = event.target.closest?.("[data-preview]");
    if (link && link !== noted) event.preventDefault();
    noted?.classList.remove("noted");
    noted = link;
    noted?.classList.add("noted");
  });
  // The search's link that takes its marks away is a script in an address, which no page may run.
  addEventListener("click", (event) => {
    if (!event.target.closest?.(".highlight-link a")) return;
    event.preventDefault();
    SphinxHighlight.hideSearchWords();
  });
  // One click copies a cell. The usual library for this weighs as much as all other scripts of a page.
  for (const code of navigator.clipboard ? document.querySelectorAll("div.highlight > pre") : []) {
    const copy = Object.assign(document.createElement("button"), { type: "button", className: "copy", textContent: "Copy" });
    copy.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(code.textContent); copy.textContent = "Copied"; } catch { copy.textContent = "Not allowed"; }
      setTimeout(() => { copy.textContent = "Copy"; }, 2000);
    });
    code.before(copy);
  }
  // A report of a fault begins with the words that were selected last.
  const report = document.querySelector(".report"), place = "Sentence or number: ";
  const note = report?.querySelector("pre"), begun = note ? note.textContent : report?.href;
  document.addEventListener("selectionchange", () => {
    const chosen = getSelection(), words = String(chosen).trim().replace(/\s+/g, " ").slice(0, 300);
    if (!begun || !words || !chosen.anchorNode.parentElement?.closest("article")) return;
    if (note) note.textContent = begun.replace(place, () => place + words);
    else report.href = begun.replace(encodeURIComponent(place), (start) => start + encodeURIComponent(words));
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") document.documentElement.classList.add("no-preview"); });
  for (const kind of ["mouseover", "focusin"]) {
    addEventListener(kind, (event) => { if (!event.target.closest?.("[data-preview]")) document.documentElement.classList.remove("no-preview"); });
  }
})();
