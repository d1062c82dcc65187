// Draws each recording when it comes into view: film, labels and every sensor on one line of time.
const recordings = JSON.parse(find("data").textContent);

function rectangle(u, start, stop, top, height, fill, least) {
  const edges = [start, stop].map(at => u.valToPos(at, "x", true));
  const left = Math.max(edges[0], u.bbox.left), right = Math.min(Math.max(edges[1], edges[0] + least), u.bbox.left + u.bbox.width);
  if (right <= left) return 0;
  u.ctx.fillStyle = fill;
  u.ctx.fillRect(left, u.bbox.top + top * u.bbox.height, right - left, height * u.bbox.height);
  return right - left;
}

function drawBouts(u, bouts) {
  u.ctx.save();
  u.ctx.font = 13 * devicePixelRatio + "px system-ui, sans-serif";
  u.ctx.textAlign = "center";
  u.ctx.textBaseline = "middle";
  for (const [start, stop, label, number] of bouts) {
    const width = rectangle(u, start, stop, 0, 1, colour("c" + number % 5), 1);
    if (u.ctx.measureText(label).width + 8 > width) continue;
    const middle = (Math.max(u.valToPos(start, "x", true), u.bbox.left) + Math.min(u.valToPos(stop, "x", true), u.bbox.left + u.bbox.width)) / 2;
    u.ctx.fillStyle = colour("on-colour");
    u.ctx.fillText(label, middle, u.bbox.top + u.bbox.height / 2);
  }
  u.ctx.restore();
}

function drawRow(box, row, key) {
  const count = row.high.length, width = (row.stop - row.start) / Math.max(count, 1);
  const times = row.high.map((_, k) => row.start + (k + 0.5) * width);
  const data = [[row.from, ...times, row.until], [null, ...row.low, null], [null, ...row.high, null]];
  const fill = colour(row.bouts ? "c4" : "c0"), line = {stroke: fill, width: 1, points: {show: false}};
  plot(box, {
    title: row.name, height: row.bouts ? 66 : row.last ? 150 : 104, padding: [8, 22, 4, 0],
    cursor: {sync: {key}, y: false, drag: {x: true, y: false}},
    scales: {y: {range: [0, row.top]}}, series: [{}, line, line], bands: [{series: [2, 1], fill: fill + "55"}],
    axes: [timeAxis(row.time, {show: row.last, size: 30}), axis({label: row.bouts ? "" : row.unit, values: row.bouts ? () => [] : undefined, grid: {show: !row.bouts, stroke: colour("grid")}, ticks: {show: false}})],
    hooks: {draw: [u => {
      if (row.bouts) drawBouts(u, row.bouts);
      for (const [start, stop] of row.gaps) rectangle(u, start, stop, 0.9, 0.1, colour("c3"), 3);
    }]},
  }, data);
}

function drawRecording(box) {
  watch.unobserve(box);
  const number = Number(box.dataset.recording);
  for (const row of box.children.length ? [] : recordings[number]) {
    drawRow(box.appendChild(document.createElement("div")), row, number + row.time);
  }
}

const watch = new IntersectionObserver(
  entries => entries.filter(entry => entry.isIntersecting).forEach(entry => drawRecording(entry.target)), {rootMargin: "400px"},
);
const boxes = document.querySelectorAll("[data-recording]");
boxes.forEach(box => watch.observe(box));
addEventListener("beforeprint", () => boxes.forEach(drawRecording));
