"use strict";
// uPlot charts that follow the width of their box and the colours of the page.
const find = id => document.getElementById(id);
const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const LETTERS = "12.5px system-ui, sans-serif";
const axis = more => ({
  stroke: colour("quiet"), font: LETTERS, labelFont: LETTERS, labelSize: 20, size: 52,
  grid: {stroke: colour("grid"), width: 1}, ticks: {stroke: colour("grid"), width: 1, size: 5}, ...more,
});
const clock = seconds => {
  const whole = Math.floor(Math.abs(seconds)), rest = Math.abs(seconds) - whole;
  const words = Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
  return (seconds < 0 ? "-" : "") + words + (rest > 0.0005 ? rest.toFixed(rest * 10 % 1 > 0.01 ? 2 : 1).slice(1) : "");
};
const timeAxis = (label, more) => axis({label, size: 32, values: (_, ticks) => ticks.map(clock), ...more});

function plot(box, options, data) {
  const made = new uPlot({
    width: box.clientWidth, legend: {show: false}, padding: [10, 22, 0, 0], ...options,
    scales: {x: {time: false}, ...options.scales},
  }, data, box);
  new ResizeObserver(() => made.setSize({width: box.clientWidth, height: options.height})).observe(box);
  return made;
}

// A vertical line at a moment, drawn over a chart.
function upright(u, at, name) {
  const x = u.valToPos(at, "x", true);
  if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
  u.ctx.save();
  u.ctx.strokeStyle = colour(name);
  u.ctx.lineWidth = 2 * devicePixelRatio;
  u.ctx.beginPath();
  u.ctx.moveTo(x, u.bbox.top);
  u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
  u.ctx.stroke();
  u.ctx.restore();
}
