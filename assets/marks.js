// What a mark of a figure is: by mouse, finger and arrow keys. The drawing stays as it is; marks are read when it comes near.
(() => {
  "use strict";
  const NEAR = { mouse: 18, touch: 30 }, waiting = new Map();
  window.figureMarks = (name, marks) => { waiting.get(name)?.forEach((figure) => enliven(figure, marks)); waiting.delete(name); };
  const made = (tag, className, attributes = {}) => {
    const element = Object.assign(document.createElement(tag), { className });
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  function enliven(figure, marks) {
    const image = figure.querySelector("img"), count = marks.texts.length;
    // Neither layer takes the pointer: the picture below can still be saved, dragged, scrolled.
    const layer = made("div", "marks", { tabindex: 0, role: "application", "aria-roledescription": "figure",
      "aria-label": `Figure with ${count} marks: arrow keys tell what each is; the table below holds the same.` });
    const ring = made("span", "mark-ring"), bar = made("span", "mark-bar"), tip = made("span", "mark-tip");
    const spoken = made("span", "mark-spoken", { "aria-live": "polite" });
    layer.append(bar, ring, tip);
    figure.append(layer, spoken);
    let at = -1;

    const places = () => image.currentSrc.includes("-narrow.svg") ? marks.narrow : marks.wide;
    const spot = (place, k = 0) => [place[2 * k] / 1e4 * image.clientWidth, place[2 * k + 1] / 1e4 * image.clientHeight];
    const put = (element, left, top) => { element.style.transform = `translate(${left}px, ${top}px)`; }; // counts as no layout shift
    const lay = () => {
      put(layer, image.offsetLeft, image.offsetTop);
      layer.style.width = `${image.clientWidth}px`;
      layer.style.height = `${image.clientHeight}px`;
    };

    function show(index, aloud) {
      at = index;
      layer.classList.toggle("marked", index >= 0);
      if (index < 0) { spoken.textContent = ""; return; }
      lay();
      const place = places()[index], [x, y] = spot(place);
      tip.textContent = marks.texts[index];
      put(ring, x, y);
      bar.hidden = place.length < 6;
      if (!bar.hidden) {
        const [left, top] = spot(place, 1), [right, bottom] = spot(place, 2);
        put(bar, Math.min(left, right), Math.min(top, bottom));
        bar.style.width = `${Math.abs(right - left)}px`;
        bar.style.height = `${Math.abs(bottom - top)}px`;
      }
      const room = image.clientWidth - tip.offsetWidth, above = y - tip.offsetHeight - 12;
      put(tip, Math.max(0, Math.min(room, x - tip.offsetWidth / 2)), above < -image.offsetTop ? y + 12 : above);
      if (aloud) spoken.textContent = `${marks.texts[index]} (${order().indexOf(index) + 1} of ${count})`;
    }

    function nearest(event, reach) {
      if (figure.classList.contains("chosen")) return -1; // another drawing is shown: `timeline.js`
      const box = image.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
      let best = -1, least = Infinity;
      places().forEach((place, index) => {
        const [px, py] = spot(place);
        let apart = Math.hypot(px - x, py - y);
        if (place.length > 2) { // beside an interval, but its point and other points come first
          const [ax, ay] = spot(place, 1), [bx, by] = spot(place, 2), long = (bx - ax) ** 2 + (by - ay) ** 2;
          const share = Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / long));
          apart = Math.min(apart, 3 + Math.hypot(ax + share * (bx - ax) - x, ay + share * (by - ay) - y));
        }
        if (apart < least) [best, least] = [index, apart];
      });
      return least <= reach ? best : -1;
    }

    // Rows from above, points from the left: the way that most of the marks lie.
    function order() {
      const here = places(), rows = new Set(here.map((place) => place[1])).size, columns = new Set(here.map((place) => place[0])).size;
      const [first, second] = here.some((place) => place.length > 2 && place[3] === place[5]) || rows < columns ? [1, 0] : [0, 1];
      return here.map((_, index) => index).sort((a, b) => here[a][first] - here[b][first] || here[a][second] - here[b][second] || a - b);
    }

    const touched = (event) => event.pointerType === "touch" || event.pointerType === "pen";
    image.addEventListener("pointermove", (event) => { if (!touched(event)) { const found = nearest(event, NEAR.mouse); if (found !== at) show(found); } });
    image.addEventListener("pointerleave", (event) => { if (!touched(event) && document.activeElement !== layer) show(-1); });
    image.addEventListener("click", (event) => show(nearest(event, touched(event) ? NEAR.touch : NEAR.mouse), true));
    layer.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
      if (event.key === "Escape") show(-1);
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const all = order(), next = at < 0 && way === -1 ? count - 1 : (at < 0 ? -1 : all.indexOf(at)) + way;
      show(all[Math.max(0, Math.min(count - 1, next))], true);
    });
    layer.addEventListener("focus", lay);
    layer.addEventListener("blur", () => show(-1));
    addEventListener("keydown", (event) => { if (event.key === "Escape") show(-1); });
    addEventListener("pointerdown", (event) => { if (!figure.contains(event.target)) show(-1); });
    addEventListener("resize", () => { lay(); if (at >= 0) show(at); });
    image.addEventListener("load", lay);
    lay();
    figure.classList.add("lively");
  }

  const watch = new IntersectionObserver((entries) => entries.forEach(({ isIntersecting, target }) => {
    if (!isIntersecting) return;
    watch.unobserve(target);
    const name = target.dataset.marks, others = waiting.get(name);
    if (others) { others.push(target); return; }
    waiting.set(name, [target]);
    document.head.append(Object.assign(document.createElement("script"), { src: target.dataset.marksFile }));
  }), { rootMargin: "400px" });
  document.querySelectorAll("figure[data-marks]").forEach((figure) => watch.observe(figure));
})();
