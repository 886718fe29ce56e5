// A digit to touch: eight by eight pixels, what the network reads in them, and the slope
// of its loss by every pixel. page.js and network.js come first.

const SIDE = 8;
const REACH = 1.35; // pixels from the middle of the brush to where its ink ends
const LEVELS = 8; // sizes of a slope's mark; less than half a level gets none

/** Set a text, where it is new: a browser lays out even what it has already. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// What is said

const a = (digit) => (digit === 8 ? "an 8" : `a ${digit}`);
const signed = (slope) => (slope < 0 ? "\u2212" : "+") + Math.abs(slope).toFixed(2);
function reading(p) {
  const [first, second] = [...p.keys()].sort((one, other) => p[other] - p[one]);
  return `The network reads ${a(first)}: probability ${p[first].toFixed(2)}; next ${second}: ${p[second].toFixed(2)}.`;
}

/** Say how much of a pixel's middle lies under a stroke from one point to another. */
function covered(row, column, [x0, y0], [x1, y1]) {
  const [dx, dy, x, y] = [x1 - x0, y1 - y0, column + 0.5 - x0, row + 0.5 - y0];
  const along = Math.max(0, Math.min(1, (x * dx + y * dy) / (dx * dx + dy * dy || 1)));
  return Math.max(0, Math.min(1, REACH - Math.hypot(x - along * dx, y - along * dy)));
}

