// "When could we have known?": a slider over the years for the table of verdicts and for the figure of two scales, and a
// switch between that figure's scales. Words and drawings are the package's; here they are only chosen. Without this
// script the page shows today's table and both scales.
(() => {
  "use strict";
  const table = document.querySelector(".dl-years"), drawn = document.querySelector(".dl-states");
  const read = (place, key) => JSON.parse(place.dataset[key]);
  const { days, chips } = read(document.querySelector(".dl-years") || drawn, table ? "years" : "states");
  const board = table?.parentElement.querySelector("table.scoreboard"), states = drawn ? read(drawn, "states") : [];
  const dates = days || states.filter((state) => state.scale === "both").flatMap((state) => state.days).map((day) => ({ day, label: named(day) }));
  const scales = [...new Set(states.map((state) => state.scale))], last = dates.length - 1;
  const choice = { at: last, scale: "both" };
  const made = (tag, properties, ...inside) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inside);
    return element;
  };
  function named(day) { return { 2020: "July 2020", 2026: "now" }[day] || `end of ${day.slice(0, 4)}`; }

  // The address: other parts of the page may keep their own words there.
  const words = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  const year = (at) => (at === last ? null : at ? dates[at].day.slice(0, 4) : "july-2020");
  const follow = () => {
    const asked = words(), at = dates.findIndex((_, i) => year(i) !== null && year(i) === asked.get("year"));
    choice.at = at < 0 ? last : at;
    choice.scale = scales.includes(asked.get("scale")) ? asked.get("scale") : "both";
  };
  const remember = () => {
    const kept = words();
    for (const [key, value] of [["year", year(choice.at)], ["scale", choice.scale === "both" ? null : choice.scale]]) {
      if (value) kept.set(key, value); else kept.delete(key);
    }
    if (String(kept) || location.hash.includes("=")) history.replaceState(null, "", String(kept) ? `#${kept}` : location.pathname + location.search);
  };

  const sliders = [];
  const slider = (place, label) => {
    const input = made("input", { type: "range", min: 0, max: last, step: 1 });
    const shown = made("output", {}), said = made("p", { className: "said" });
    said.setAttribute("aria-live", "polite");
    input.addEventListener("input", () => { choice.at = Number(input.value); update(); remember(); });
    place.append(made("label", {}, made("span", {}, label), input, shown), said);
    sliders.push({ input, shown });
    return said;
  };

  let toldByTable, toldByFigure, buttons = [], image, source, first;
  if (board) toldByTable = slider(table, "As known in: ");
  if (drawn) {
    const box = [...document.querySelectorAll("figure")].filter((one) => one.compareDocumentPosition(drawn) & Node.DOCUMENT_POSITION_FOLLOWING).pop();
    image = box.querySelector("img");
    source = box.querySelector("source");
    first = { src: image.getAttribute("src"), narrow: source?.getAttribute("srcset"), alt: image.alt };
    const group = made("div", { className: "scales" });
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Scales of the figure");
    const names = { both: "Both scales", ordinary: "Ordinary", logarithmic: "Logarithmic" };
    buttons = scales.map((scale) => {
      const button = made("button", { type: "button", textContent: names[scale] });
      button.addEventListener("click", () => { choice.scale = scale; update(); remember(); });
      button.dataset.scale = scale;
      group.append(button);
      return button;
    });
    drawn.append(group);
    toldByFigure = slider(drawn, "As known in: ");
    (box.querySelector("picture") || image).after(drawn);
  }

  const badge = ([word, look]) => made("span", { className: `badge badge-${look}`, textContent: word });
  const say = (place, text) => { if (place && place.textContent !== text) place.textContent = text; };
  const capital = (text) => text[0].toUpperCase() + text.slice(1);
  function update() {
    const { day, label, sentence } = dates[choice.at], past = choice.at < last;
    for (const { input, shown } of sliders) {
      input.value = choice.at;
      input.setAttribute("aria-valuetext", label);
      shown.textContent = label;
    }
    if (board) {
      board.classList.toggle("as-known", past);
      board.caption.textContent = past ? `The verdicts as known: ${label}. What a verdict unfolds is what is known now` : "The claims of the article";
      for (const row of board.querySelectorAll("tr[data-claim]")) {
        const summary = row.querySelector("summary"), then = chips[row.dataset.claim][choice.at], now = chips[row.dataset.claim][last];
        summary.querySelector(".past")?.remove();
        summary.querySelector(".now").hidden = past;
        if (past) {
          const same = then[0] === now[0];
          summary.prepend(made("span", { className: "past" }, badge(then), made("span", { className: "then" }, same ? " now the same" : " now: ", ...(same ? [] : [made("small", {}, badge(now))]))));
        }
      }
      say(toldByTable, `${capital(label)}. ${sentence}`);
    }
    if (drawn) {
      const state = states.find((one) => one.days.includes(day) && one.scale === choice.scale), folder = first.src.replace(/[^/]*$/, "");
      image.src = state.name ? `${folder}${state.name}.svg` : first.src;
      source?.setAttribute("srcset", state.name ? `${folder}${state.name}-narrow.svg` : first.narrow);
      image.alt = state.name ? state.alt : first.alt;
      image.closest("figure").classList.toggle("chosen", Boolean(state.name));
      for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.scale === choice.scale);
      say(toldByFigure, `${capital(label)}: ${state.sentence}`);
    }
  }
  addEventListener("hashchange", () => { follow(); update(); });
  follow();
  update();
})();
