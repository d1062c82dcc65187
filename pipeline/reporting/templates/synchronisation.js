// The film, the two traces, the score of every offset and the windows; a slider that shifts the sensors.
const data = JSON.parse(find("data").textContent);
const film = find("film"), slider = find("shift");
const known = data.offset !== null;
const shift = () => Number(slider.value);
const signed = (value, digits) => (value >= 0 ? "+" : "") + value.toFixed(digits);
let cursor = data.film ? data.film.start : 0;

// A film in several files: the one that holds a moment of film time is shown, from there.
let shown = 0;
const filmTime = () => data.files[shown].start + film.currentTime;

function openFile(number) {
  const playing = !film.paused || film.ended;
  shown = number;
  film.src = data.files[number].src;
  if (playing) film.play();
  describeFile();
}

function describeFile() {
  const file = data.files[shown];
  find("playing").textContent = data.files.length > 1
    ? file.name + ", file " + (shown + 1) + " of " + data.files.length + ", from " + file.start.toFixed(2) + " s of film" : "";
}

function show(seconds) {
  cursor = seconds;
  let wanted = 0;
  data.files.forEach((file, k) => { if (file.start <= seconds) wanted = k; });
  if (wanted !== shown) openFile(wanted);
  film.currentTime = Math.max(seconds - data.files[shown].start, 0);
  traces.redraw(false);
}

// film = imu + offset + drift * (imu - reference), moved by the slider; and back.
const rate = 1 + (data.drift || 0) * 1e-6, reference = data.reference || 0;
const toFilm = imu => imu + data.offset + (rate - 1) * (imu - reference) + shift();
const toImu = seconds => reference + (seconds - shift() - data.offset - reference) / rate;

// Both sides on one grid of film time, that of the film's samples.
function traceData() {
  const sides = known && data.imu ? [data.film, {...data.imu, start: toFilm(data.imu.start)}] : [data.film];
  const ends = sides.filter(Boolean).map(side => [side.start, side.start + side.values.length / side.rate]);
  if (!ends.length) return [[0], [null], [null]];
  const hz = (data.film || data.imu).rate, origin = data.film ? data.film.start : ends[0][0];
  const first = Math.floor((Math.min(...ends.map(e => e[0])) - origin) * hz);
  const count = Math.ceil((Math.max(...ends.map(e => e[1])) - origin) * hz) - first;
  const times = Array.from({length: count}, (_, k) => origin + (first + k) / hz);
  const at = (side, place) => {
    const low = Math.floor(place), share = place - low;
    const a = side.values[low], b = side.values[share > 1e-6 ? low + 1 : low];
    return a == null || b == null ? null : a + share * (b - a);
  };
  return [
    times,
    times.map((_, k) => data.film ? at(data.film, first + k) : null),
    times.map(t => known && data.imu ? at(data.imu, (toImu(t) - data.imu.start) * data.imu.rate) : null),
  ];
}

const line = name => ({stroke: colour(name), width: 1.6, points: {show: false}});
const dots = (name, hollow) => ({
  stroke: colour(name), width: 0, paths: () => null,
  points: {show: true, size: 9, stroke: colour(name), fill: hollow ? "transparent" : colour(name)},
});

const traces = plot(find("traces"), {
  height: 240, axes: [timeAxis("film time (min:s)", {size: 34}), axis({label: "upward velocity (relative)"})],
  series: [{}, line("c0"), line("c1")], hooks: {draw: [u => upright(u, cursor, "quiet")]},
}, traceData());

const scores = plot(find("scores"), {
  height: 210, axes: [axis({label: "offset: film time less sensor time (s)", size: 34}), axis({label: "score"})],
  series: [{}, line("c4"), dots("c3", false)], hooks: {draw: [u => known && upright(u, data.offset + shift(), "c0")]},
}, [data.score.map(p => p[0]), data.score.map(p => p[1]), data.score.map(p => p[2] ? p[1] : null)]);

const residuals = agree => data.windows.map(w => w.residual === null || w.inlier !== agree ? null : 1000 * (w.residual - shift()));
const windowData = () => [data.windows.map(w => w.at), residuals(true), residuals(false)];
const windows = plot(find("windows"), {
  height: 200, axes: [timeAxis("film time (min:s)", {size: 34}), axis({label: "residual (ms)"})],
  series: [{}, dots("c0", false), dots("c0", true)],
  scales: {x: {time: false, range: (_, low, high) => [low - 5, high + 5]}, y: {range: (_, low, high) => [Math.min(-30, Math.max(low, -150)), Math.max(30, Math.min(high, 150))]}},
}, windowData());

function draw() {
  find("shifted").textContent = signed(shift(), 3) + " s";
  const unmoved = shift() === 0 && data.accepted;
  find("command").textContent = !known ? data.commands.event : unmoved ? data.commands.accepted
    : data.commands.sync + " --offset " + (data.offset + shift()).toFixed(4) + data.commands.force;
  traces.setData(traceData(), false);
  scores.redraw(false);
  windows.setData(windowData());
}

// A moment's view of so many seconds, or everything.
function view(seconds) {
  const times = traces.data[0], last = times[times.length - 1];
  const start = seconds ? Math.max(times[0], Math.min(cursor - seconds / 2, last - seconds)) : times[0];
  traces.setScale("x", {min: start, max: seconds ? Math.min(start + seconds, last) : last});
}

function follow() {
  if (filmTime() !== cursor && !film.paused) {
    cursor = filmTime();
    const {min, max} = traces.scales.x;
    if (cursor < min || cursor > max) view(max - min); else traces.redraw(false);
  }
  requestAnimationFrame(follow);
}

slider.addEventListener("input", draw);
find("reset").addEventListener("click", () => { slider.value = 0; draw(); });
document.querySelectorAll("[data-step]").forEach(button => button.addEventListener("click", () => {
  slider.value = shift() + Number(button.dataset.step);
  draw();
}));
document.querySelectorAll("[data-view]").forEach(button => button.addEventListener("click", () => view(Number(button.dataset.view))));
film.addEventListener("seeked", () => { cursor = filmTime(); traces.redraw(false); });
film.addEventListener("ended", () => { if (shown + 1 < data.files.length) openFile(shown + 1); });
// After a drag, which zooms, uPlot lets no click through.
traces.over.addEventListener("click", event => show(traces.posToVal(event.clientX - traces.over.getBoundingClientRect().left, "x")));
describeFile();
draw();
view(20);
follow();
