// All code at one click, remembered from page to page; a jump to a cell unfolds it; Escape hides previews.
(() => {
  "use strict";
  const folds = document.querySelectorAll("article details.hide"), tools = document.querySelector(".page-tools > span");
  const remember = (value) => { try { if (value !== undefined) localStorage.allCode = value; return localStorage.allCode; } catch { return ""; } };
  if (tools && folds.length) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "all-code" });
    const set = (open) => {
      folds.forEach((fold) => { fold.open = open; });
      button.setAttribute("aria-pressed", open);
      button.textContent = open ? "Hide all code" : "Show all code";
    };
    const all = remember() === "1";
    if (all) set(true);
    else { button.setAttribute("aria-pressed", false); button.textContent = "Show all code"; }  // a fold that is open may stay so
    button.addEventListener("click", () => { const open = button.getAttribute("aria-pressed") !== "true"; set(open); remember(open ? "1" : ""); });
    tools.after(button);
  }
  const named = (hash) => { try { return document.getElementById(decodeURIComponent(hash)); } catch { return null; } };  // "%" alone is no address
  const unfold = () => {
    const target = named(location.hash.slice(1));
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (target.id.startsWith("cell-")) { target.scrollIntoView(); target.querySelector("pre")?.focus({ preventScroll: true }); }
  };
  addEventListener("hashchange", unfold);
  unfold();
  // The search's link that takes its marks away is a script in an address, which no page may run.
  addEventListener("click", (event) => {
    if (!event.target.closest?.(".highlight-link a")) return;
    event.preventDefault();
    SphinxHighlight.hideSearchWords();
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") document.documentElement.classList.add("no-preview"); });
  for (const kind of ["mouseover", "focusin"]) {
    addEventListener(kind, (event) => { if (!event.target.closest?.("[data-preview]")) document.documentElement.classList.remove("no-preview"); });
  }
})();
