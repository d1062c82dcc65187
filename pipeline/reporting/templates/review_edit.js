// Choosing stretches, giving them labels, moving edges; keys, the list of moments, saving.
const labels = new LabelTrack(data.labelled), lane = find("labelled");
let chosen = null, dragged = null, moment = -1;

function drawLanes() {
  drawLane(find("predicted"), data.bouts);
  if (find("by-film")) drawLane(find("by-film"), data.by_film);
  drawLane(lane, (dragged && dragged.spans || labels.spans).map(span => [span.start, span.stop, span.label]));
  const box = find("selected");
  box.hidden = !chosen;
  if (!chosen) return;
  const from = Math.max(toX(chosen.start), LEFT), to = Math.min(toX(chosen.stop), LEFT + across());
  box.style.transform = "translateX(" + from + "px)";
  box.style.width = Math.max(to - from, 0) + "px";
}

function choose(start, stop) {
  chosen = start === null ? null : {start, stop};
  find("choice").textContent = chosen
    ? "Chosen: " + clock(millisecond(start)) + " to " + clock(millisecond(stop)) + ", " + (stop - start).toFixed(2) + " s. Give it a label:"
    : "Click a bout, or drag over the label lane, to choose a stretch.";
  drawLanes();
}

function say(text) { find("state").textContent = text; }
function refresh() {
  drawLanes();
  say(labels.changed ? "changed, not saved" : "no change");
}

const isLabel = label => data.labels.includes(label);
function assign(label) {
  if (chosen) labels.assign(chosen.start, chosen.stop, label);
  refresh();
}

// What is predicted inside the chosen stretch becomes its label; what is unknown stays as it is.
function accept() {
  if (!chosen) return;
  const {start, stop} = chosen, taken = data.bouts.filter(([from, to, label]) => from < stop && to > start && isLabel(label));
  const before = labels.past.length, text = labels.text();
  for (const [from, to, label] of taken) labels.assign(Math.max(from, start), Math.min(to, stop), label);
  if (labels.past.length > before) { labels.past.length = before; labels.past.push(text); }  // one step to undo
  refresh();
}

function spanAt(spans, seconds) { return spans.find(span => span[0] <= seconds && seconds < span[1]); }
function chooseAt(spans, seconds) {
  const span = spanAt(spans, seconds);
  choose(span ? span[0] : null, span ? span[1] : null);
}

// The label at the line is chosen, so that a key gives another one to it alone.
function chooseLabel() {
  chooseAt(labels.spans.map(span => [span.start, span.stop]), cursor);
  refresh();
}

// The next or previous edge of predicted bouts and labels.
function bout(direction) {
  const edges = [...data.bouts.map(span => span[0]), ...labels.spans.map(span => span.start)].sort((a, b) => a - b);
  const found = direction > 0 ? edges.find(edge => edge > cursor + 0.001) : edges.reverse().find(edge => edge < cursor - 0.001);
  if (found === undefined) return;
  seek(found);
  keepInView();
}

const items = [...document.querySelectorAll("[data-moment]")];
function visit(number) {
  if (number < 0 || number >= items.length) return;
  items[moment]?.classList.remove("here");
  moment = number;
  const item = items[number], [start, stop] = [Number(item.dataset.start), Number(item.dataset.stop)];
  item.classList.add("here", "seen");
  const list = item.closest("aside"), above = item.offsetTop - list.offsetTop;  // the page itself stays where it is
  if (above < list.scrollTop || above + item.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = above - 40;
  seek(start);
  const length = Math.max(3 * (stop - start), 20);
  setView((start + stop - length) / 2, (start + stop + length) / 2);
  choose(start, stop);
}

// Pointer on the label lane: near an edge it moves the edge, elsewhere it chooses a stretch, without moving a bout.
const timeOf = event => toTime(event.clientX - stack.getBoundingClientRect().left);
function edgeNear(event) {
  const reach = event.pointerType === "touch" ? 14 : 6, seconds = timeOf(event);
  const edges = labels.spans.flatMap((span, number) => [{number, side: "stop", at: span.stop}, {number, side: "start", at: span.start}]);
  return edges.filter(edge => Math.abs(toX(edge.at) - toX(seconds)) <= reach)
    .sort((a, b) => Math.abs(a.at - seconds) - Math.abs(b.at - seconds))[0];
}
lane.addEventListener("pointerdown", event => {
  dragged = {from: timeOf(event), edge: edgeNear(event), spans: null};
  lane.setPointerCapture(event.pointerId);
});
lane.addEventListener("pointermove", event => {
  if (!dragged) { lane.style.cursor = edgeNear(event) ? "ew-resize" : "pointer"; return; }
  const seconds = timeOf(event);
  if (dragged.spans === null && Math.abs(toX(seconds) - toX(dragged.from)) < 4) return;
  if (dragged.edge) {
    dragged.spans = labels.moved(dragged.edge.number, dragged.edge.side, seconds);
    seek(dragged.spans[dragged.edge.number][dragged.edge.side]);
    drawLanes();
  } else {
    dragged.spans = labels.spans;
    choose(Math.min(dragged.from, seconds), Math.max(dragged.from, seconds));
  }
});
lane.addEventListener("pointerup", event => {
  const {edge, spans, from} = dragged || {};
  dragged = null;
  if (spans && edge) { labels.edit(() => spans); choose(null); refresh(); return; }
  if (spans) return;
  seek(from);
  chooseLabel();
});
lane.addEventListener("pointercancel", () => { dragged = null; drawLanes(); });
for (const [id, spans] of [["predicted", data.bouts], ["by-film", data.by_film]]) {
  find(id)?.addEventListener("click", event => { seek(timeOf(event)); chooseAt(spans, cursor); });
}

function inPlace() {
  const start = Math.max(...data.traces.map(trace => trace.start)), stop = Math.min(...data.traces.map(trace => trace.stop));
  return !labels.spans.length || labels.spans.some(span => span.start < stop && span.stop > start);
}

async function save() {
  if (!data.save) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([labels.csv()], {type: "text/csv"}));
    link.download = data.recording + ".labels.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    labels.saved = labels.text();
    return say("downloaded as " + link.download + (inPlace() ? "" : "; none of these labels lies in the time that the sensors share"));
  }
  const text = labels.text();
  say("saving");
  try {
    const answer = await fetch(data.save, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({labels: JSON.parse(text)})});
    const found = await answer.json();
    if (!answer.ok) return say("not saved: " + found.error);
    labels.saved = text;
    refresh();
    say("saved as " + found.saved + (found.kept.length ? "; kept as before: " + found.kept.join(", ") : ""));
  } catch (fault) { say("not saved: the server does not answer"); }
}

