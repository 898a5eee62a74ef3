// All code at one click, remembered from page to page; a jump to a cell unfolds it; Escape hides previews.
(() => {
  "use strict";
  const button = document.querySelector(".all-code"), folds = document.querySelectorAll("article details.hide");
  const remember = (value) => { try { if (value !== undefined) localStorage.allCode = value; return localStorage.allCode; } catch { return ""; } };
  const set = (open) => {
    folds.forEach((fold) => { fold.open = open; });
    button.setAttribute("aria-pressed", open);
    button.textContent = open ? "Hide all code" : "Show all code";
  };
  if (button) {
    button.addEventListener("click", () => { const open = button.getAttribute("aria-pressed") !== "true"; set(open); remember(open ? "1" : ""); });
    if (remember() === "1") set(true);
  }
  const unfold = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (target.id.startsWith("cell-")) { target.scrollIntoView(); target.querySelector("pre")?.focus({ preventScroll: true }); }
  };
  addEventListener("hashchange", unfold);
  unfold();
  addEventListener("keydown", (event) => { if (event.key === "Escape") document.documentElement.classList.add("no-preview"); });
  for (const kind of ["mouseover", "focusin"]) {
    addEventListener(kind, (event) => { if (!event.target.closest?.("[data-preview]")) document.documentElement.classList.remove("no-preview"); });
  }
})();
