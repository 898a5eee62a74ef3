// All code at one click, remembered from page to page; a jump into a fold opens it; Escape hides previews.
(() => {
  "use strict";
  const folds = document.querySelectorAll("article details.hide"), tools = document.querySelector(".page-tools > span");
  const remember = (value) => { try { if (value !== undefined) localStorage.allCode = value; return localStorage.allCode; } catch { return ""; } };
  if (tools && folds.length) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "all-code" });
    const say = (open) => { button.setAttribute("aria-pressed", open); button.textContent = open ? "Hide all code" : "Show all code"; };
    const set = (open) => { folds.forEach((fold) => { fold.open = open; }); say(open); };
    if (remember() === "1") set(true);
    else say(false); // one fold may be open already
    button.addEventListener("click", () => { const open = button.getAttribute("aria-pressed") !== "true"; set(open); remember(open ? "1" : ""); });
    tools.after(button);
  }
  const named = (hash) => { try { return document.getElementById(decodeURIComponent(hash)); } catch { return null; } }; // "#%" names nothing
  const unfold = () => {
    const target = named(location.hash.slice(1));
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) { fold.open = true; target.scrollIntoView(); }
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
