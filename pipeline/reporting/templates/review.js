// Film, lanes and charts on one line of time. Film time is the player's time plus the film time at which it shows 0.
const film = find("film"), stack = find("stack"), LEFT = 52, RIGHT = 22;
const view = {min: data.from, max: data.until};
let cursor = data.film ? data.film.start : data.from, shown = 0, kind = "acceleration", charts = [];

// Browsers differ in where a player shows 0 of a file whose first frame comes late: the first frame of each file that is
// shown, whose film time is known, tells it. Until then the film waits.
let ready = false;
const zeros = data.film ? data.film.files.map(file => ({at: file.zero, measured: false})) : [];
const filmTime = () => zeros[shown].at + film.currentTime;
const fileAt = seconds => data.film.files.reduce((found, file, k) => file.start <= seconds + 1e-6 ? k : found, 0);

function measured(mediaTime) {
  if (!zeros[shown].measured && mediaTime !== null) {
    zeros[shown].at = (shown ? frames.find(time => time >= data.film.files[shown].start - 1e-3) : frames[0]) - mediaTime;
  }
  zeros[shown].measured = true;
  ready = true;
  seek(cursor);
}

function openFile(number) {
  const playing = !film.paused || film.ended, files = data.film.files;
  shown = number;
  ready = zeros[number].measured;
  film.src = files[number].src;
  film.playbackRate = film.defaultPlaybackRate = Number(find("speed").value);
  if (playing) film.play();
  find("playing").textContent = files.length > 1 ? files[number].name + ", file " + (number + 1) + " of " + files.length : "";
}

// Goes to a moment; the film to the middle of the frame that is shown then, so that rounding cannot miss it.
let wanted = null;  // the frame that is waited for, and how often it was asked for
function seek(seconds) {
  cursor = Math.min(Math.max(seconds, data.from), data.until);
  if (film) {
    wanted = {number: frameAt(cursor), asked: 0};
    seekFrame(wanted.number, 0.5);
  }
  showCursor();
}
function seekFrame(number, share) {
  const at = frames[number] + share * (frameStop(number) - frames[number]);
  if (fileAt(at) !== shown) openFile(fileAt(at));
  if (ready) film.currentTime = Math.max(at - zeros[shown].at, 0);
}

// Where the rate varies, files state wrong lengths of frames, and browsers show a neighbour: it is asked for again.
function checkShown(mediaTime) {
  if (!wanted || !film.paused) return;
  const number = frameAt(zeros[shown].at + mediaTime + 1e-3);
  if (number === wanted.number || wanted.asked >= 2) { wanted = null; return; }
  wanted.asked += 1;
  seekFrame(wanted.number, number < wanted.number ? 0.9 : 0.1);
}

function step(count) {
  if (!film) return seek(cursor + count * 0.02);
  film.pause();
  const number = Math.min(Math.max(frameAt(cursor) + count, 0), frames.length - 1);
  seek(frames[number]);
  keepInView();
}

const play = () => { if (film) { if (film.paused) film.play().catch(() => {}); else film.pause(); } };
function speed(change) {
  const box = find("speed");
  if (!box) return;
  box.selectedIndex = Math.min(Math.max(box.selectedIndex + change, 0), box.length - 1);
  film.playbackRate = film.defaultPlaybackRate = Number(box.value);
}

// Where a moment lies on the page, in pixels from the left edge of the stack, and back.
const across = () => stack.clientWidth - LEFT - RIGHT;
const toX = seconds => LEFT + (seconds - view.min) / (view.max - view.min) * across();
const toTime = x => view.min + (x - LEFT) / across() * (view.max - view.min);

function showCursor() {
  const x = toX(cursor), head = find("playhead");
  head.style.transform = "translateX(" + (x - 1) + "px)";
  head.hidden = x < LEFT - 1 || x > LEFT + across() + 1;
  const frame = film && cursor >= frames[0] && cursor < data.film.stop ? ", frame " + frameAt(cursor) : "";
  find("now").textContent = clock(millisecond(cursor)) + frame;
}

function setView(min, max) {
  const whole = data.until - data.from, length = Math.min(Math.max(max - min, 0.5), whole);
  view.min = Math.min(Math.max(min, data.from), data.until - length);
  view.max = view.min + length;
  charts.forEach(chart => chart.setScale("x", {...view}));
  drawLanes();
  showCursor();
}
const zoom = factor => {
  const length = (view.max - view.min) * factor, place = cursor >= view.min && cursor <= view.max ? (cursor - view.min) / (view.max - view.min) : 0.5;
  setView(cursor - place * length, cursor + (1 - place) * length);
};
function around(seconds) { setView(cursor - seconds / 2, cursor + seconds / 2); }
function keepInView() {
  const length = view.max - view.min;
  if (cursor < view.min || cursor > view.max) setView(cursor - 0.1 * length, cursor + 0.9 * length);
}

function drawLane(canvas, spans) {
  const scale = devicePixelRatio, width = canvas.clientWidth, height = canvas.clientHeight, pen = canvas.getContext("2d");
  canvas.width = width * scale;
  canvas.height = height * scale;
  pen.scale(scale, scale);
  pen.font = "12.5px system-ui, sans-serif";
  pen.textBaseline = "middle";
  for (const [start, stop, label] of spans) {
    const from = Math.max(toX(start) - LEFT, 0), to = Math.min(toX(stop) - LEFT, width);
    if (to <= 0 || from >= width) continue;
    pen.fillStyle = colourOf(label);
    pen.fillRect(from, 2, Math.max(to - from - 1, 1), height - 4);
    if (label === data.unknown) hatch(pen, from, to - 1, height);
    if (pen.measureText(label).width + 10 > to - from) continue;
    pen.fillStyle = colour("on-colour");
    pen.fillText(label, from + 6, height / 2 + 1);
  }
}

