// The browser's half of a live figure: it paints the marks that the kernel recorded
// over the still part of the picture, and moves them with the sliders by itself.

const GRAIN = 16; // a coordinate counts sixteenths of a CSS pixel
const GAP = -32768; // a missing point, where a line is broken
const PATIENCE = 1000; // milliseconds until an unanswered question means "no kernel"
const PACE = 50; // milliseconds between the values of a drag that the kernel only follows

/** Make an element with attributes and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const same = (one, other) => Object.keys(one).every((name) => one[name] === other[name]);
const bytesOf = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

/** Unpack a track: for each mark its heads, its points and where each frame's start. */
function unpack(track) {
  if (!track.data) return null;
  const numbers = new Int16Array(bytesOf(track.data));
  const frames = track.captions.length;
  const marks = [];
  let at = 0;
  for (let mark = 0; mark < track.marks; mark++) {
    const heads = numbers.subarray(at, (at += 3 * frames));
    const starts = [at];
    for (let i = 0; i < frames; i++) starts.push((at += 2 * heads[3 * i + 2]));
    marks.push({ heads, starts });
  }
  return { ...track, numbers, marks };
}

/** Trace a mark's points, broken at gaps; closed where it is a shape. */
function trace(context, points, closed) {
  let open = false;
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    if (points[i] === GAP) {
      if (open && closed) context.closePath();
      open = false;
    } else {
      context[open ? "lineTo" : "moveTo"](points[i] / GRAIN, points[i + 1] / GRAIN);
      open = true;
    }
  }
  if (open && closed) context.closePath();
}

function stroke(context, style) {
  if (!style.width) return;
  context.strokeStyle = style.stroke;
  context.lineWidth = style.width;
  context.lineCap = style.cap;
  context.lineJoin = style.join;
  context.miterLimit = 4; // as Matplotlib
  context.setLineDash(style.dash);
  context.lineDashOffset = style.offset;
  context.stroke();
}

const painters = {
  line(context, points, style, text, ratio) {
    trace(context, points, false);
    stroke(context, style);
    if (!style.size) return;
    context.setLineDash([]);
    context.fillStyle = style.fill;
    context.strokeStyle = style.edge;
    context.lineWidth = style.edge_width;
    for (let i = 0; i < points.length; i += 2) {
      if (points[i] === GAP) continue;
      // Matplotlib puts the centre of a marker in the middle of a pixel.
      const [x, y] = [points[i], points[i + 1]].map((c) => (Math.floor((c / GRAIN) * ratio + 0.5) + 0.5) / ratio);
      context.beginPath();
      context.arc(x, y, style.size / 2, 0, 2 * Math.PI);
      context.fill();
      if (style.edge_width) context.stroke();
    }
  },
  shape(context, points, style) {
    trace(context, points, true);
    context.fillStyle = style.fill;
    context.fill();
    stroke(context, style);
  },
  text(context, points, style, text) {
    if (points[0] === GAP) return;
    const [across, down] = style.align;
    const lines = text.split("\n");
    const height = 1.2 * style.size;
    context.font = `${style.weight} ${style.size}px ${getComputedStyle(context.canvas).fontFamily}`;
    context.textAlign = across;
    context.textBaseline = { baseline: "alphabetic", center: "middle", center_baseline: "middle" }[down] ?? down;
    context.strokeStyle = style.edge;
    context.lineWidth = style.edge_width;
    context.lineJoin = "round";
    context.fillStyle = style.stroke;
    const first = { top: 0, bottom: lines.length - 1, baseline: lines.length - 1 }[down] ?? (lines.length - 1) / 2;
    lines.forEach((line, i) => {
      const y = points[1] / GRAIN + (i - first) * height;
      if (style.edge_width) context.strokeText(line, points[0] / GRAIN, y);
      context.fillText(line, points[0] / GRAIN, y);
    });
  },
};

/** Paint one frame of a track over the still part. False where there is none. */
function paintFrame(context, still, track, index, ratio) {
  if (track.marks[0]?.heads[3 * index] < 0) return false;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(still, 0, 0);
  for (const { heads, starts } of track.marks) {
    const [style, text] = heads.subarray(3 * index);
    const points = track.numbers.subarray(starts[index], starts[index + 1]);
    if (points.length) paintMark(context, points, track.styles[style], track.texts[text], ratio);
  }
  return true;
}

function paintMark(context, points, style, text, ratio) {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.save();
  if (style.clip) {
    const [x0, y1, x1, y0] = style.clip.map((end) => Math.floor(end * ratio + 0.5) / ratio);
    context.beginPath();
    context.rect(x0, y0, x1 - x0, y1 - y0);
    context.clip();
  }
  painters[style.kind](context, points, style, text, ratio);
  context.restore();
}

