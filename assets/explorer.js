// The explorer: looks up what the package computed (never fits), draws it with Observable Plot, keeps the view in the address.
(() => {
  "use strict";
  const waiting = document.querySelector("#explorer template");
  waiting.previousElementSibling.remove();
  waiting.replaceWith(waiting.content);
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const number = (v) => (v === "inf" ? Infinity : v === "-inf" ? -Infinity : v === null ? NaN : v);
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const raise = (n) => (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map((d) => SUPERSCRIPTS[d]).join("");
  const power = (v) => (v === Infinity ? "no limit" : v === -Infinity ? "0" : `10<sup>${v.toFixed(Math.abs(v) < 10 ? 1 : 0)}</sup>`);
  const NAMES = ["", "thousand", "million", "billion", "trillion"];
  const dollars = (log) => {
    if (!Number.isFinite(log)) return log > 0 ? "no limit" : "nothing";
    if (log >= 15) return `$${power(log)}`;
    const value = Number((10 ** log).toPrecision(2)), group = Math.max(0, Math.floor(Math.log10(value) / 3));
    return `$${Number((value / 1000 ** group).toPrecision(2))} ${NAMES[group]}`.trim();
  };
  // The words round as the uncertainty allows; the exact value stands beside them, for programs and for the tests.
  const tag = (name, value, words) => `<data class="${name}" value="${value}">${words}</data>`;
  const style = { background: "#fff", color: "#222", fontSize: "12px", overflow: "visible" };
  const BLUE = "#0072B2", ORANGE = "#A84300", GREY = "#6b6b6b";
  const width = (box) => Math.max(280, Math.min(box.clientWidth || 340, 560)) - 16;

  const table = (form, head, rows) => {
    const box = form.querySelector("table"), cell = (kind, v) => Object.assign(document.createElement(kind), { textContent: v });
    box.querySelectorAll("thead, tbody").forEach((part) => part.remove());
    box.createTHead().insertRow().append(...head.map((v) => { const th = cell("th", v); th.scope = "col"; return th; }));
    const body = box.createTBody();
    rows.forEach((row) => body.insertRow().append(...row.map((v) => cell("td", v))));
  };

  const views = {
    imagenet(form, choice) {
      const all = data.imagenet, row = all.targets.indexOf(Number(choice.target));
      const fit = all.fits[[choice.data, choice.form, choice.direction, choice.recipe].join("/")];
      const [times, low, high, need, from, to] = fit.answers[row].map(number);
      const price = Math.log10(data.price.usd_per_flop), measured = !Number.isNaN(from);
      const never = '<p>With these choices the line does not fall: <strong>no amount of computing</strong> takes it there '
        + `(multiplier ${tag("multiplier", times, power(times))}; 95 % interval ${tag("low", low, power(low))} to ${tag("high", high, power(high))}).</p>`;
      const words = times === Infinity ? never : `<p>From ${all.start} % to ${choice.target} % error this line asks for <strong>${tag("multiplier", times, power(times))} times</strong> more computing; `
        + `95 % interval ${tag("low", low, power(low))} to ${tag("high", high, power(high))}.</p>`
        + `<p>It reaches ${choice.target} % at ${tag("required", need, power(need))} operations`
        + (measured ? ` (${tag("required-low", from, power(from))} to ${tag("required-high", to, power(to))})` : "")
        + `: about ${tag("dollars", need + price, dollars(need + price))} at what an operation of GPT-3’s training cost in a cloud`
        + (measured ? ` (${dollars(from + price)} to ${dollars(to + price)})` : "") + ".</p>"
        + (choice.data.startsWith("documented") ? "" : "<p>These points count what the hardware could have done, not what training needed: in dollars this is an upper reading.</p>");
      const points = all.points[choice.data].map(([name, x, y]) => ({ name, x, y }));
      const end = Math.min(46, Math.max(27, Math.ceil(Number.isFinite(need) ? need + 1.5 : 46)));
      const begin = Math.floor(d3.min(points, (p) => p.x));
      const curve = all.exponents.map((x, i) => ({ x, y: fit.curve[i] })).filter((p) => p.y !== null && p.x >= begin && p.x <= end && p.y > 0.8 && p.y < 60);
      const target = Number(choice.target), inside = need <= end;
      const marks = [
        Plot.ruleY([target], { stroke: GREY, strokeDasharray: "4 3" }),
        Plot.line(curve, { x: "x", y: "y", stroke: BLUE, strokeWidth: 2 }),
        Plot.dot(points, { x: "x", y: "y", title: "name", fill: BLUE, r: 3, stroke: "#fff", strokeWidth: 0.6 }),
        measured && from < end ? Plot.link([0], { x1: Math.max(from, begin), x2: Math.min(to, end), y1: target, y2: target, stroke: ORANGE, strokeWidth: 4 }) : null,
        to > end && from < end ? Plot.text([{ x: end, y: target }], { x: "x", y: "y", text: () => "▶", fill: ORANGE, textAnchor: "end", fontSize: 14 }) : null,
        inside ? Plot.dot([0], { x: need, y: target, fill: "#fff", stroke: ORANGE, strokeWidth: 2, r: 5 }) : null,
      ];
      const sentence = `Error of ${points.length} networks against computing, with the fitted line. ${Number.isFinite(need) ? `It reaches ${target} % at ten to the ${need.toFixed(1)} operations.` : `It never reaches ${target} %.`}`;
      table(form, ["network or line", "log10 operations", "error, %"], [...points.map((p) => [p.name, p.x, p.y]), ...curve.map((p) => ["fitted line", p.x, p.y])]);
      return { words, sentence, options: {
        x: { domain: [begin, end], label: "training operations →", tickFormat: (v) => "10" + raise(v), ticks: 6 },
        y: { type: "log", domain: [Math.min(1, target * 0.8), 60], label: "↑ error, %", ticks: [1, 2, 5, 10, 20, 40], tickFormat: (v) => String(v) }, marks } };
    },
    tasks(form, choice) {
      const all = data.tasks, task = all.series[choice.task], series = task[choice.setting] ?? Object.values(task)[0];
      const step = Number(choice.steps), [centre, low, high] = series.steps[step - 1].map(number), known = !Number.isNaN(low);
      const last = series.scores.at(-1), price = Math.log10(data.price.usd) + step, gap = Math.round(100 * (1 - (100 - centre) / (100 - last))) || 0; // no "-0"
      const words = `<p>GPT-3 scored ${tag("last", last, last.toFixed(1))}. With ${10 ** step} times more computing at the same data, the line through its eight sizes expects `
        + `<strong>${tag("predicted", centre, centre.toFixed(1))}</strong>`
        + (known ? `; 95 % interval ${tag("low", low, low.toFixed(1))} to ${tag("high", high, high.toFixed(1))}, as wide as such forecasts were wrong.` : ". No forecast this far could be checked on these models, so no interval is given.")
        + `</p><p>${last < 100 ? `That is ${String(gap).replace("-", "−")} % of what was left to 100, for` : "It would cost"} about ${tag("dollars", price, dollars(price))} a run at the cloud prices that GPT-3’s cost is given in.</p>`
        + (task[choice.setting] ? "" : "<p>This task has no valid score in that setting; another one is shown.</p>");
      const points = series.scores.map((y, i) => ({ x: all.compute[i], y }));
      const curve = all.places.map((x, i) => ({ x, y: series.curve[i] })).filter((p) => p.x <= step + 0.01 && p.x >= all.compute[0] - 0.3);
      const marks = [
        series.chance === null ? null : Plot.ruleY([series.chance], { stroke: GREY, strokeDasharray: "4 3" }),
        Plot.line(curve, { x: "x", y: "y", stroke: BLUE, strokeWidth: 2 }),
        Plot.dot(points, { x: "x", y: "y", fill: BLUE, r: 3.5, stroke: "#fff", strokeWidth: 0.6 }),
        known ? Plot.link([0], { x1: step, x2: step, y1: low, y2: high, stroke: ORANGE, strokeWidth: 4 }) : null,
        Plot.dot([0], { x: step, y: centre, fill: "#fff", stroke: ORANGE, strokeWidth: 2, r: 5 }),
      ];
      const sentence = `Score on ${choice.task} against computing. GPT-3 has ${last}; ${10 ** step} times more gives ${centre.toFixed(0)}${known ? `, between ${low.toFixed(0)} and ${high.toFixed(0)}` : ""}.`;
      table(form, ["model or line", "tenfolds from GPT-3", "score"], [...points.map((p) => ["GPT-3 family", p.x, p.y]), ...curve.map((p) => ["fitted line", p.x, p.y])]);
      return { words, sentence, options: {
        x: { domain: [-3.4, 3.1], label: "computing, times GPT-3’s →", ticks: [-3, -2, -1, 0, 1, 2, 3], tickFormat: (v) => (v ? "10" + raise(v) : "1") },
        y: { domain: [0, 100], label: "↑ score", ticks: 5 }, marks } };
    },
  };

  const forms = Object.keys(views).map((name) => [name, document.getElementById(`explorer-${name}`)]);
  const address = () => new URLSearchParams(forms.flatMap(([, form]) => [...new FormData(form)]));
  const draw = (name, form) => {
    const choice = Object.fromEntries(new FormData(form)), { words, sentence, options } = views[name](form, choice);
    const box = form.querySelector(".plot"), wide = width(box);
    const figure = Plot.plot({ width: wide, height: Math.round(Math.min(360, wide * 0.8)), marginLeft: 44, marginBottom: 40, style, ariaLabel: sentence, grid: true, ...options, marks: options.marks.filter(Boolean) });
    // The figure has one name and a sentence; names on its inner groups are faults of ARIA.
    figure.querySelectorAll("g[aria-label]").forEach((group) => group.removeAttribute("aria-label"));
    figure.setAttribute("role", "img");
    figure.querySelectorAll("style").forEach((rules) => rules.remove()); // they stand in book.css: a page runs no inline style
    box.replaceChildren(figure);
    form.querySelector(".answer").innerHTML = words;
    form.querySelectorAll("label").forEach((label) => { const out = label.querySelector(".value"); if (out) out.textContent = label.querySelector("input").value; });
    form.querySelector(".share").href = `#${address()}`;
  };
  const drawAll = () => forms.forEach(([name, form]) => draw(name, form));
  // What an address may ask of a field: one of its options, or a plain number on one of its steps.
  const offered = (field, value) => {
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.value === value);
    const [low, high, step] = [field.min, field.max, field.step].map(Number);
    return /^\d+(\.\d+)?$/.test(value) && value >= low && value <= high && Number.isInteger((value - low) / step);
  };
  const fallback = (field) => field.defaultValue ?? ([...field.options].find((option) => option.defaultSelected) ?? field.options[0]).value;
  const restore = () => {
    const wanted = new URLSearchParams(location.hash.slice(1)), fields = forms.flatMap(([, form]) => [...form.elements].filter((field) => field.name));
    const asked = fields.filter((field) => wanted.has(field.name)).length > 0;
    if (asked) fields.forEach((field) => {
      const value = wanted.get(field.name);
      field.value = value !== null && offered(field, value) ? value : fallback(field);
    });
    drawAll();
    if (asked) history.replaceState(null, "", `#${address()}`); // the address says what is shown, whatever it said before
  };
  forms.forEach(([name, form]) => {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => { draw(name, form); history.replaceState(null, "", `#${address()}`); });
  });
  addEventListener("hashchange", restore);
  let wide = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== wide) { wide = innerWidth; drawAll(); } });
  restore();
})();
