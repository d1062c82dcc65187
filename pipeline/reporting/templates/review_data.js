// What the page was given, unpacked: numbers from base64, frames of the film, columns of each sensor.
const data = JSON.parse(find("data").textContent);
const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer;

const frames = data.film ? Array.from(new Int32Array(bytes(data.film.frames)), tick => data.film.start + tick * data.film.tick) : [];
const frameStop = number => number + 1 < frames.length ? frames[number + 1] : data.film.stop;

// The frame that is shown at a moment: the last that began by then.
function frameAt(seconds) {
  let low = 0, high = frames.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (frames[middle] <= seconds + 1e-6) low = middle; else high = middle - 1;
  }
  return low;
}

// Columns of a sensor for uPlot: their middles, lowest and highest.
function columnsOf(trace, kind) {
  const {step, low, high} = trace[kind];
  const [lows, highs] = [low, high].map(text => Array.from(new Int16Array(bytes(text)), value => value === -32768 ? null : value * step));
  const width = (trace.stop - trace.start) / lows.length;
  return [lows.map((_, k) => trace.start + (k + 0.5) * width), lows, highs];
}

const colourOf = label => colour("c" + (data.colours[label] ?? 4));