function render({ model, el }) {
  const read = network(model.get("_layers"), model.get("_numbers"));
  const choices = model.get("_choices");
  const id = `crl-${Math.random().toString(36).slice(2)}`;
  const { later, stop } = clock();
  const { post, close } = mail(model);

  // The parts, from top to bottom

  const button = (text, action, attributes = {}) => {
    const made = make("button", { type: "button", ...attributes }, text);
    made.addEventListener("click", () => action(made));
    return made;
  };
  const list = (name, texts, action) => {
    const select = make("select", { id: `${id}-${name}` }, ...texts.map((text, i) => make("option", { value: i }, text)));
    select.addEventListener("change", () => action(Number(select.value)));
    return [select, make("label", {}, `${name} `, select)];
  };
  const toggle = (made) => made.setAttribute("aria-pressed", String(made.getAttribute("aria-pressed") !== "true"));
  const isOn = (made) => made.getAttribute("aria-pressed") === "true";

  const cells = Array.from({ length: SIDE * SIDE }, () => make("div", { role: "gridcell", tabindex: -1 }, make("span", { "aria-hidden": "true" })));
  const rows = Array.from({ length: SIDE }, (_, row) => make("div", { role: "row" }, ...cells.slice(row * SIDE, (row + 1) * SIDE)));
  const keys = make("p", { class: "keys", id: `${id}-keys` }, "Draw with mouse, pen or finger; or arrows, Space, + and \u2212.");
  const grid = make("div", { class: "pixels", role: "grid", "aria-label": "Digit to draw on, 8 by 8 pixels", "aria-describedby": keys.id }, ...rows);
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const [bar, number, mark] = [make("i"), make("span", { class: "number" }), make("span", { class: "mark" })];
    const element = make("li", {}, make("b", {}, String(digit)), make("span", { class: "track" }, bar), number, mark);
    return { element, bar, number, mark };
  });
  const [image, images] = list("Image", choices.map(([name]) => name), (i) => draw(choices[i][1]));
  const [digit, digits] = list("Wanted digit", [...bars.keys()], (t) => tell({ wanted: t }));
  const eraser = button("Eraser", toggle, { "aria-pressed": "false" });
  const clear = button("Clear", () => draw(Array(SIDE * SIDE).fill(0)));
  const slopes = button("Slopes", (made) => (toggle(made), show()), { "aria-pressed": "false" });
  const loss = make("span", { class: "loss" });
  const rate = make("span");
  const caption = make("p", { class: "caption", "aria-hidden": "true" }); // spoken through `heard`
  const heard = make("p", { class: "heard", "aria-live": "polite" });
  const legend = make("p", { class: "legend" }, make("span", { class: "more" }, "+"), " more ink, more loss ", make("span", { class: "less" }, "\u2212"), " more ink, less loss");

  const root = make("div", { class: "crl-live crl-pad", role: "group", "aria-label": "Digit pad" });
  root.style.setProperty("--crl-scale", model.get("_scale"));
  root.append(
    make("div", { class: "tools" }, images, clear, eraser, button("Reset", () => draw(choices[image.value][1]))),
    make("div", { class: "sides" }, make("div", {}, grid, keys), make("ol", { "aria-label": "Probability of each digit" }, ...bars.map((bar) => bar.element))),
    caption,
    make("div", { class: "tools" }, digits, loss),
    make("div", { class: "tools" }, slopes, button("Step", step), rate),
    legend,
    heard,
  );
  el.append(root);

  // Image, wanted digit and steps stand in the model, so that two views and the kernel agree

  function tell(changes) {
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    post();
  }
  const draw = (pixels) => tell({ image: pixels });

  /** Count the steps that led to this loss: none once a pixel or the wanted digit changed. */
  const walked = (now) => {
    const [number, before, after] = model.get("_walk");
    return Math.abs(after - now) < 1e-9 ? [number, before] : [0];
  };

  function step() {
    const [pixels, wanted] = [model.get("image"), model.get("wanted")];
    const { loss: before, slopes } = read(pixels, wanted);
    const moved = pixels.map((ink, i) => Math.max(0, Math.min(1, ink - model.get("rate") * slopes[i])));
    tell({ _walk: [walked(before)[0] + 1, before, read(moved, wanted).loss], image: moved });
  }

  function show() {
    const [pixels, wanted] = [model.get("image"), model.get("wanted")];
    const said = read(pixels, wanted);
    const first = said.p.indexOf(Math.max(...said.p));
    showPixels(pixels, isOn(slopes) && said.slopes);
    bars.forEach(({ element, bar, number, mark }, digit) => {
      bar.style.transform = `scaleX(${said.p[digit]})`;
      write(number, said.p[digit].toFixed(2));
      write(mark, [digit === first && "read", digit === wanted && "wanted"].filter(Boolean).join(", "));
      element.classList.toggle("first", digit === first);
    });
    digit.value = wanted;
    write(rate, `each pixel by \u2212${model.get("rate")} \u00b7 its slope`);
    write(loss, `Loss for ${a(wanted)}: \u2212log ${said.p[wanted].toPrecision(3)} = ${said.loss.toFixed(2)}`);
    const [number, before] = walked(said.loss);
    const steps = number ? `Step ${number}: loss ${before.toFixed(2)} before, ${said.loss.toFixed(2)} after. ` : "";
    write(caption, steps + reading(said.p));
    later("say", 300, () => (heard.textContent = `${caption.textContent} ${loss.textContent}.`));
    later("hush", 4000, () => (heard.textContent = "")); // what was heard is not to be read again
    root.dataset.shown = JSON.stringify({ image: pixels, wanted, p: said.p, loss: said.loss, slopes: Array.from(said.slopes) });
  }

  function showPixels(pixels, slopes) {
    const most = slopes && Math.max(...slopes.map(Math.abs));
    grid.classList.toggle("sloped", Boolean(slopes));
    legend.style.visibility = slopes ? "" : "hidden"; // its room stays
    cells.forEach((cell, i) => {
      const size = slopes ? Math.round((LEVELS * slopes[i]) / (most || 1)) : 0;
      const place = `row ${Math.floor(i / SIDE) + 1}, column ${(i % SIDE) + 1}, ink ${Number(pixels[i].toFixed(2))}`;
      const label = slopes ? `${place}, slope ${signed(slopes[i])}` : place;
      if (cell.ariaLabel !== label) cell.ariaLabel = label;
      if (cell.ink !== pixels[i]) cell.style.setProperty("--ink", (cell.ink = pixels[i]));
      if (cell.size !== size) resize(cell.firstChild, (cell.size = size));
    });
  }

  function resize(mark, size) {
    write(mark, ["\u2212", "", "+"][Math.sign(size) + 1]);
    mark.className = size < 0 ? "less" : "more";
    mark.style.scale = 0.35 + (0.65 * Math.abs(size)) / LEVELS;
  }

  // Pointers draw

  let last = null; // where the pointer was, in pixels of the digit
  const spot = (event) => {
    const box = grid.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  function stroke(event) {
    const here = spot(event);
    const pixels = model.get("image").map((ink, i) => {
      const share = covered(Math.floor(i / SIDE), i % SIDE, last ?? here, here);
      return isOn(eraser) ? Math.min(ink, 1 - share) : Math.max(ink, share);
    });
    last = here;
    draw(pixels);
  }
  grid.addEventListener("pointerdown", (event) => {
    if (event.button || last) return;
    grid.setPointerCapture(event.pointerId);
    stroke(event);
  });
  grid.addEventListener("pointermove", (event) => last && stroke(event));
  for (const end of ["pointerup", "pointercancel"]) grid.addEventListener(end, () => (last = null));

  // Keys move a cursor and change its pixel

  let cursor = 0;
  const go = (to) => {
    cells[cursor].tabIndex = -1;
    cells[(cursor = to)].tabIndex = 0;
  };
  const ink = (change) => draw(model.get("image").map((ink, i) => (i === cursor ? Math.max(0, Math.min(1, change(ink))) : ink)));
  const cycle = (ink) => (ink < 0.25 ? 0.5 : ink < 0.75 ? 1 : 0);
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -SIDE], End: [0, SIDE] };
  const changes = { " ": cycle, Enter: cycle, "+": (ink) => ink + 0.25, "=": (ink) => ink + 0.25, "-": (ink) => ink - 0.25 };
  grid.addEventListener("focusin", (event) => go(Math.max(0, cells.indexOf(event.target))));
  grid.addEventListener("keydown", (event) => {
    const [move, change] = [moves[event.key], changes[event.key]];
    if (event.ctrlKey || event.metaKey || event.altKey || !(move || change)) return;
    event.preventDefault();
    if (change) return ink(change);
    const inside = (place) => Math.max(0, Math.min(SIDE - 1, place));
    cells[SIDE * inside(Math.floor(cursor / SIDE) + move[0]) + inside((cursor % SIDE) + move[1])].focus();
  });
  const freeKeys = keepKeys(root);

  for (const name of ["image", "wanted", "rate"]) model.on(`change:${name}`, show);
  go(0);
  show();
  return () => {
    close();
    freeKeys();
    for (const name of ["image", "wanted", "rate"]) model.off(`change:${name}`, show);
    stop();
  };
}

export default { render };