const ACTIONS = {
  "play": play, "frame": () => step(1), "frame-back": () => step(-1), "in": () => zoom(0.5), "out": () => zoom(2),
  "previous": () => visit(moment - 1), "next": () => visit(moment + 1), "accept": accept, "clear": () => assign(null), "undo": () => { labels.undo(); refresh(); }, "redo": () => { labels.redo(); refresh(); },
  "split": () => { labels.split(cursor); chooseLabel(); }, "merge": () => { labels.merge(cursor); chooseLabel(); }, "save": save,
};
const KEYS = {
  " ": play, "ArrowRight": () => step(1), "ArrowLeft": () => step(-1), ",": () => speed(-1), ".": () => speed(1),
  "j": () => bout(-1), "k": () => bout(1), "n": () => visit(moment + 1), "p": () => visit(moment - 1),
  "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "0": () => setView(data.from, data.until),
  "Enter": accept, "Delete": () => assign(null), "Backspace": () => assign(null), "s": ACTIONS.split, "m": ACTIONS.merge, "Escape": () => choose(null),
};
function act(event) {
  if (event.target.closest("input, select, summary, a") || (event.target.closest("button") && [" ", "Enter"].includes(event.key))) return;
  let action = KEYS[event.key];
  if (event.ctrlKey || event.metaKey) {
    const key = event.key.toLowerCase();
    action = key === "z" ? (event.shiftKey ? ACTIONS.redo : ACTIONS.undo) : key === "y" ? ACTIONS.redo : key === "s" ? save : undefined;
  } else if (event.altKey) {
    return;
  } else if (event.shiftKey && event.key.startsWith("Arrow")) {
    action = {ArrowRight: () => { seek(cursor + 1); keepInView(); }, ArrowLeft: () => { seek(cursor - 1); keepInView(); }}[event.key];
  } else if (/^[1-9]$/.test(event.key) && event.key <= data.labels.length) {
    action = () => assign(data.labels[event.key - 1]);
  }
  if (!action) return;
  event.preventDefault();
  action();
}

document.addEventListener("keydown", act);
document.querySelectorAll("[data-do]").forEach(button => button.addEventListener("click", () => ACTIONS[button.dataset.do]()));
document.querySelectorAll("[data-view]").forEach(button => button.addEventListener("click", () => {
  if (Number(button.dataset.view)) around(Number(button.dataset.view)); else setView(data.from, data.until);
}));
document.querySelectorAll("[data-label]").forEach(button => {
  button.style.borderLeft = "6px solid " + colourOf(data.labels[button.dataset.label]);
  button.addEventListener("click", () => assign(data.labels[button.dataset.label]));
});
items.forEach((item, number) => {
  item.querySelector(".at").textContent = clock(millisecond(Number(item.dataset.start))) + " to " + clock(millisecond(Number(item.dataset.stop)));
  item.addEventListener("click", () => visit(number));
});
document.querySelectorAll("[name=kind]").forEach(box => box.addEventListener("change", () => { kind = box.value; drawCharts(); }));
addEventListener("resize", () => { drawLanes(); showCursor(); });
addEventListener("beforeunload", event => { if (labels.changed) event.preventDefault(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { drawCharts(); drawLanes(); });
drawCharts();
drawLanes();
if (items.length) visit(0); else seek(cursor);
