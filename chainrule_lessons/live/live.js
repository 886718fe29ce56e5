// The browser's half of a live figure: it paints the marks that the kernel recorded
// over the still part of the picture, and moves them with the sliders by itself.
// What `page.js` has is known here: it comes first.

const GRAIN = 16; // a coordinate counts sixteenths of a CSS pixel
const css = (count) => (count + 0.5) / GRAIN; // and lies in the middle of its own
const GAP = -32768; // a missing point, where a line is broken
const PATIENCE = 1000; // milliseconds until an unanswered question means "no kernel"
const REACH = 24; // CSS pixels from a mark, within which it can be grabbed
const STEADY = matchMedia("(prefers-reduced-motion: reduce)"); // then Play goes slowly

const same = (one, other) => Object.keys(one).every((name) => one[name] === other[name]);
const inflated = (data) => new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate")));

/** Unpack a track: for each mark its heads, its points and where each frame's start. */
async function unpack(track) {
  if (!track.data) return null;
  const numbers = new Int16Array(await inflated(track.data).arrayBuffer());
  const words = await inflated(track.words).json(); // styles, texts and captions
  const frames = words.captions.length;
  const marks = [];
  let at = 0;
  for (let mark = 0; mark < track.marks; mark++) {
    const heads = numbers.subarray(at, (at += 3 * frames));
    const starts = [at];
    for (let i = 0; i < frames; i++) starts.push((at += 2 * heads[3 * i + 2]));
    marks.push({ heads, starts });
  }
  return { ...track, ...words, numbers, marks };
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
      context[open ? "lineTo" : "moveTo"](css(points[i]), css(points[i + 1]));
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
      const [x, y] = [points[i], points[i + 1]].map((c) => (Math.floor(css(c) * ratio + 0.5) + 0.5) / ratio);
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
      const y = css(points[1]) + (i - first) * height;
      if (style.edge_width) context.strokeText(line, css(points[0]), y);
      context.fillText(line, css(points[0]), y);
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

/** Say where the marks lie that move a slider, at one frame: [names, x, y, which of them]. */
function handles(track, index) {
  const seen = {};
  return track.marks.flatMap(({ heads, starts }) => {
    const names = track.styles[heads[3 * index]]?.grabs ?? [];
    const [x, y] = track.numbers.subarray(starts[index], starts[index + 1]);
    if (!names.length || x === undefined) return [];
    const which = (seen[names] = (seen[names] ?? -1) + 1);
    return x === GAP ? [] : [[names, css(x), css(y), which]];
  });
}

const newId = () => `crl-${Math.random().toString(36).slice(2)}`;

/** Read a number as people type it: with a comma, with a real minus sign. */
const numberIn = (text) => (text.trim() ? Number(text.trim().replace(",", ".").replace("\u2212", "-")) : NaN);

/** One slider, or list of choices, with its label, number box and buttons.
 * `move` takes a new place, and whether the reader rests there; `tell` says a sentence. */
function control(spec, move, tell) {
  const id = newId();
  const last = spec.places.length - 1;
  const options = spec.numeric ? [] : spec.texts.map((text, i) => make("option", { value: i }, text));
  const range = spec.numeric ? make("input", { type: "range", id, min: 0, max: last, step: 1 }) : make("select", { id }, ...options);
  const box = make("input", { type: "text", inputmode: "decimal", "aria-label": `${spec.label}, type a number` });
  const buttons = make("span", { class: "buttons" });
  const nearest = (value) =>
    spec.places.reduce((best, place, i) => (Math.abs(place - value) < Math.abs(spec.places[best] - value) ? i : best), 0);
  const go = (index, rest) => move(spec.places[Math.max(0, Math.min(index, last))], rest);
  range.addEventListener("input", () => go(Number(range.value)));
  let typing = false; // a number half typed is not to be overwritten
  const follow = () => {
    typing = false;
    box.value = range.getAttribute("aria-valuetext");
  };
  box.addEventListener("input", () => (typing = true));
  box.addEventListener("change", () => {
    const typed = box.value.trim();
    const value = numberIn(typed);
    if (Number.isFinite(value)) {
      const index = nearest(value);
      go(index, true);
      const off = Math.abs(spec.places[index] - value) > 1e-9 * Math.abs(value);
      if (off) tell(`The slider has no place at ${typed}: it stands at ${spec.texts[index]}.`);
    } else if (typed) tell(`\u201c${typed}\u201d is no number.`);
    follow();
  });
  // A text that is back to what it was makes no change; a blur comes after one.
  for (const end of ["blur", "cancel"]) box.addEventListener(end, follow);
  const play = make("button", { type: "button" }, "Play");
  let playing = 0;
  const stop = () => {
    playing = clearInterval(playing) ?? 0;
    play.textContent = "Play";
  };
  const step = () => {
    go(Number(range.value) + 1, true);
    if (Number(range.value) === last) stop();
  };
  if (spec.play) {
    play.addEventListener("click", () => {
      if (playing) return stop();
      if (Number(range.value) === last) go(0);
      play.textContent = "Pause";
      playing = setInterval(step, STEADY.matches ? 800 : 120);
    });
    const once = make("button", { type: "button" }, "Step");
    once.addEventListener("click", () => (stop(), step()));
    buttons.append(once, play);
  }
  range.addEventListener("pointerdown", stop);
  const parts = [make("label", { for: id }, spec.label), range, spec.numeric ? box : make("span"), buttons];
  const element = make("div", { class: "control" }, ...parts);
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
  const scale = model.get("_scale");
  const specs = model.get("_controls");
  const question = model.get("_question");
  const caption = make("p", { class: "now", id: newId(), "aria-hidden": "true" }); // spoken as the picture's name
  const canvas = make("canvas", { role: "img", "aria-labelledby": caption.id, width, height, style: `width: ${width}px` });
  const context = canvas.getContext("2d");
  const longest = make("p", { class: "longest", "aria-hidden": "true" });
  const heard = make("p", { class: "heard", "aria-live": "polite" });
  const note = make("span", { class: "note", role: "status" });
  const tracks = {};
  let frame = null;
  let still = null;
  let drawn = null; // the track and index on screen
  let moved = specs[0].name;
  const { later, cancel, stop } = clock();
  const { send, post, close } = mail(model);

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
    later("say", 300, () => (heard.textContent = text));
    later("hush", 3000, () => (heard.textContent = "")); // what was heard is not to be read again
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
    cancel("kernel");
    if (note.dataset.kernel) tell("");
    draw(...found, values);
    canvas.dataset.asked = JSON.stringify(values);
  }

  function draw(track, index, values) {
    const ratio = canvas.width / width;
    if (paintFrame(context, still.image, track, index, ratio)) {
      canvas.dataset.values = JSON.stringify(values);
      drawn = [track, index];
    }
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
    for (const stale of ["record", "again"]) cancel(stale);
    model.set("values", values);
    post(!still || !find(values));
  }

  function move(name, value, rest) {
    moved = name;
    tell("");
    choose({ ...model.get("values"), [name]: value });
    if (rest) settle();
  }

  /** Find the handle under the pointer; without a track nothing could follow it. */
  function under([x, y]) {
    if (locked() || !drawn) return null;
    const free = handles(...drawn).filter(([names]) => names.some((name) => tracks[name]));
    const near = free.map((handle) => [Math.hypot(handle[1] - x, handle[2] - y), handle]);
    const [[distance, handle]] = [...near.sort((a, b) => a[0] - b[0]), [Infinity]];
    return distance <= REACH ? handle : null;
  }

  const spot = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top].map((c) => (c * width) / box.width);
  };

  /** Say where a handle stands at every place of a slider that moves it. */
  const trail = (name, held, which) =>
    tracks[name]?.captions.map((_, i) => handles(tracks[name], i).find((h) => String(h[0]) === String(held) && h[3] === which));

  let held = null; // the handle that the reader holds
  function grab(event) {
    const at = spot(event);
    const handle = under(at);
    if (!handle) return false;
    const [names, x, y, which] = handle;
    const trails = names.map((name) => [name, trail(name, names, which)]).filter(([, places]) => places);
    held = { trails, from: [x, y], gap: [at[0] - x, at[1] - y] };
    return true;
  }

  /** Turn the tracks around: move the sliders to where the handle is nearest to the pointer. */
  function pull(event) {
    const [x, y] = spot(event).map((c, i) => c - held.gap[i]);
    const [x0, y0] = held.from;
    const [[one, firsts], [other, seconds] = [null, [[null, x0, y0]]]] = held.trails;
    let [least, values] = [Infinity, null];
    firsts.forEach((first, i) =>
      seconds.forEach((second, j) => {
        if (!first || !second) return;
        const distance = Math.hypot(first[1] + second[1] - x0 - x, first[2] + second[2] - y0 - y);
        if (distance < least) [least, values] = [distance, { [one]: place(one, i), ...(other && { [other]: place(other, j) }) }];
      }),
    );
    if (!values) return;
    moved = one;
    tell("");
    choose({ ...model.get("values"), ...values });
  }
  const place = (name, index) => specs.find((spec) => spec.name === name).places[index];

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || held || !grab(event)) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    for (const [name] of held.trails) controls[name].stop();
    canvas.style.cursor = "grabbing";
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held) pull(event);
    else canvas.style.cursor = under(spot(event)) ? "grab" : "";
  });
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, () => {
      if (!held) return;
      held = null;
      canvas.style.cursor = "";
      record();
      settle();
    });
  // A finger on a mark drags it; elsewhere it scrolls the page.
  const touched = (event) => under(spot(event.touches[0])) && event.preventDefault();
  canvas.addEventListener("touchstart", touched, { passive: false });

  /** Ask for tracks of sliders that the reader may touch next. A question overtakes
   * values, of which one at a time is under way: so it carries them. */
  const record = (names = specs.map((spec) => spec.name)) => send({ record: names, values: model.get("values") });
  const settle = () => later("record", 150, () => (answer(), record()));
  // What the kernel has to draw first is not recorded until its frame is there.
  const askAgain = () => later("again", 150, () => held || record());

  const controls = {};
  for (const spec of specs) {
    const made = (controls[spec.name] = control(spec, (value, rest) => move(spec.name, value, rest), tell));
    for (const event of ["pointerenter", "focus"]) made.range.addEventListener(event, () => record([spec.name]));
    made.range.addEventListener("change", () => (send(), settle()));
    made.range.addEventListener("pointerup", () => record()); // keys may go on, a drag is over
  }
  const reset = make("button", { type: "button" }, "Reset");
  reset.addEventListener("click", () => {
    for (const { name } of specs) controls[name].stop();
    choose(Object.fromEntries(specs.map(({ name, start }) => [name, start])));
    settle();
  });

  const asked = make("fieldset", {}, make("legend", {}, question.text ?? ""));
  const verdict = make("p", { class: "verdict", "aria-live": "polite" });
  function predict(choice) {
    model.set("prediction", choice);
    send();
  }
  for (const choice of question.choices ?? []) {
    const button = make("button", { type: "button" }, choice);
    button.addEventListener("click", () => predict(choice));
    asked.append(button);
  }
  if (question.number !== undefined) {
    const guess = make("input", { type: "text", inputmode: "decimal", "aria-label": question.text });
    const bet = make("button", { type: "button" }, "Bet");
    const take = () => (Number.isFinite(numberIn(guess.value)) ? predict(guess.value.trim()) : tell("Type a number as your bet."));
    bet.addEventListener("click", take);
    guess.addEventListener("keydown", (event) => event.key === "Enter" && take());
    asked.append(guess, bet);
  }
  const locked = () => Boolean(question.text) && !model.get("prediction");
  function unlock() {
    const prediction = model.get("prediction");
    for (const button of asked.querySelectorAll("button"))
      if (question.choices) button.setAttribute("aria-pressed", String(button.textContent === prediction));
    for (const input of root.querySelectorAll(".control :is(input, select, button)")) input.disabled = locked();
    tell(locked() ? "Choose an answer first: the sliders unlock then." : "");
    if (question.at_once) answer();
  }
  /** Say what the bet was worth, once the reader has looked. */
  function answer() {
    const prediction = model.get("prediction");
    if (!prediction) return;
    if (question.number !== undefined) verdict.textContent = `You bet ${prediction}, and it is ${question.number}. ${question.sentence}`;
    else if (question.sentences) verdict.textContent = question.sentences[question.choices.indexOf(prediction)];
  }

  let told = null; // how many pixels to a CSS pixel the kernel draws, or was told that the screen has
  let asks = {}; // how often each thing was taken: only the newest counts
  const newest = (name) => {
    const mine = (asks[name] = (asks[name] ?? 0) + 1);
    return () => asks[name] === mine;
  };
  async function takeStill() {
    const fresh = newest("still");
    const { id, png } = model.get("_still");
    if (!png) return;
    const whole = await createImageBitmap(new Blob([png], { type: "image/png" }));
    const [resizeWidth, resizeHeight] = [width, height].map((side) => Math.round(side * devicePixelRatio));
    const shrunk = { resizeWidth, resizeHeight, resizeQuality: "high" };
    const image = whole.width > resizeWidth ? await createImageBitmap(whole, shrunk) : whole;
    if (!fresh()) return;
    const first = !still;
    still = { id, image };
    told ??= whole.width / width;
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
  async function takeTrack(name) {
    const fresh = newest(name);
    const track = await unpack(model.get(`_track_${name}`));
    if (!fresh()) return;
    tracks[name] = track;
    hold(tracks[name]?.captions ?? []);
    if (still && canvas.dataset.asked !== JSON.stringify(model.get("values"))) show();
  }
  async function takeFrame() {
    const fresh = newest("frame");
    const unpacked = await unpack(model.get("_frame"));
    if (!fresh()) return;
    frame = unpacked;
    hold(frame?.captions ?? []);
    if (still) show(frame);
  }

  const labels = specs.map(({ label }) => label).join(", ");
  const root = make("div", { class: "crl-live", role: "group", "aria-label": `Live figure: ${labels}` });
  root.style.maxWidth = `${width}px`;
  root.style.setProperty("--crl-scale", scale);
  if (question.text) root.append(asked);
  root.append(canvas, make("div", { class: "caption" }, caption, longest), heard);
  const rows = specs.map(({ name }) => controls[name].element);
  root.append(make("div", { class: "controls" }, ...rows), make("div", { class: "foot" }, reset, note), verdict);
  const freeKeys = keepKeys(root);
  const narrow = new ResizeObserver(() => root.classList.toggle("narrow", root.clientWidth < 480 * scale));
  narrow.observe(root);
  el.append(root);

  const off = (ratio) => Math.abs(ratio - devicePixelRatio) > 0.01;
  const sharpen = () => {
    if (!still || !off(told)) return;
    send({ ratio: (told = devicePixelRatio) });
    if (off(still.image.width / width)) takeStill();
  };
  const events = { values: () => show(), prediction: unlock, _still: takeStill, _frame: () => (takeFrame(), askAgain()) };
  for (const { name } of specs) {
    events[`_track_${name}`] = () => takeTrack(name);
    takeTrack(name);
  }
  for (const [name, action] of Object.entries(events)) model.on(`change:${name}`, action);
  addEventListener("resize", sharpen);
  unlock();
  takeFrame();
  takeStill();
  later("blank", PATIENCE, () => still || tell("The picture is on its way. If it does not come, run this cell again.", "yes"));
  return () => {
    close();
    narrow.disconnect();
    freeKeys();
    removeEventListener("resize", sharpen);
    for (const [name, action] of Object.entries(events)) model.off(`change:${name}`, action);
    for (const { name } of specs) controls[name].stop();
    stop();
  };
}

export default { render };
