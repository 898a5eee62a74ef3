// Light or dark as the reader chose, before anything is painted; where nothing may be remembered, as the system has it.
(() => {
  let theme = null;
  try { theme = localStorage.getItem("theme"); } catch { /* storage is closed to this page */ }
  document.body.dataset.theme = theme || "auto";
})();
