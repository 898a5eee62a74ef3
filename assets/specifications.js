// The answers of the specification curve: counts, sorts and draws what the package computed (never fits); the address keeps the choice.
(() => {
  "use strict";
  const box = document.getElementById("specifications");
  const data = JSON.parse(box.querySelector("script").textContent), { choices, words, claimed, region } = data;
  const COLOURS = ["#00795a", "#8a8a8a", "#d55e00"], TOP = 16, LEFT = 42, TALL = 270, ROW = 14, LETTER = 6.5;
  const at = choices.length, dated = choices.findIndex((choice) => choice.name === "date");
  const all = data.answers.map((row) => ({ made: row.slice(0, at), value: row[at] ?? Infinity, low: row[at + 1] ?? -Infinity, high: row[at + 2] ?? Infinity, word: row[at + 3] }));
  const make = (tag, properties, ...children) => { const node = Object.assign(document.createElement(tag), properties); node.append(...children); return node; };
  const shape = (tag, attributes, text = "") => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    node.textContent = text;
    return node;
  };
  const raised = (n) => "10" + (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("");
  const power = (v) => v === Infinity ? "no limit" : v === -Infinity ? "0" : `10^${v.toFixed(1)}`;
  const written = (v) => { const part = document.createDocumentFragment(), [base, raise] = power(v).split("^"); part.append(base, ...(raise ? [make("sup", {}, raise)] : [])); return part; };
  const times = (v) => v === Infinity ? "never reached" : `${power(v)} times`;
  // The exact value stands beside the rounded words, for programs and for the tests.
  const tag = (name, value, text) => make("data", { className: name, value: String(value) }, text);
  const share = (name, n, of) => tag(name, n, `${Math.round(100 * n / of)} %`);
  const median = (sorted) => { const n = sorted.length, low = sorted[(n - 1) >> 1].value, high = sorted[n >> 1].value; return low === high ? low : (low + high) / 2; };
  const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

  // Controls: a row of switches for each choice, with its share of the spread.
  const rows = choices.map((choice) => {
    const boxes = choice.values.map((value) => make("input", { type: "checkbox", checked: true, name: choice.name, value: slug(value) }));
    const legend = make("legend", {}, make("b", {}, choice.name), `: ${choice.meaning} `,
      make("span", { className: "share" }, choice.share === null ? "(moves the interval alone)" : `(${choice.share} % of the spread)`));
    const bar = choice.share === null ? "" : make("meter", { max: 100, value: choice.share, ariaHidden: "true" }); // the legend says it
    return { boxes, set: make("fieldset", {}, legend, bar, ...boxes.map((one, i) => make("label", {}, one, choice.values[i]))) };
  });
  const order = make("select", { name: "sort" }, make("option", { value: "answer" }, "the answer"), ...choices.map((c) => make("option", { value: c.name }, `${c.name}, then the answer`)));
  const button = (text, kept) => {
    const node = make("button", { type: "button" }, text);
    node.addEventListener("click", () => { rows.forEach(({ boxes }, c) => boxes.forEach((one, i) => { one.checked = kept(c, i); })); changed(); });
    return node;
  };
  const sentence = make("p", { className: "sentence" }), detail = make("p", { className: "detail" });
  sentence.setAttribute("role", "status");
  const place = make("input", { type: "range", min: 1, step: 1 });
  const picture = shape("svg", { role: "img" });
  const plot = make("div", { className: "plot" });
  plot.append(picture);
  box.append(
    make("p", { className: "heading" }, make("b", {}, "Choose for yourself")),
    make("form", {}, make("div", { className: "buttons" }, button("All answers", () => true), button("What the claim says", (c, i) => choices[c].claim.includes(i)), make("label", {}, "Sort by ", order)),
      make("details", { open: matchMedia("(min-width: 40rem)").matches || rows.some(({ boxes }) => location.hash.includes(`${boxes[0].name}=`)) }, make("summary", {}, "Choose which answers count"), ...rows.map(({ set }) => set))),
    sentence, plot, make("label", { className: "place" }, "One answer after the other ", place), detail);
  box.querySelector("form").addEventListener("submit", (event) => event.preventDefault());

  let shown = [], marker, x, head, bottom;
  const chosen = () => {
    const kept = rows.map(({ boxes }) => boxes.map((one) => one.checked));
    const by = choices.findIndex((choice) => choice.name === order.value);
    shown = all.filter((answer) => answer.made.every((value, c) => kept[c][value])); // they come sorted by value
    return by < 0 ? -1 : (shown = [...shown].sort((a, b) => a.made[by] - b.made[by]), by); // stable: the answers stay in order
  };
  const say = () => {
    const n = shown.length;
    if (!n) return sentence.replaceChildren("No answer is left: choose at least one in each row.");
    const sorted = [...shown].sort((a, b) => a.value === b.value ? 0 : a.value - b.value), middle = median(sorted);
    const more = shown.filter((a) => a.value > claimed).length, mixed = new Set(shown.map((a) => a.made[dated])).size > 1;
    const said = words.map((_, i) => shown.filter((a) => a.word === i).length);
    sentence.replaceChildren("Of the ", tag("count", n, n), ` ${n === 1 ? "answer" : "answers"} with your choices, `, share("more", more, n), ` say more than ${raised(claimed)}; the middle one is `,
      make("b", {}, tag("median", middle, middle === Infinity ? times(middle) : written(middle)), middle === Infinity ? "" : " times"), `. By the claim’s own rule `, share("consistent", n - said[2], n), ` are consistent with ${raised(claimed)} (`,
      share("holds", said[0], n), ` within ${raised(region[0])} to ${raised(region[1])}, green; `, share("undecided", said[1], n), " undecided, grey), ", share("fails", said[2], n), " are not (orange).",
      mixed ? " They mix two questions: choose one date." : "");
  };
  const draw = (by) => {
    head = by < 0 ? 10 : 6 + ROW * choices[by].values.length; // a line for the name of each group
    bottom = head + TALL;
    const n = shown.length, wide = Math.max(300, plot.clientWidth - 16), y = (v) => head + TALL * (1 - Math.min(TOP, Math.max(0, v)) / TOP);
    x = (i) => LEFT + (wide - LEFT - 4) * (i + 0.5) / Math.max(1, n);
    const at = (i) => x(i).toFixed(1), down = (v) => y(v).toFixed(1);
    picture.setAttribute("viewBox", `0 0 ${wide} ${bottom + 8}`);
    const parts = [shape("rect", { x: LEFT, width: wide - LEFT, y: y(region[1]), height: y(region[0]) - y(region[1]), fill: "#e6f2ec" })];
    for (let v = 0; v <= TOP; v += 4) parts.push(shape("path", { d: `M${LEFT} ${y(v)}H${wide}`, stroke: "#ddd" }), shape("text", { x: LEFT - 5, y: y(v) + 4, "text-anchor": "end" }, raised(v)));
    const width = Math.min(6, Math.max(0.8, 0.6 * (wide - LEFT) / Math.max(1, n)));
    COLOURS.forEach((colour, word) => parts.push(shape("path", { stroke: colour, "stroke-width": width, "stroke-opacity": 0.6, d: shown.map((a, i) => a.word === word ? `M${at(i)} ${down(a.low)}V${down(a.high)}` : "").join("") })));
    parts.push(shape("path", { d: `M${LEFT} ${y(claimed)}H${wide}`, stroke: COLOURS[0], "stroke-width": 1.2 }));
    parts.push(shape("path", { stroke: "#1b3a57", "stroke-width": Math.max(3, width), "stroke-linecap": "round", d: shown.map((a, i) => `M${at(i)} ${down(a.value)}h.01`).join("") }));
    if (by >= 0) choices[by].values.forEach((value, i) => {
      const first = shown.findIndex((a) => a.made[by] === i), count = shown.filter((a) => a.made[by] === i).length;
      if (!count) return;
      const from = x(first - 0.5), level = ROW * (i + 1) - 3;
      if (first) parts.push(shape("path", { d: `M${from} ${level - 10}V${bottom}`, stroke: "#666", "stroke-dasharray": "2 2" }));
      parts.push(shape("text", { x: Math.min(from + 3, wide - LETTER * value.length), y: level }, value));
    });
    marker = shape("path", { stroke: "#000", "stroke-width": 1.5 });
    picture.replaceChildren(...parts, marker);
    const beyond = shown.filter((a) => a.high > TOP).length;
    picture.setAttribute("aria-label", `${n} answers and their 95 % intervals, ${order.selectedOptions[0].text} first in order; ${beyond} intervals go on above ${raised(TOP)}.`);
    place.max = Math.max(1, n);
    place.disabled = !n;
  };
  const look = (i) => {
    const answer = shown[i];
    if (!answer) return detail.replaceChildren();
    place.value = i + 1;
    marker.setAttribute("d", `M${x(i)} ${head}V${bottom}`);
    const made = answer.made.map((value, c) => `${choices[c].name} ${choices[c].values[value]}`).join(", ");
    const text = `${times(answer.value)}, 95 % interval ${power(answer.low)} to ${power(answer.high)}: ${words[answer.word]}`;
    detail.replaceChildren(make("b", {}, ...(answer.value === Infinity ? ["never reached"] : [written(answer.value), " times"])), ", 95 % interval ", written(answer.low), " to ", written(answer.high), ": ", make("b", {}, words[answer.word]), make("br"), make("span", { className: "made" }, made));
    place.setAttribute("aria-valuetext", `${i + 1} of ${shown.length}: ${text}; ${made}`);
  };
  const redraw = () => { draw(chosen()); say(); look(Math.min(shown.length, place.value || 1) - 1); };

  // The address: what is kept of a choice that is not whole, as name=value.value; whatever else stands there stays.
  const read = () => {
    const wanted = new URLSearchParams(location.hash.slice(1));
    let asked = false;
    rows.forEach(({ boxes }, c) => {
      const kept = (wanted.get(choices[c].name) ?? "").split("."), some = boxes.some((one) => kept.includes(one.value));
      asked ||= some;
      boxes.forEach((one) => { one.checked = !some || kept.includes(one.value); });
    });
    const sort = wanted.get("sort"), known = [...order.options].some((option) => option.value === sort);
    order.value = known ? sort : "answer";
    return asked || known;
  };
  const write = () => {
    const address = new URLSearchParams([...new URLSearchParams(location.hash.slice(1))].filter(([, value]) => value)); // the name of a place has no value
    rows.forEach(({ boxes }, c) => {
      const kept = boxes.filter((one) => one.checked).map((one) => one.value);
      if (kept.length && kept.length < boxes.length) address.set(choices[c].name, kept.join("."));
      else address.delete(choices[c].name);
    });
    if (order.value === "answer") address.delete("sort"); else address.set("sort", order.value);
    history.replaceState(null, "", `${location.pathname}${location.search}${`${address}` && `#${address}`}`);
  };
  const changed = () => { redraw(); write(); };
  box.querySelector("form").addEventListener("change", changed);
  place.addEventListener("input", () => look(place.value - 1));
  const point = (event) => {
    if (!shown.length) return;
    const frame = picture.getBoundingClientRect(), across = (event.clientX - frame.left) * picture.viewBox.baseVal.width / frame.width;
    look(Math.min(shown.length - 1, Math.max(0, Math.round((across - x(0)) / ((x(1) - x(0)) || 1)))));
  };
  ["pointermove", "pointerdown"].forEach((kind) => picture.addEventListener(kind, point));
  addEventListener("hashchange", () => { if (read()) redraw(); });
  let before = 0;
  new ResizeObserver(() => { if (plot.clientWidth !== before) { before = plot.clientWidth; redraw(); } }).observe(plot);
  const asked = read();
  redraw();
  if (asked) addEventListener("load", () => box.scrollIntoView({ behavior: "instant" }));
})();
