// The theme's search takes what it finds under any name for a list of pages and titles for markup: neither may be.
(() => {
  "use strict";
  const index = Search._index;
  // Words such as "constructor" are names of every object. The search still asks its tables for this one method.
  const bare = Object.freeze(Object.assign(Object.create(null), { hasOwnProperty: Object.prototype.hasOwnProperty }));
  for (const name of ["terms", "titleterms"]) Object.setPrototypeOf(index[name], bare);
  const text = (markup) => new DOMParser().parseFromString(markup, "text/html").body.textContent;
  const escaped = (words) => Object.assign(document.createElement("p"), { textContent: words }).innerHTML;
  index.titles = index.titles.map((title) => escaped(text(title)));
  index.alltitles = Object.fromEntries(Object.entries(index.alltitles).map(([title, places]) => [escaped(title), places]));
})();
