// A slider beside each verdict that hangs on a threshold. Every word it shows was computed by the package, one for
// each value to choose from; the address keeps the choice as #claim=value.
(() => {
  "use strict";
  const make = (tag, ...inside) => { const node = document.createElement(tag); node.append(...inside); return node; };
  const chip = ([kind, text]) => Object.assign(make("span", text), { className: `badge badge-${kind}` });
  const address = () => new URLSearchParams(location.hash.slice(1));

  const choosers = [...document.querySelectorAll(".verdict[id] .threshold[data-threshold]")].map((holder, index) => {
    const { steps, own, says } = JSON.parse(holder.dataset.threshold), box = holder.closest(".verdict"), claim = box.id;
    const said = (step) => { const [kind, text, aside, ...then] = says[steps[step][2]]; return { now: [kind, text], aside, then }; };
    const spoken = (step) => { const { now, aside } = said(step); return `${now[1]}${aside}`; };
    const word = box.querySelector(".word"), early = box.querySelector(".early"), theirs = [[...word.childNodes], [...early.childNodes]];
    const value = make("output"), status = make("p"), back = make("button", `Back to the book’s ${steps[own][1]}`);
    const slider = Object.assign(document.createElement("input"), { type: "range", min: 0, max: steps.length - 1, step: 1, id: `threshold-${index}` });
    const label = make("label", "Choose a threshold: ", value);
    label.htmlFor = value.htmlFor = slider.id;
    status.setAttribute("aria-live", "polite");
    Object.assign(back, { type: "button" });

    const show = (step) => {
      const { now, aside, then } = said(step), yours = step !== own;
      slider.value = step;
      slider.setAttribute("aria-valuetext", `${steps[step][1]}: ${spoken(step)}`);
      value.textContent = steps[step][1];
      box.classList.toggle("yours", yours);
      word.replaceChildren(...(yours ? [make("strong", `With your threshold of ${steps[step][1]}: `), chip(now), aside] : theirs[0]));
      early.replaceChildren(...(yours ? ["July 2020, with your threshold: ", make("small", chip(then)), "."] : theirs[1]));
      status.textContent = yours ? `The book’s own is ${steps[own][1]}: ${spoken(own)}.` : "This is the book’s own. Move it, and the word above follows.";
      back.disabled = !yours;
    };
    const keep = () => {
      const step = Number(slider.value), wanted = address();
      for (const [name, text] of [...wanted]) if (!text) wanted.delete(name); // the name of a place, not a choice
      if (step === own) wanted.delete(claim); else wanted.set(claim, steps[step][0]);
      const rest = wanted.toString();
      history.replaceState(null, "", rest ? `#${rest}` : location.pathname + location.search);
      const top = slider.getBoundingClientRect().top;
      show(step);
      scrollBy({ top: slider.getBoundingClientRect().top - top, behavior: "instant" }); // it stays under the finger
    };
    // the nearest value to choose from; anything that is no number in the range is the book's own
    const wanted = () => {
      const text = (address().get(claim) || "").trim(), number = Number(text);
      if (!text || !(number >= steps[0][0] && number <= steps[steps.length - 1][0])) return own;
      return steps.reduce((best, step, i) => Math.abs(step[0] - number) < Math.abs(steps[best][0] - number) ? i : best, 0);
    };
    slider.addEventListener("input", keep);
    back.addEventListener("click", () => { slider.value = own; keep(); slider.focus(); });
    holder.querySelector(".chooser").append(label, slider, status, back);
    show(wanted());
    return { box, restore: () => show(wanted()) };
  });
  const chosen = choosers.find(({ box }) => box.classList.contains("yours"));
  if (chosen) chosen.box.scrollIntoView({ behavior: "instant" });
  addEventListener("hashchange", () => choosers.forEach(({ restore }) => restore()));
})();
