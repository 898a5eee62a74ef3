// Before anything is painted: light or dark as the reader chose, code hidden or shown; where nothing may be remembered,
// as the system has it and hidden. Without scripts neither class is there, and each cell keeps its own switch.
(() => {
  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } }; // storage may be closed to this page
  document.body.dataset.theme = kept("theme") || "auto";
  document.documentElement.classList.add(kept("allCode") === "1" ? "code-shown" : "code-hidden");
})();
