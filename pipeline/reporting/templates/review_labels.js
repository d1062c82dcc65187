// Labels as a person edits them: spans {start, stop, label} in order of time that never overlap, with undo and redo.
const SHORTEST = 0.02;  // seconds: less is an accident of the pointer
const millisecond = seconds => Math.round(seconds * 1000) / 1000;

class LabelTrack {
  constructor(spans) {
    this.spans = spans.map(([start, stop, label]) => ({start, stop, label}));
    this.past = [];
    this.future = [];
    this.saved = this.text();
  }
  text() { return JSON.stringify(this.spans); }
  get changed() { return this.text() !== this.saved; }
  at(seconds) { return this.spans.findIndex(span => span.start <= seconds && seconds < span.stop); }

  // Every change goes through here: nothing is kept of one that changes nothing.
  edit(change) {
    const before = this.text();
    this.spans = change(this.spans.map(span => ({...span})))
      .map(span => ({...span, start: millisecond(span.start), stop: millisecond(span.stop)}))
      .filter(span => span.stop - span.start >= SHORTEST).sort((a, b) => a.start - b.start);
    if (this.text() === before) return;
    this.past.push(before);
    this.future = [];
  }
  undo() { this.swap(this.past, this.future); }
  redo() { this.swap(this.future, this.past); }
  swap(from, to) {
    if (!from.length) return;
    to.push(this.text());
    this.spans = JSON.parse(from.pop());
  }

  // A stretch is given a label, or none; what lies across its ends is cut there.
  assign(start, stop, label) {
    this.edit(spans => {
      const rest = spans.flatMap(span => [
        {...span, stop: Math.min(span.stop, start)}, {...span, start: Math.max(span.start, stop)},
      ]);
      return label === null ? rest : [...rest, {start, stop, label}];
    });
  }
  split(seconds) {
    this.edit(spans => spans.flatMap(span => span.start < seconds && seconds < span.stop
      ? [{...span, stop: seconds}, {...span, start: seconds}] : [span]));
  }
  // The span at a moment and the next become one, with the label of the first; at the start of a span it and the one
  // before do, so that it takes back a split.
  merge(seconds) {
    const here = this.at(seconds), first = here > 0 && seconds - this.spans[here].start < 0.005 ? here - 1 : here;
    this.edit(spans => {
      if (first < 0 || first + 1 >= spans.length) return spans;
      const [one, other] = spans.splice(first, 2);
      return [...spans, {...one, stop: other.stop}];
    });
  }
  // An edge goes to a moment; a neighbour's edge that lies on it goes along, and no span is lost.
  moved(number, side, seconds) {
    const spans = this.spans.map(span => ({...span})), here = spans[number];
    const next = spans[number + (side === "start" ? -1 : 1)];
    const other = side === "start" ? "stop" : "start";
    const joined = next && Math.abs(next[other] - here[side]) < 0.0005;
    const limit = next ? (joined ? next[side] + (side === "start" ? SHORTEST : -SHORTEST) : next[other]) : (side === "start" ? -Infinity : Infinity);
    const inner = here[other] + (side === "start" ? -SHORTEST : SHORTEST);
    const at = Math.min(Math.max(seconds, Math.min(limit, inner)), Math.max(limit, inner));
    here[side] = at;
    if (joined) next[other] = at;
    return spans;
  }
  csv() {
    const quoted = text => /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
    const rows = this.spans.map(span => [span.start.toFixed(3), span.stop.toFixed(3), quoted(span.label), quoted(data.recording)].join(","));
    return ["start,end,label,recording", ...rows].join("\n") + "\n";
  }
}
