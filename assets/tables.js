// A table of the data package on demand: sortable, searchable, nothing fetched from elsewhere.
(() => {
  const SHOWN = 200, waiting = {};
  const parse = text => {  // CSV as the data package writes it: commas, quotes doubled
    const rows = [[]];
    let cell = "", quoted = false;
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (quoted) {
        if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; } else if (c === '"') quoted = false; else cell += c;
      } else if (c === '"') quoted = true;
      else if (c === ",") { rows.at(-1).push(cell); cell = ""; }
      else if (c === "\n") { rows.at(-1).push(cell); cell = ""; rows.push([]); }
      else cell += c;
    }
    return rows.slice(0, -1);
  };
  const make = (tag, properties, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  const rank = (a, b) => a === "" || b === "" ? (a === "") - (b === "")
    : isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
  window.dlTable = (name, text) => {
    const [heads, ...all] = parse(text), button = waiting[name];
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
    const view = make("div", {className: "dl-viewer"}, make("label", {}, `Search ${name} `, input), status, box);
    input.addEventListener("input", draw);
    draw();
    button.replaceWith(view);
    input.focus();
  };
  document.querySelectorAll("button.dl-view").forEach(button => button.addEventListener("click", () => {
    const name = button.dataset.table;
    waiting[name] = button;
    button.disabled = true;
    document.head.append(make("script", {src: `../data/${name}.js`}));
  }));
})();