/** One slider with its label, number box and buttons. `move` takes a new place, and whether the reader rests there. */
function control(spec, move) {
  const id = `crl-${Math.random().toString(36).slice(2)}`;
  const range = make("input", { type: "range", id, min: 0, max: spec.places.length - 1, step: 1 });
  const box = spec.numeric
    ? make("input", { type: "number", step: "any", "aria-label": `${spec.label}, type a number` })
    : make("output", { for: id });
  const buttons = make("span");
  const nearest = (value) =>
    spec.places.reduce((best, place, i) => (Math.abs(place - value) < Math.abs(spec.places[best] - value) ? i : best), 0);
  const go = (index, rest) => move(spec.places[Math.max(0, Math.min(index, spec.places.length - 1))], rest);
  range.addEventListener("input", () => go(Number(range.value)));
  let typing = false; // a number half typed is not to be overwritten
  box.addEventListener("input", () => (typing = true));
  box.addEventListener("change", () => {
    typing = false;
    if (box.value !== "") go(nearest(Number(box.value)), true);
    box.value = range.getAttribute("aria-valuetext");
  });
  let playing = 0;
  const stop = () => (playing = clearInterval(playing) ?? 0);
  const step = () => {
    go(Number(range.value) + 1, true);
    if (range.value === range.max) stop();
  };
  if (spec.play) {
    const play = make("button", { type: "button" }, "Play");
    play.addEventListener("click", () => {
      if (playing) return stop();
      if (range.value === range.max) go(0);
      playing = setInterval(step, 120);
    });
    const once = make("button", { type: "button" }, "Step");
    once.addEventListener("click", () => (stop(), step()));
    buttons.append(once);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) buttons.append(play);
  }
  range.addEventListener("pointerdown", stop);
  const element = make("div", { class: "control" }, make("label", { for: id }, spec.label), range, box, buttons);
  const set = (value) => {
    const index = spec.places.indexOf(value);
    range.value = index < 0 ? nearest(value) : index;
    const text = index < 0 ? String(Number(value.toPrecision(6))) : spec.texts[index];
    range.setAttribute("aria-valuetext", text);
    if (!typing) box.value = text;
  };
  return { element, range, set, stop };
}

