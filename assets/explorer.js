// The explorer: looks up what the package computed (never fits), draws it with Observable Plot, keeps the view in the address.
(() => {
  "use strict";
  const waiting = document.querySelector("#explorer template");
  waiting.previousElementSibling.remove();
  waiting.replaceWith(waiting.content);
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const number = (v) => (v === "inf" ? Infinity : v === "-inf" ? -Infinity : v === null ? NaN : v);

  // ---------------------------------------------------------------- numbers in words
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const raise = (n) => (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map((d) => SUPERSCRIPTS[d]).join("");
  const signed = (text) => String(text).replace(/^-(0(\.0*)?)$/, "$1").replace("-", "−"); // no minus before nothing
  const power = (log) => (log < 4 ? Number((10 ** log).toPrecision(2)).toLocaleString("en-GB") : `10<sup>${log.toFixed(log < 10 ? 1 : 0)}</sup>`);
  const NAMES = ["", "thousand", "million", "billion", "trillion", "quadrillion"];
  const dollars = (log) => {
    if (log > data.most.dollars) return `more than the United States produce in ${data.most.years.toLocaleString("en-GB")} years`;
    if (log < 0) return "less than $1";
    const value = Number((10 ** log).toPrecision(2)), group = Math.max(0, Math.floor(Math.log10(value) / 3));
    return `$${Number((value / 1000 ** group).toPrecision(2))} ${NAMES[group]}`.trim();
  };
  const EVER = "more than all computing there will ever be";
  // The words round as the uncertainty allows; the exact value stands beside them, for programs and for the tests.
  const tag = (name, value, words) => `<data class="${name}" value="${value}">${words}</data>`;
  const span = (low, high, say, names = [null, null]) => {
    const [from, to] = [low, high].map((end, i) => (Number.isFinite(end) ? (names[i] ? tag(names[i], end, say(end)) : say(end)) : null));
    if (from === null && to === null) return "open at both ends: the points exclude nothing";
    if (to === null) return `from ${from} up, without an upper end`;
    if (from === null) return `anything up to ${to}`;
    return say(low) === say(high) ? `${from} at both ends` : `${from} to ${to}`;
  };
  const list = (parts) => (parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`);
  const paragraph = (words, kind = "") => (words ? `<p${kind && ` class="${kind}"`}>${words.replace(/ %/g, "\u202f%")}</p>` : "");

  const style = { background: "#fff", color: "#222", fontSize: "12px", overflow: "visible" };
  const BLUE = "#0072B2", ORANGE = "#A84300", GREY = "#6b6b6b";
  const width = (box) => Math.max(280, Math.min(box.clientWidth || 340, 720)) - 16;
  // A name to the right above its point, or to the left below it: where a falling or rising line is not.
  const named = (p, right = true, above = right) => Plot.text([p], { x: "x", y: "y", text: (at) => at.name.split(" (")[0], fill: "#222", stroke: "#fff", strokeWidth: 3, textAnchor: right ? "start" : "end", dx: right ? 7 : -7, dy: above ? -9 : 11 });

  const table = (form, head, rows) => {
    const box = form.querySelector("table"), cell = (kind, v) => Object.assign(document.createElement(kind), { textContent: v });
    box.querySelectorAll("thead, tbody").forEach((part) => part.remove());
    box.createTHead().insertRow().append(...head.map((v) => { const th = cell("th", v); th.scope = "col"; return th; }));
    const body = box.createTBody();
    rows.forEach((row) => body.insertRow().append(...row.map((v) => cell("td", v))));
  };

  // ---------------------------------------------------------------- the two questions
  const views = {
    imagenet(form, choice) {
      const all = data.imagenet, target = Number(choice.target), price = Math.log10(data.price.usd_per_flop);
      const fit = all.fits[[choice.data, choice.form, choice.direction, choice.recipe].join("/")];
      const [times, low, high, need, from, to] = fit.answers[all.targets.indexOf(target)].map(number);
      const points = all.points[choice.data].map(([name, x, y, year]) => ({ name, x, y, year, says: `${name}, ${year}: 10${raise(Math.round(x))} operations, error ${y} %` }));
      const measured = !Number.isNaN(from), rises = times === Infinity && choice.form !== "floor";
      // The computing that the line starts from, to tell from which multiple on there is not so much computing.
      const begins = Number.isFinite(need - times) ? need - times : from - low, much = (log) => log > data.most.operations;
      const multiple = (log) => (much(log + begins) ? EVER : power(log)), operations = (log) => (much(log) ? EVER : log < 0 ? "hardly any" : power(log));
      const range = span(low, high, multiple, ["low", "high"]);
      let words;
      if (rises) {
        words = paragraph(`<strong>Too few points for this choice.</strong> With it the line through ${points.length} networks does not fall as computing grows, so it has ${tag("multiplier", times, "no answer")} for ${target} % and is not drawn. Of the multiple, the 95 % range is ${range}.`);
      } else if (times === Infinity) {
        words = paragraph(`This law levels off at ${fit.floor} %, not below ${target} %: <strong>${tag("multiplier", times, "no amount of computing")}</strong> takes it there. ${low === Infinity ? "Nearly all other floors that fit lie above it as well." : `Other floors fit as well; over them, the 95 % range of the multiple is ${range}.`}`);
      } else {
        const where = `It reaches ${target} % at ${tag("required", need, operations(need))} operations${measured ? ` (${span(from, to, operations, ["required-low", "required-high"])})` : ""}. `
          + `One such run would cost ${need + price > data.most.dollars ? "" : "about "}${tag("dollars", need + price, dollars(need + price))}${measured ? ` (${span(from + price, to + price, dollars)})` : ""}, if an operation cost what it did when GPT-3 was trained in a cloud.`;
        words = paragraph(`From ${all.start} % to ${target} % error this line asks for <strong>${tag("multiplier", times, multiple(times))}${much(need) ? "" : " times more computing"}</strong>; 95 % range: ${range}.`)
          + paragraph(much(need) ? `No money buys ${tag("required", need, "that")}.` : where)
          + (choice.form === "floor" ? paragraph(`This law levels off at ${fit.floor} %.`) : high === Infinity ? paragraph("The points do not exclude that the line never falls so far.") : "")
          + (choice.data.startsWith("documented") ? "" : paragraph("These points count what the hardware could have done, not what training needed: in dollars this is an upper reading."));
      }
      if (words.includes(EVER)) words += paragraph(`“All computing there will ever be” is a bound of 10${raise(Math.round(data.most.operations))} operations: the Sun’s whole mass turned into energy, at the least that forgetting one bit takes.`);
      const count = Object.values(all.fits).length, counts = Object.entries(all.words).map(([word, n]) => `${n} “${word}”`);
      const verdict = `<strong>What it says of the claim.</strong> “An ImageNet error of 5 % takes 10⁵ times more computing”: with these choices the book’s rule says <strong class="word">${fit.word}</strong>, because ${fit.reason}. `
        + `Of the ${count} lines of this page it calls ${list(counts)}. The book’s own word, from several readings: <a href="06_imagenet_extrapolation.html">${data.verdicts.imagenet}</a>.`;
      words += paragraph(verdict, "consequence");
      const inside = Number.isFinite(need) && !rises, end = Math.min(46, Math.max(27, Math.ceil(inside ? need + 1.5 : 30)));
      const begin = Math.floor(d3.min(points, (p) => p.x));
      const curve = all.exponents.map((x, i) => ({ x, y: fit.curve[i] })).filter((p) => p.y !== null && p.x >= begin && p.x <= end && p.y > 0.8 && p.y < 60);
      const bar = measured && !rises && from < end, best = d3.least(points, (p) => p.y);
      const marks = [
        Plot.ruleY([target], { stroke: GREY, strokeDasharray: "4 3" }),
        Plot.text([target], { x: begin, y: (v) => v, text: (v) => `target ${v} %`, textAnchor: "start", dx: 4, dy: 9, fill: GREY, stroke: "#fff", strokeWidth: 3 }),
        Plot.line(curve, { x: "x", y: "y", stroke: BLUE, strokeWidth: 2 }),
        Plot.dot(points, { x: "x", y: "y", fill: (p) => (p.year > 2020 ? "#fff" : BLUE), r: 3, stroke: BLUE, strokeWidth: 1 }),
        bar ? Plot.link([0], { x1: Math.max(from, begin), x2: Math.min(to, end), y1: target, y2: target, stroke: ORANGE, strokeWidth: 4 }) : null,
        bar && to > end ? Plot.text([{ x: end, y: target }], { x: "x", y: "y", text: () => "▶", fill: ORANGE, textAnchor: "end", fontSize: 14 }) : null,
        inside && need <= end ? Plot.dot([0], { x: need, y: target, fill: "#fff", stroke: ORANGE, strokeWidth: 2, r: 5 }) : null,
        named(points[0]), named(best, false),
      ];
      const sentence = `Error of ${points.length} networks against computing${rises ? "; no line is drawn" : `, with the fitted line. ${inside ? `It reaches ${target} % at ten to the ${need.toFixed(1)} operations.` : `It never reaches ${target} %.`}`}`;
      table(form, ["network or line", "year", "log10 operations", "error, %"], [...points.map((p) => [p.name, p.year, p.x, p.y]), ...curve.map((p) => ["fitted line", "", p.x, p.y])]);
      return { words, sentence, points, hint: `Tap a point for its name, or step through them.${choice.data === "documented_2026" ? " Hollow points came after 2020." : ""}`, options: {
        x: { domain: [begin, end], label: "training operations →", tickFormat: (v) => "10" + raise(v), ticks: 6 },
        y: { type: "log", domain: [Math.min(1, target * 0.8), 60], label: "↑ error, %", ticks: [1, 2, 5, 10, 20, 40], tickFormat: (v) => String(v) }, marks } };
    },
    tasks(form, choice) {
      const all = data.tasks, task = all.series[choice.task], series = task.settings[choice.setting], step = Number(choice.steps);
      const [centre, low, high] = series.steps[step - 1].map(number), known = !Number.isNaN(low), share = series.shares[step - 1];
      const last = series.scores.at(-1), cost = Math.log10(data.price.usd) + step, score = (v) => signed(v.toFixed(1));
      const gain = share === null ? "GPT-3 has the full score already: nothing is left to gain." : centre < last ? "So the line expects no gain." : share < 1 ? "That is less than one per cent of what was left to 100." : `That is ${share} % of what was left to 100.`;
      const [count, median] = all.medians[choice.setting];
      const words = paragraph(`GPT-3 scored ${tag("last", last, score(last))}. With ${10 ** step} times more computing at the same text, the line through its eight sizes expects <strong>${tag("predicted", centre, score(centre))}</strong>`
          + (known ? `; 95 % range: ${span(low, high, score, ["low", "high"])}, as wide as such forecasts were wrong.` : ". No forecast this far could be checked on these models, so no range is given.") + ` ${gain}`)
        + (Math.abs(series.miss) < 1 ? "" : paragraph(`Mind where it starts: at GPT-3’s own size the line lies ${Math.abs(series.miss).toFixed(1)} points ${series.miss < 0 ? "below" : "above"} what GPT-3 scored.`))
        + paragraph(`A run of that size would cost about ${tag("dollars", cost, dollars(cost))}, if an operation cost what it did when GPT-3 was trained in a cloud.`)
        + paragraph(`<strong>What it says of the claim.</strong> “Ten times more brings only modest gains”: ${series.word ? `if the forecast of one step for this test were all, the book’s rule would say <strong class="word">${series.word}</strong>: ${series.reason}` : "the rule cannot be put to a test that is already solved"}. `
          + `But the claim is about the middle of many tests: over the ${count} scores of this setting, the median forecast of one step closes ${median} % of what was left. The book’s own word, from models that read more text: <a href="03_ten_times_more.html">${data.verdicts.tasks}</a>.`, "consequence");
      const points = series.scores.map((y, i) => ({ x: all.compute[i], y, name: all.models[i], says: `${all.models[i]}: score ${y}` }));
      const curve = all.places.map((x, i) => ({ x, y: series.curve[i] })).filter((p) => p.x <= step + 0.01 && p.x >= all.compute[0] - 0.3);
      const marks = [
        series.chance === null ? null : Plot.ruleY([series.chance], { stroke: GREY, strokeDasharray: "4 3" }),
        series.chance > 0 ? Plot.text([series.chance], { x: -3.4, y: (v) => v, text: () => "guessing", textAnchor: "start", dx: 4, dy: 9, fill: GREY, stroke: "#fff", strokeWidth: 3 }) : null,
        Plot.line(curve, { x: "x", y: "y", stroke: BLUE, strokeWidth: 2 }),
        Plot.dot(points, { x: "x", y: "y", fill: BLUE, r: 3.5, stroke: "#fff", strokeWidth: 0.6 }),
        known ? Plot.link([0], { x1: step, x2: step, y1: low, y2: high, stroke: ORANGE, strokeWidth: 4 }) : null,
        Plot.dot([0], { x: step, y: centre, fill: "#fff", stroke: ORANGE, strokeWidth: 2, r: 5 }),
        named(points[0], true, series.scores[0] < 90), named(points.at(-1), false, series.scores.at(-1) < 90),
      ];
      const sentence = `Score on ${task.label} against computing. GPT-3 has ${last}; ${10 ** step} times more gives ${score(centre)}${known ? `, between ${score(low)} and ${score(high)}` : ""}.`;
      table(form, ["model or line", "tenfolds from GPT-3", "score"], [...points.map((p) => [p.name, p.x, p.y]), ...curve.map((p) => ["fitted line", p.x, p.y])]);
      return { words, sentence, points, hint: "Tap a point for its name, or step through them.", options: {
        x: { domain: [-3.4, 3.1], label: "computing, times GPT-3’s →", ticks: [-3, -2, -1, 0, 1, 2, 3], tickFormat: (v) => (v ? "10" + raise(v) : "1") },
        y: { domain: [0, 100], label: "↑ score", ticks: 5 }, marks } };
    },
  };

  // ---------------------------------------------------------------- choices that do not go together
  // Each says in words what it had to change.
  const settle = {
    imagenet(form) {
      const fixed = form.elements.form.value === "floor", { direction, recipe } = form.elements;
      const changed = fixed && (direction.value !== "ols" || recipe.value !== "path");
      [direction, recipe].forEach((field) => { if (fixed) field.selectedIndex = 0; field.disabled = fixed; });
      return changed ? "A law with a floor is computed in one direction and for the improving recipe only: these are shown." : "";
    },
    tasks(form) {
      const { task, setting } = form.elements, there = data.tasks.series[task.value].settings, wanted = setting.selectedOptions[0];
      [...setting.options].forEach((option) => { option.disabled = !(option.value in there); });
      if (!wanted.disabled) return "";
      setting.value = [...setting.options].find((option) => !option.disabled).value;
      return `“${wanted.text}” cannot be used for this test (${data.tasks.left_out[task.value][wanted.value]}); “${setting.selectedOptions[0].text}” is shown instead.`;
    },
  };

  // ---------------------------------------------------------------- the page
  const forms = Object.keys(views).map((name) => [name, document.getElementById(`explorer-${name}`)]);
  const fields = (form) => [...form.elements].filter((field) => field.name);
  const choices = (form) => Object.fromEntries(fields(form).map((field) => [field.name, field.value]));
  const address = () => new URLSearchParams(forms.flatMap(([, form]) => Object.entries(choices(form))));
  const shown = new Map(); // of each form: its figure, its points, which one is named

  const point = (form, index) => {
    const state = shown.get(form), at = state.points[index];
    state.index = index;
    state.ring.setAttribute("visibility", at ? "visible" : "hidden");
    if (at) ["x", "y"].forEach((axis) => state.ring.setAttribute(`c${axis}`, state.figure.scale(axis).apply(at[axis])));
    form.querySelector("output.point").textContent = at ? at.says : state.hint;
  };
  const nearest = (form, event) => {
    const { figure, points } = shown.get(form), box = figure.getBoundingClientRect(), size = figure.viewBox.baseVal.width / box.width;
    const away = (p) => Math.hypot(figure.scale("x").apply(p.x) - (event.clientX - box.left) * size, figure.scale("y").apply(p.y) - (event.clientY - box.top) * size);
    const index = d3.leastIndex(points, (a, b) => away(a) - away(b));
    return away(points[index]) < 24 ? index : -1;
  };
  const draw = (name, form, told = "") => {
    const notice = [told, settle[name](form)].filter(Boolean).join(" ");
    const { words, sentence, options, points, hint } = views[name](form, choices(form));
    const box = form.querySelector(".plot"), wide = width(box);
    const figure = Plot.plot({ width: wide, height: Math.round(Math.min(360, wide * 0.8)), marginLeft: 44, marginBottom: 40, style, ariaLabel: sentence, grid: true, ...options, marks: options.marks.filter(Boolean) });
    // The figure has one name and a sentence; names on its inner groups are faults of ARIA.
    figure.querySelectorAll("g[aria-label]").forEach((group) => group.removeAttribute("aria-label"));
    figure.setAttribute("role", "img");
    figure.querySelectorAll("style").forEach((rules) => rules.remove()); // they stand in book.css: a page runs no inline style
    const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    Object.entries({ class: "ring", r: 7, fill: "none", stroke: "#222", "stroke-width": 2 }).forEach(([key, value]) => ring.setAttribute(key, value));
    figure.append(ring);
    box.replaceChildren(figure);
    shown.set(form, { figure, points, hint, ring });
    point(form, -1);
    form.querySelector(".answer").innerHTML = paragraph(notice, "notice") + words;
    form.querySelectorAll("label .value").forEach((out) => { out.textContent = out.parentElement.querySelector("input").value; });
    form.querySelectorAll(".note").forEach((note) => { note.textContent = note.parentElement.querySelector("select").selectedOptions[0].dataset.note; });
    const now = choices(form);
    form.querySelectorAll("[data-view]").forEach((button) => button.setAttribute("aria-pressed", [...new URLSearchParams(button.dataset.view)].every(([key, value]) => now[key] === value)));
    forms.forEach(([, each]) => { each.querySelector(".share").href = `#${address()}`; }); // both: a view is that of the page
  };
  const keep = () => history.replaceState(null, "", `#${address()}`);
  // What an address may ask of a field: one of its options, or a plain number on one of its steps.
  const offered = (field, value) => {
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.value === value);
    const [low, high, step] = [field.min, field.max, field.step].map(Number);
    return /^\d+(\.\d+)?$/.test(value) && value >= low && value <= high && Number.isInteger((value - low) / step);
  };
  const fallback = (field) => field.defaultValue ?? ([...field.options].find((option) => option.defaultSelected) ?? field.options[0]).value;
  const restore = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const asked = forms.some(([, form]) => fields(form).some((field) => wanted.has(field.name)));
    forms.forEach(([name, form]) => {
      const strange = [];
      if (asked) fields(form).forEach((field) => {
        const value = wanted.get(field.name), fits = value !== null && offered(field, value);
        if (value !== null && !fits) strange.push(field.closest("label").firstChild.textContent.replace(/[,:].*/, ""));
        field.value = fits ? value : fallback(field);
      });
      draw(name, form, strange.length ? `The address asks for something that is not on offer (${strange.join(", ")}); the usual choice is shown.` : "");
    });
    if (asked) keep(); // the address says what is shown, whatever it said before
  };
  forms.forEach(([name, form]) => {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => { draw(name, form); keep(); });
    form.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.view) {
        new URLSearchParams(button.dataset.view).forEach((value, key) => { form.elements[key].value = value; });
        draw(name, form);
        keep();
      } else if (button) {
        const { points, index } = shown.get(form), many = points.length;
        point(form, index < 0 ? (button.dataset.walk > 0 ? 0 : many - 1) : (index + Number(button.dataset.walk) + many) % many);
      }
    });
    const box = form.querySelector(".plot");
    ["pointerdown", "pointermove"].forEach((kind) => box.addEventListener(kind, (event) => {
      const index = nearest(form, event);
      if (index >= 0 || kind === "pointerdown") point(form, index);
    }));
  });
  addEventListener("hashchange", restore);
  let wide = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== wide) { wide = innerWidth; forms.forEach(([name, form]) => draw(name, form)); } });
  restore();
})();
