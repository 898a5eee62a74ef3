// A table of the data package on demand: sortable, searchable, nothing fetched from elsewhere.
(() => {
  "use strict";
  const SHOWN = 200;
  const make = (tag, properties, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  const rank = (a, b) => a === "" || b === "" ? (a === "") - (b === "")
    : isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
  window.dlTable = (name, text) => {
    const [heads, ...all] = d3.csvParseRows(text);
    let found = all, by = -1, up = true;
    const input = make("input", {type: "search"}), status = make("p", {className: "facts"});
    status.setAttribute("role", "status");
    const body = make("tbody"), head = make("tr");
    const draw = () => {
      const words = input.value.toLowerCase().split(" ").filter(Boolean);
      found = all.filter(r => words.every(w => r.some(c => c.toLowerCase().includes(w))));
      if (by >= 0) found.sort((a, b) => (up || a[by] === "" || b[by] === "" ? 1 : -1) * rank(a[by], b[by]));
      body.replaceChildren(...found.slice(0, SHOWN).map(r => make("tr", {}, ...r.map(c => make("td", {}, c)))));
      const rest = found.length > SHOWN ? `, the first ${SHOWN} are shown` : "";
      status.textContent = `${found.length} of ${all.length} rows${rest}`;
    };
    heads.forEach((h, i) => {
      const sort = make("button", {type: "button"}, h), th = make("th", {scope: "col"}, sort);
      sort.addEventListener("click", () => {
        up = by === i ? !up : true;
        by = i;
        head.querySelectorAll("th").forEach(t => t.removeAttribute("aria-sort"));
        th.setAttribute("aria-sort", up ? "ascending" : "descending");
        draw();
      });
      head.append(th);
    });
    const table = make("table", {className: "dl-table dl-sortable"},
      make("caption", {}, `${name}, all rows`), make("thead", {}, head), body);
    const box = make("div", {className: "dl-scroll output", tabIndex: 0}, table);
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", `Rows of ${name}`);
    input.addEventListener("input", draw);
    draw();
    viewers.get(name).replaceChildren(make("label", {}, `Search ${name} `, input), status, box);
    input.focus();
  };
  const viewers = new Map([...document.querySelectorAll(".dl-viewer")].map(box => [box.dataset.table, box]));
  viewers.forEach((box, name) => {
    const button = make("button", {type: "button", className: "dl-view"}, `View ${name}`);
    button.addEventListener("click", () => {
      button.disabled = true;
      document.head.append(make("script", {src: `../data/${name}.js`}));
    });
    box.append(button);
  });
  // A table that is all there: its heads become buttons that sort it; a second click turns the order round.
  document.querySelectorAll("table.dl-sortable").forEach(table => table.querySelectorAll("thead th").forEach((head, column) => {
    const button = make("button", {type: "button"}, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      table.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction);
      const key = row => row.cells[column].textContent.replace("−", "-").replace(/^–$/, "");
      const rows = [...table.tBodies[0].rows].sort((a, b) => (direction === "ascending" || key(a) === "" || key(b) === "" ? 1 : -1) * rank(key(a), key(b)));
      table.tBodies[0].append(...rows);
    });
  }));
})();