function render({ model, el }) {
  const [width, height] = model.get("_size");
  const specs = model.get("_controls");
  const question = model.get("_question");
  const canvas = make("canvas", { role: "img", width, height, style: `width: ${width}px` });
  const context = canvas.getContext("2d");
  const caption = make("p", { class: "now" });
  const longest = make("p", { class: "longest", "aria-hidden": "true" });
  const heard = make("p", { class: "heard", "aria-live": "polite" });
  const note = make("span", { class: "note", role: "status" });
  const tracks = {};
  let frame = null;
  let still = null;
  let moved = specs[0].name;
  let timers = {};

  const later = (name, wait, action) => {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(action, wait);
  };
  const tried = (action) => {
    try {
      action();
    } catch {
      // no kernel: what was recorded still replays
    }
  };
  let unsent = false;
  /** Tell the kernel the values, then what else there is to say. */
  function send(message) {
    unsent = false;
    clearTimeout(timers.pace);
    timers.pace = setTimeout(() => ((timers.pace = 0), unsent && send()), PACE);
    tried(() => model.save_changes());
    if (message) tried(() => model.send(message));
  }

  /** Find the recorded frame for these values: [track, index]. */
  function find(values) {
    for (const { name, places } of specs) {
      const track = tracks[name];
      const index = places.indexOf(values[name]);
      if (!track || index < 0 || track.still !== still?.id) continue;
      if (same({ ...track.values, [name]: values[name] }, values)) return [track, index];
    }
    return frame && frame.still === still?.id && same(frame.values, values) ? [frame, 0] : null;
  }

  function say(text) {
    caption.textContent = text;
    later("say", 300, () => {
      heard.textContent = text;
      canvas.setAttribute("aria-label", text);
    });
  }

  /** Show the picture for the current values, or a fresh one that they outran. */
  function show(fresh) {
    const values = model.get("values");
    for (const spec of specs) controls[spec.name].set(values[spec.name]);
    const found = still && find(values);
    if (!found) {
      if (fresh && fresh.still === still?.id) draw(fresh, 0, fresh.values);
      return later("kernel", PATIENCE, manage);
    }
    clearTimeout(timers.kernel);
    if (note.dataset.kernel) tell("");
    draw(...found, values);
    canvas.dataset.asked = JSON.stringify(values);
  }

  function draw(track, index, values) {
    const ratio = canvas.width / width;
    if (paintFrame(context, still.image, track, index, ratio)) canvas.dataset.values = JSON.stringify(values);
    say(track.captions[index]);
  }

  /** Nobody answers: replay the moved slider from where it was recorded. */
  function manage() {
    const track = tracks[moved];
    if (track?.still !== still?.id) return tell("This picture needs a running kernel: run the notebook.", "yes");
    choose({ ...track.values, [moved]: model.get("values")[moved] });
    tell("The kernel does not answer: the other sliders went back to where this one was recorded.", "yes");
  }

  function tell(text, kernel = "") {
    note.textContent = text;
    note.dataset.kernel = kernel;
  }

  /** Take new values; the kernel hears of them at once where it has to draw. */
  function choose(values) {
    model.set("values", values);
    unsent = true;
    if (!timers.pace || !still || !find(values)) send();
  }

  function move(name, value, rest) {
    moved = name;
    tell("");
    choose({ ...model.get("values"), [name]: value });
    if (rest) settle();
  }

  /** Ask for tracks of sliders that the reader may touch next. */
  const record = (names) => send({ record: names });
  const settle = () => later("record", 150, () => record(specs.map((spec) => spec.name)));

  const controls = {};
  for (const spec of specs) {
    const made = (controls[spec.name] = control(spec, (value, rest) => move(spec.name, value, rest)));
    for (const event of ["pointerenter", "focus"]) made.range.addEventListener(event, () => record([spec.name]));
    made.range.addEventListener("change", () => (send(), settle()));
  }
  const reset = make("button", { type: "button" }, "Reset");
  reset.addEventListener("click", () => {
    for (const { name } of specs) controls[name].stop();
    choose(Object.fromEntries(specs.map(({ name, start }) => [name, start])));
    settle();
  });

  const asked = make("fieldset", {}, make("legend", {}, question.text ?? ""));
  for (const choice of question.choices ?? []) {
    const button = make("button", { type: "button" }, choice);
    button.addEventListener("click", () => {
      model.set("prediction", choice);
      model.save_changes();
    });
    asked.append(button);
  }
  function unlock() {
    const prediction = model.get("prediction");
    for (const button of asked.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(button.textContent === prediction));
    const locked = Boolean(question.text) && !prediction;
    for (const input of root.querySelectorAll(".control :is(input, button)")) input.disabled = locked;
    tell(locked ? "Choose an answer first: the sliders unlock then." : "");
  }

  async function takeStill() {
    const { id, png } = model.get("_still");
    const image = await createImageBitmap(new Blob([png], { type: "image/png" }));
    if (model.get("_still").png !== png) return; // a newer one is on its way
    const first = !still;
    still = { id, image };
    if (canvas.width !== image.width) {
      canvas.width = image.width; // which wipes it
      canvas.height = image.height;
      context.drawImage(image, 0, 0);
    }
    show(frame);
    if (first) sharpen();
  }
  /** Keep room for the longest caption so far. */
  function hold(captions) {
    const most = captions.reduce((a, b) => (b.length > a.length ? b : a), longest.textContent);
    if (most !== longest.textContent) longest.textContent = most;
  }
  function takeTrack(name) {
    tracks[name] = unpack(model.get(`_track_${name}`));
    hold(tracks[name]?.captions ?? []);
    if (still && canvas.dataset.asked !== JSON.stringify(model.get("values"))) show();
  }
  function takeFrame() {
    frame = unpack(model.get("_frame"));
    hold(frame?.captions ?? []);
    if (still) show(frame);
  }

  const root = make("div", { class: "crl-live", "data-lm-suppress-shortcuts": "true", style: `max-width: ${width}px` });
  if (question.text) root.append(asked);
  root.append(canvas, make("div", { class: "caption" }, caption, longest), heard);
  const rows = specs.map(({ name }) => controls[name].element);
  root.append(make("div", { class: "controls" }, ...rows), make("div", { class: "foot" }, reset, note));
  root.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(root);

  const sharpen = () => {
    const ratio = devicePixelRatio;
    if (still && Math.abs(ratio - still.image.width / width) > 0.01) send({ ratio });
  };
  const events = { values: () => show(), prediction: unlock, _still: takeStill, _frame: takeFrame };
  for (const { name } of specs) {
    events[`_track_${name}`] = () => takeTrack(name);
    takeTrack(name);
  }
  for (const [name, action] of Object.entries(events)) model.on(`change:${name}`, action);
  addEventListener("resize", sharpen);
  unlock();
  takeFrame();
  takeStill();
  return () => {
    if (unsent) send();
    removeEventListener("resize", sharpen);
    for (const [name, action] of Object.entries(events)) model.off(`change:${name}`, action);
    for (const { name } of specs) controls[name].stop();
    Object.values(timers).forEach(clearTimeout);
  };
}

export default { render };