function hatch(pen, from, to, height) {
  pen.save();
  pen.beginPath();
  pen.rect(from, 2, Math.max(to - from, 1), height - 4);
  pen.clip();
  pen.strokeStyle = colour("card");
  pen.globalAlpha = 0.45;
  for (let x = from - height; x < to; x += 7) {
    pen.beginPath();
    pen.moveTo(x, height);
    pen.lineTo(x + height, 0);
    pen.stroke();
  }
  pen.restore();
}

const zoomable = {cursor: {y: false, drag: {x: true, y: false, setScale: false}}, padding: [6, RIGHT, 7, 0]};
const fixedAxis = more => axis({size: LEFT, ...more});

function listen(chart) {
  let zoomed = false;
  (chart.hooks.setSelect ??= []).push(u => {
    if (u.select.width < 4) return;
    zoomed = true;
    setView(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
    u.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
  });
  chart.over.addEventListener("mousedown", () => { zoomed = false; });
  chart.over.addEventListener("click", event => {
    if (!zoomed) seek(chart.posToVal(event.clientX - chart.over.getBoundingClientRect().left, "x"));
  });
  chart.over.addEventListener("dblclick", () => setView(data.from, data.until));
  return chart;
}

function confidenceChart() {
  const {edges, probability, novelty, unknown_above: above} = data.confidence;
  if (!edges.length) return [];
  const held = values => [...values, values[values.length - 1]];
  const stepped = uPlot.paths.stepped({align: 1});
  const made = plot(find("confidence"), {
    ...zoomable, height: 92, title: "confidence; dotted: how unlike all that was learned",
    scales: {x: {time: false, range: () => [view.min, view.max]}, y: {range: [0, 1.05]}},
    axes: [timeAxis("", {show: false}), fixedAxis({splits: () => [0, 0.5, 1]})],
    series: [{}, {stroke: colour("c0"), width: 1.8, paths: stepped, points: {show: false}},
      {stroke: colour("c3"), width: 1.4, dash: [3, 3], paths: stepped, points: {show: false}}],
    hooks: {draw: [u => level(u, above)]},
  }, [edges, held(probability), held(novelty)]);
  return [listen(made)];
}

function level(u, value) {
  const y = u.valToPos(value, "y", true);
  u.ctx.save();
  u.ctx.fillStyle = colour("c3");
  u.ctx.globalAlpha = 0.5;
  u.ctx.fillRect(u.bbox.left, y, u.bbox.width, 1);
  u.ctx.restore();
}

function traceChart(trace, last) {
  const box = find("traces").appendChild(document.createElement("div"));
  const unit = kind === "acceleration" ? "g" : "rad/s", line = {stroke: colour("c0"), width: 1.2, points: {show: false}};
  return listen(plot(box, {
    ...zoomable, height: last ? 132 : 92, title: trace.name + ", " + unit,
    scales: {x: {time: false, range: () => [view.min, view.max]}, y: {range: (_, low, high) => [0, Math.max(high, 0.1) * 1.05]}},
    axes: [timeAxis(data.time + " (min:s)", {show: last, size: 36}), fixedAxis()],
    series: [{}, line, line], bands: [{series: [2, 1], fill: colour("c0") + "55"}],
  }, columnsOf(trace, kind)));
}

function drawCharts() {
  charts.forEach(chart => chart.destroy());
  find("traces").replaceChildren();
  find("confidence").replaceChildren();
  charts = [...confidenceChart(), ...data.traces.map((trace, k) => traceChart(trace, k + 1 === data.traces.length))];
}

// The line follows the film: by the time of the frame that is on the screen, where the browser tells it.
function follow(_, frame) {
  if (frame && !ready) measured(frame.mediaTime);
  else if (ready && frame && film.paused) checkShown(frame.mediaTime);
  else if (ready && !film.paused && (frame || !film.requestVideoFrameCallback)) {
    cursor = frame ? zeros[shown].at + frame.mediaTime : filmTime();
    showCursor();
    keepInView();
  }
  if (film.requestVideoFrameCallback) film.requestVideoFrameCallback(follow); else requestAnimationFrame(follow);
}

if (film) {
  const patience = film.requestVideoFrameCallback ? 3000 : 0;
  film.addEventListener("loadeddata", () => setTimeout(() => { if (!ready) measured(null); }, patience));
  film.addEventListener("error", () => {
    find("playing").textContent = data.film.files[shown].name + " is not there, or this browser cannot play it; H.264 in MP4 plays everywhere.";
  });
  film.addEventListener("ended", () => {
    if (shown + 1 >= data.film.files.length) return;
    cursor = data.film.files[shown + 1].start;
    openFile(shown + 1);
  });
  for (const event of ["play", "pause"]) film.addEventListener(event, () => { find("play").textContent = film.paused ? "play" : "pause"; });
  find("speed").addEventListener("change", () => speed(0));
  film.addEventListener("click", play);
  openFile(0);
  follow();
}
