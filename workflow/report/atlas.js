"use strict";
// The atlas of a generator's gamut. `facts` is what synface.atlas.page wrote; `view` is what the address holds.

const facts = JSON.parse(document.getElementById("facts").textContent);
const {labels, colors, codes, directions, levels, strips, reading, portraits, columns} = facts;
const linear = facts.space === "linear";
const neutral = labels.indexOf("neutral");
const TURN = 360, DRAWN = 6, SAMPLE = 2000;
const cell = levels[1] - levels[0];
const reach = linear ? levels.at(-1) + cell / 2 : 1 + cell / 2;  // where the map ends
const scale = 245 / reach;
const find = id => document.getElementById(id);
const degrees = radians => radians * 180 / Math.PI;
const wrap = angle => 180 - ((180 - angle) % TURN + TURN) % TURN;  // into (-180, 180]
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const percent = share => `${Math.round(100 * share)} %`;
const number = (value, digits) => value.toFixed(digits).replace("-", "\u2212");

function make(name, attributes = {}, ...children) {
  const svg = "svg g path circle text rect clipPath".split(" ").includes(name);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// What is shown, and its address

function begin() {
  return {
    code: linear ? strips.happiness.at(-2) : strips.happiness.at(-1), portrait: 0, colors: "most", seed: 1,
    chosen: labels.indexOf("happiness"), at: "class-gaussian", regions: labels.map(label => regionOf(facts.regions[label])),
  };
}

function regionOf(range) {
  if (!range) return null;
  const [from, to] = range.theta;
  return {from: wrap(from), width: to - from === TURN ? TURN : ((to - from) % TURN + TURN) % TURN, low: range.rho[0], high: range.rho[1]};
}

const endOf = region => region.width === TURN ? 180 : wrap(region.from + region.width);
const startOf = region => region.width === TURN ? -180 : region.from;
const numbersOf = region => [startOf(region), endOf(region), region.low, region.high].map(value => +value.toFixed(2));

function hashOf(view) {
  const start = begin(), asked = new URLSearchParams();
  for (const key of ["code", "portrait", "colors", "seed", "at"]) if (view[key] !== start[key]) asked.set(key, view[key]);
  if (view.chosen !== start.chosen) asked.set("chosen", labels[view.chosen]);
  if (linear) labels.forEach((label, k) => {
    if (`${numbersOf(view.regions[k])}` !== `${numbersOf(start.regions[k])}`) asked.set(label, numbersOf(view.regions[k]));
  });
  return asked.toString().replaceAll("%2C", ",");
}

function viewOf(hash) {
  const found = begin(), asked = new URLSearchParams(hash.replace(/^#/, ""));
  const whole = (key, most) => { if (/^\d+$/.test(asked.get(key)) && +asked.get(key) <= most) found[key] = +asked.get(key); };
  whole("code", codes.length - 1);
  whole("portrait", portraits - 1);
  whole("seed", 1e6);
  if (labels.includes(asked.get("colors"))) found.colors = asked.get("colors");
  if (labels.includes(asked.get("chosen"))) found.chosen = labels.indexOf(asked.get("chosen"));
  if (asked.get("at") === "class-mean") found.at = "class-mean";
  if (linear) labels.forEach((label, k) => {
    const ends = (asked.get(label) || "").split(",").map(Number);
    if (ends.length === 4 && ends.every(Number.isFinite) && Math.abs(ends[0]) <= TURN && Math.abs(ends[1]) <= TURN) {
      found.regions[k] = regionOf({theta: ends.slice(0, 2), rho: ends.slice(2).map(rho => clamp(rho, 0, reach)).sort((a, b) => a - b)});
    }
  });
  return found;
}

let view = viewOf(location.hash), hovered = null;
const shown = () => hovered ?? view.code;

// Codes: the nearest of the page, and shares of a region

function nearest(x, y) {
  if (!linear) {
    let best = 0;
    codes.forEach(([u, v], k) => { if (Math.hypot(u - x, v - y) < Math.hypot(codes[best][0] - x, codes[best][1] - y)) best = k; });
    return best;
  }
  const rho = Math.hypot(x, y), theta = Math.atan2(y, x);
  if (rho < cell / 2) return 0;
  const apart = directions.map(angle => Math.abs(wrap(degrees(angle - theta))));
  const ring = clamp(Math.round(rho / cell) - 1, 0, levels.length - 1);
  return 1 + ring * directions.length + apart.indexOf(Math.min(...apart));
}

// [from, to] in degrees of the directions that are nearest to each one.
const sectors = directions.map((angle, k) => {
  const before = degrees(directions.at(k - 1)), after = degrees(directions[(k + 1) % directions.length]), own = degrees(angle);
  return [own - ((own - before) % TURN + TURN) % TURN / 2, own + ((after - own) % TURN + TURN) % TURN / 2];
});

const overlap = (a, b, c, d) => Math.max(0, Math.min(b, d) - Math.max(a, c));

/* The share of the codes drawn evenly in theta and rho from a region that are nearest to each code: {code: share}. */
function weightsOf(region) {
  const weights = new Map(), span = region.high - region.low;
  const along = (low, high) => span > 0 ? overlap(region.low, region.high, low, high) / span : +(low <= region.low && region.low < high);
  const around = ([from, to]) => region.width > 0
    ? [-2, -1, 0, 1, 2].reduce((sum, turn) => sum + overlap(region.from, region.from + region.width, from + turn * TURN, to + turn * TURN), 0) / region.width
    : +([-1, 0, 1].some(turn => from + turn * TURN <= region.from && region.from < to + turn * TURN));
  weights.set(0, along(0, cell / 2));
  levels.forEach((rho, ring) => {
    const part = along(rho - cell / 2, ring === levels.length - 1 ? Infinity : rho + cell / 2);
    if (part > 0) sectors.forEach((sector, k) => weights.set(1 + ring * directions.length + k, part * around(sector)));
  });
  return weights;
}

/* The same for a class of a Gaussian space, by drawing. */
const sampled = new Map();
function weightsOfClass(k, at) {
  const key = `${k} ${at}`;
  if (!sampled.has(key)) {
    const weights = new Map(), random = randomOf(k + 1), count = at === "class-mean" ? 1 : SAMPLE;
    for (let turn = 0; turn < count; turn++) {
      const code = nearest(...drawPoint(k, at, random));
      weights.set(code, (weights.get(code) || 0) + 1 / count);
    }
    sampled.set(key, weights);
  }
  return sampled.get(key);
}

const weights = k => linear ? weightsOf(view.regions[k]) : weightsOfClass(k, view.at);

/* Of all portraits and a region's codes, the share read as each emotion, [7]. */
function perceived(k) {
  const shares = labels.map(() => 0);
  for (const [code, weight] of weights(k)) if (weight > 0) readAt(code).forEach((share, label) => { shares[label] += weight * share; });
  return shares;
}

const read = (portrait, code) => reading ? +reading.after[portrait * codes.length + code] : null;
function share(digits) {
  const found = labels.map(() => 0);
  for (const label of digits) found[label] += 1 / portraits;
  return found;
}
const readAtCodes = codes.map((_, code) => reading ? share(Array.from({length: portraits}, (_, p) => read(p, code))) : null);
const readAt = code => readAtCodes[code];
const readBefore = reading ? share([...reading.before].map(Number)) : null;

// Draws: equal seeds, equal faces

function randomOf(seed) {  // mulberry32
  let state = Math.imul(seed, 0x9E3779B1) >>> 0;
  return () => {
    state = state + 0x6D2B79F5 >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

function drawPoint(k, at, random) {
  if (linear) {
    const region = view.regions[k], rho = region.low + random() * (region.high - region.low);
    const theta = (region.from + random() * region.width) * Math.PI / 180;
    return [rho * Math.cos(theta), rho * Math.sin(theta)];
  }
  const {mean, covariance} = facts.classes[labels[k]];
  if (at === "class-mean") return mean;
  const length = Math.sqrt(-2 * Math.log(1 - random())), angle = 2 * Math.PI * random();
  const [first, second] = [length * Math.cos(angle), length * Math.sin(angle)], [left, below, rest] = cholesky(covariance);
  return [mean[0] + left * first, mean[1] + below * first + rest * second].map(value => clamp(value, -1, 1));
}

function cholesky([[a, b], [, c]]) {
  const left = Math.sqrt(a), below = b / left;
  return [left, below, Math.sqrt(Math.max(c - below * below, 0))];
}

// Faces

document.head.append(make("style", {}, facts.sheets.map((sheet, p) => `.p${p}{background-image:url(data:image/webp;base64,${sheet})}`).join("\n")));
facts.sheets = null;

function placeOf(code) {
  if (code === null) return "before its edit";
  const [x, y] = codes[code];
  if (!linear) return `x ${number(x, 2)}, y ${number(y, 2)}`;
  if (code === 0) return "neutral, rho 0";
  const axis = Object.keys(strips).find(label => strips[label].includes(code));
  const theta = degrees(Math.atan2(y, x));
  return `theta ${number(Math.round(theta), 0)}°, rho ${number(Math.hypot(x, y), 1)}${axis ? `, on the axis of ${axis}` : ""}`;
}

/* A picture of a portrait at a code, or of itself for null. */
function face(portrait, code) {
  const spot = code ?? codes.length;
  return make("span", {
    class: `face p${portrait}`, "data-code": code ?? "before",
    style: `--columns:${columns};--column:${spot % columns};--row:${Math.floor(spot / columns)}`,
  });
}

/* The same with what is read in it below; a button if it does something. */
function seen(portrait, code, said, act) {
  const label = code === null ? (reading ? +reading.before[portrait] : null) : read(portrait, code);
  const word = label === null ? "" : labels[label];
  const told = `portrait ${portrait + 1}, ${placeOf(code)}${word && `, read as ${word}`}`;
  const holder = make(act ? "button" : "span", {class: "seen", title: told, ...(act ? {type: "button", "aria-label": told} : {role: "img", "aria-label": told})});
  if (word) holder.style.setProperty("--read", colors[label]);
  holder.append(face(portrait, code));
  if (said || word) holder.append(make("b", {}, said === undefined ? word : said));
  if (act) holder.addEventListener("click", act);
  return holder;
}

function bars(shares) {
  return make("ul", {class: "bars", "aria-label": "Read, of all portraits"}, ...labels.map((label, k) => {
    const filled = make("i");
    filled.style.cssText = `width:${100 * shares[k]}%;background:${colors[k]}`;
    return make("li", {}, make("span", {}, label), make("span", {class: "bar"}, filled), make("span", {}, `${Math.round(shares[k] * portraits)} of ${portraits}`));
  }));
}

function showCode() {
  const code = shown();
  find("where").textContent = `Portrait ${view.portrait + 1} of ${portraits}, ${placeOf(code)}.`;
  find("pair").replaceChildren(
    seen(view.portrait, null, "before"), seen(view.portrait, code, reading ? `read as ${labels[read(view.portrait, code)]}` : "edited"),
    ...(reading ? [bars(readAt(code))] : []));
  [...find("wall").children].forEach((old, portrait) => {
    const fresh = seen(portrait, code, undefined, () => change({portrait}));
    fresh.setAttribute("aria-pressed", portrait === view.portrait);
    const focused = document.activeElement === old;
    old.replaceWith(fresh);
    if (focused) fresh.focus();
  });
  const [x, y] = codes[code].map(value => value * scale);
  for (const marker of map.querySelectorAll(".marker")) { marker.setAttribute("cx", x); marker.setAttribute("cy", -y); }
}

function showStrips() {
  const steps = Object.values(strips)[0].length;
  const head = Array.from({length: steps}, (_, step) => linear ? `rho ${step ? levels[step - 1] : 0}` : percent(step / (steps - 1)));
  find("strips").tHead.replaceChildren(make("tr", {}, make("td"), ...head.map(text => make("th", {scope: "col"}, text))));
  find("strips").tBodies[0].replaceChildren(...Object.entries(strips).map(([label, strip]) => make("tr", {},
    make("th", {scope: "row"}, label), ...strip.map(code => make("td", {}, seen(view.portrait, code, undefined, () => change({code})))))));
}

// The map

const map = find("map");
const at = (angle, rho) => `${scale * rho * Math.cos(angle * Math.PI / 180)} ${-scale * rho * Math.sin(angle * Math.PI / 180)}`;

/* The outline of a sector of a ring: theta in degrees from `from`, `width` wide. */
function sectorPath(from, width, low, high) {
  const arc = (radius, start, by, first) => {
    const parts = Math.max(1, Math.ceil(Math.abs(by) / 90));
    return Array.from({length: parts + 1}, (_, k) => k === 0 ? `${first}${at(start, radius)}`
      : `A${scale * radius} ${scale * radius} 0 0 ${by > 0 ? 0 : 1} ${at(start + by * k / parts, radius)}`).join("");
  };
  if (width === TURN) return `${arc(high, from, TURN, "M")}Z${low > 0 ? `${arc(low, from, -TURN, "M")}Z` : ""}`;
  return `${arc(high, from, width, "M")}${low > 0 ? arc(low, from + width, -width, "L") : "L0 0"}Z`;
}

function drawGround() {
  const cells = make("g", {id: "cells"});
  map.append(linear ? make("circle", {class: "ground", r: scale * reach}) : make("rect", {class: "ground", x: -scale * reach, y: -scale * reach, width: 2 * scale * reach, height: 2 * scale * reach}), cells);
  const count = linear ? codes.length : levels.length ** 2;
  for (let code = 0; code < count; code++) {
    const ring = Math.floor((code - 1) / directions.length), place = (code - 1) % directions.length, [x, y] = codes[code], side = scale * cell;
    cells.append(!linear ? make("rect", {x: scale * x - side / 2, y: -scale * y - side / 2, width: side, height: side})
      : code === 0 ? make("circle", {r: scale * cell / 2})
      : make("path", {d: sectorPath(sectors[place][0], sectors[place][1] - sectors[place][0], levels[ring] - cell / 2, levels[ring] + cell / 2)}));
  }
  if (linear) {
    for (const rho of levels) map.append(make("circle", {class: "ring", r: scale * rho}));
    // Where axes are furthest apart, and so are the regions of the beginning.
    const axes = Object.values(facts.classes).map(place => degrees(place.theta)).sort((a, b) => a - b);
    const gaps = axes.map((angle, k) => ((axes[(k + 1) % axes.length] - angle) % TURN + TURN) % TURN), widest = gaps.indexOf(Math.max(...gaps));
    for (const rho of [0.4, 0.8, 1.2]) {
      const [x, y] = at(axes[widest] + gaps[widest] / 2, rho).split(" ");
      map.append(make("text", {class: "tick", x, y: +y + 4, "text-anchor": "middle"}, rho === 1.2 ? "rho 1.2" : rho));
    }
  } else {
    map.append(make("clipPath", {id: "square"}, make("rect", {x: -scale * reach, y: -scale * reach, width: 2 * scale * reach, height: 2 * scale * reach})));
    for (const value of [-1, 0, 1]) map.append(make("text", {class: "tick", x: scale * value, y: scale * reach + 22, "text-anchor": "middle"}, number(value, 0)),
      make("text", {class: "tick", x: -scale * reach - 10, y: -scale * value + 5, "text-anchor": "end"}, number(value, 0)));
  }
  labels.forEach((label, k) => {
    const place = facts.classes[label];
    if (place && linear) {
      const angle = degrees(place.theta), [x, y] = at(angle, 1).split(" ").map(value => value / scale);
      map.append(make("path", {class: "axis", d: `M${at(angle, reach)}L${at(angle, reach + 0.07)}`, stroke: colors[k]}),
        make("text", {x: (scale * reach + 22) * x, y: (scale * reach + 26) * y + 5, "text-anchor": x > 0.35 ? "start" : x < -0.35 ? "end" : "middle"}, label));
    } else if (place) {
      const [left, below, rest] = cholesky(place.covariance), [x, y] = place.mean;
      // Codes end at the square: what is drawn beyond is clipped.
      for (const deviations of [1, 2]) {
        const points = Array.from({length: 73}, (_, n) => [Math.cos(n * Math.PI / 36), Math.sin(n * Math.PI / 36)].map(value => value * deviations));
        map.append(make("path", {class: "spread", "clip-path": "url(#square)", stroke: colors[k], "stroke-width": 2, d: "M" + points.map(([u, v]) => `${scale * (x + left * u)} ${-scale * (y + below * u + rest * v)}`).join("L") + "Z"}));
      }
      map.append(make("circle", {cx: scale * x, cy: -scale * y, r: 6, fill: colors[k], stroke: "var(--card)", "stroke-width": 2}), make("text", {x: scale * x, y: -scale * y + 22, "text-anchor": "middle"}, label));
    }
  });
  map.append(make("g", {id: "outlines"}), make("circle", {class: "marker under", r: 9}), make("circle", {class: "marker", r: 9}), make("g", {id: "grips"}));
}

function colorGround() {
  const only = labels.indexOf(view.colors);
  [...find("cells").children].forEach((shape, code) => {
    const shares = readAt(code), label = !shares ? 0 : only >= 0 ? only : shares.indexOf(Math.max(...shares));
    shape.setAttribute("fill", colors[label]);
    shape.setAttribute("fill-opacity", shares ? (0.85 * shares[label]).toFixed(3) : 0);
  });
}

function showRegions() {
  if (!linear) return;
  const order = [...labels.keys()].sort((a, b) => (a === view.chosen) - (b === view.chosen));
  find("outlines").replaceChildren(...order.flatMap(k => {
    const {from, width, low, high} = view.regions[k], d = sectorPath(from, width, low, high);
    return [make("path", {class: "halo", d}), make("path", {class: `outline${k === view.chosen ? " chosen" : ""}`, d, stroke: colors[k]})];
  }));
  const {from, width, low, high} = view.regions[view.chosen], middle = from + width / 2;
  const grips = {high: [width === TURN ? 90 : middle, high], low: [width === TURN ? 90 : middle, low]};
  if (width < TURN) Object.assign(grips, {from: [from, (low + high) / 2], to: [from + width, (low + high) / 2]});
  find("grips").replaceChildren(make("path", {class: "body", "data-grip": "body", d: sectorPath(from, width, low, high)}),
    ...Object.entries(grips).map(([grip, [angle, rho]]) => {
      const [x, y] = at(angle, rho).split(" ");
      return make("circle", {class: "grip", "data-grip": grip, cx: x, cy: y, r: 8});
    }));
}

function pointOf(event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
  return [point.x / scale, -point.y / scale];
}

/* The region with one of its ends, or itself, moved from point to point. */
function dragged(region, grip, [x, y], [startX, startY]) {
  const rho = clamp(Math.round(Math.hypot(x, y) * 20) / 20, 0, reach), theta = Math.round(degrees(Math.atan2(y, x)));
  if (grip === "low") return {...region, low: Math.min(rho, region.high)};
  if (grip === "high") return {...region, high: Math.max(rho, region.low)};
  if (grip === "body") {
    const turn = Math.round(wrap(degrees(Math.atan2(y, x) - Math.atan2(startY, startX))));
    const span = region.high - region.low, low = clamp(Math.round((region.low + Math.hypot(x, y) - Math.hypot(startX, startY)) * 20) / 20, 0, reach - span);
    return {...region, from: region.width === TURN ? region.from : wrap(region.from + turn), low, high: +(low + span).toFixed(2)};
  }
  const turn = grip === "from" ? wrap(region.from - theta) : wrap(theta - region.from - region.width);
  const width = clamp(region.width + turn, 0, TURN - 1);
  return {...region, width, from: grip === "from" ? wrap(region.from + region.width - width) : region.from};
}

function listenToMap() {
  let held = null;
  map.addEventListener("pointerdown", event => {
    const grip = event.target.dataset?.grip, start = pointOf(event);
    if (grip) {
      held = {grip, start, region: view.regions[view.chosen], moved: false};
      map.setPointerCapture(event.pointerId);
      event.preventDefault();
    }
    map.focus({preventScroll: true});
  });
  map.addEventListener("pointermove", event => {
    const point = pointOf(event);
    if (held) {
      held.moved ||= Math.hypot(point[0] - held.start[0], point[1] - held.start[1]) * scale > 3;
      if (held.moved) change({regions: view.regions.with(view.chosen, dragged(held.region, held.grip, point, held.start))});
    } else if (event.pointerType === "mouse" && hovered !== nearest(...point)) {
      hovered = nearest(...point);
      showCode();
    }
  });
  map.addEventListener("pointerup", event => {
    if (!held?.moved) { hovered = null; change({code: nearest(...pointOf(event))}); }
    held = null;
  });
  map.addEventListener("pointercancel", () => { held = null; });
  map.addEventListener("pointerleave", () => { hovered = null; showCode(); });
  map.addEventListener("keydown", event => {
    const code = stepped(view.code, event.key);
    if (code === null) return;
    event.preventDefault();
    hovered = null;
    change({code});
  });
}

/* The code that a key leads to; null for other keys. */
function stepped(code, key) {
  const across = {ArrowLeft: -1, ArrowRight: 1}[key], along = {ArrowDown: -1, ArrowUp: 1}[key];
  if (key === "Home") return linear ? 0 : strips.happiness[0];
  if (across === undefined && along === undefined) return null;
  if (!linear) {
    // From a code of a strip, the nearest of the square that way.
    const [x, y] = codes[code].map(value => Math.round((value + 1) / cell)), most = levels.length - 1;
    return clamp(y + (along || 0), 0, most) * levels.length + clamp(x + (across || 0), 0, most);
  }
  if (code === 0) return along === 1 ? 1 + directions.indexOf(nearestDirection(Math.PI / 2)) : across ? 1 + directions.indexOf(nearestDirection(across < 0 ? Math.PI : 0)) : 0;
  const count = directions.length, ring = Math.floor((code - 1) / count), place = (code - 1) % count;
  if (along) return ring + along < 0 ? 0 : 1 + clamp(ring + along, 0, levels.length - 1) * count + place;
  return 1 + ring * count + (place - across + count) % count;  // right is clockwise
}

const nearestDirection = theta => directions.reduce((best, angle) => Math.abs(wrap(degrees(angle - theta))) < Math.abs(wrap(degrees(best - theta))) ? angle : best);

// Regions

const FIELDS = ["theta from", "theta to", "rho from", "rho to"];

function makeRegions() {
  find("regions").replaceChildren(...labels.map((label, k) => {
    const swatch = make("i", {class: "swatch"}), choose = make(linear ? "button" : "span", {class: "choose", ...(linear ? {type: "button"} : {})}, swatch, label);
    swatch.style.background = colors[k];
    if (linear) choose.addEventListener("click", () => change({chosen: k}));
    const inputs = linear ? FIELDS.map((field, n) => make("input", {
      type: "number", "aria-label": `${label}, ${field}`, step: n < 2 ? 1 : 0.05, min: n < 2 ? -360 : 0, max: n < 2 ? 360 : reach.toFixed(2)})) : [];
    for (const input of inputs) {
      input.addEventListener("focus", () => change({chosen: k}));
      input.addEventListener("change", () => type(k, inputs));
    }
    const ends = inputs.length ? [make("fieldset", {class: "ends"}, make("legend", {class: "hidden"}, label),
      make("span", {}, "theta"), inputs[0], inputs[1], make("span", {}, "rho"), inputs[2], inputs[3])] : [make("span")];
    const item = make("li", {}, choose, ...ends, make("div", {class: "drawn"}), make("div", {class: "told"}));
    item.style.setProperty("--color", colors[k]);
    return item;
  }));
}

function type(k, inputs) {
  const [from, to, low, high] = inputs.map(input => input.valueAsNumber);
  const given = [from, to, low, high].every(Number.isFinite) && Math.abs(from) <= TURN && Math.abs(to) <= TURN;
  // What cannot be is put back as it was.
  if (!given) return showAll();
  const ends = [low, high].map(rho => clamp(rho, 0, +reach.toFixed(2))).sort((a, b) => a - b);
  change({regions: view.regions.with(k, regionOf({theta: [from, to], rho: ends}))});
}

function showList() {
  labels.forEach((label, k) => {
    const item = find("regions").children[k], random = randomOf(view.seed * labels.length + k + 1);
    item.classList.toggle("chosen", linear && k === view.chosen);
    if (linear) {
      item.querySelector(".choose").setAttribute("aria-pressed", k === view.chosen);
      const values = numbersOf(view.regions[k]);
      item.querySelectorAll("input").forEach((input, n) => { if (input.valueAsNumber !== values[n]) input.value = values[n]; });
    }
    item.querySelector(".drawn").replaceChildren(...Array.from({length: DRAWN}, () => {
      const portrait = Math.floor(random() * portraits);
      return seen(portrait, nearest(...drawPoint(k, view.at, random)), reading ? undefined : "");
    }));
    if (!reading) return;
    for (const [n, shown] of [...item.querySelectorAll(".drawn b")].entries()) if (shown.textContent) shown.textContent = shown.textContent.slice(0, 2).toUpperCase();
    item.querySelector(".told").replaceChildren("read as intended: ", make("strong", {class: "intended-share"}, percent(perceived(k)[k])), `, before the edit ${percent(readBefore[k])}`);
  });
}

function showPerceived() {
  if (!reading) return;
  const row = (head, shares, intended) => make("tr", {}, make("th", {scope: "row"}, head), ...shares.map((value, k) => {
    const place = make("td", {class: `share${k === intended ? " intended" : ""}`}, value >= 0.005 ? `${Math.round(100 * value)}` : "");
    place.style.setProperty("--share", value.toFixed(3));
    return place;
  }));
  find("perceived").tBodies[0].replaceChildren(...labels.map((label, k) => row(label, perceived(k), k)), row("before", readBefore, -1));
}

function yaml() {
  const head = `edits:\n  chosen:\n    source: ${JSON.stringify(facts.source)}\n    generator: ${JSON.stringify(facts.generator)}\n`;
  if (!linear) return `${head}    at: ${view.at}\n`;
  const lines = labels.map((label, k) => {
    const [from, to, low, high] = numbersOf(view.regions[k]);
    return `      ${label}: { theta: [${from}, ${to}], rho: [${low}, ${high}] }\n`;
  });
  return `${head}    rho: 1  # of emotions without a region\n    ranges:\n${lines.join("")}`;
}

function showYaml() {
  find("yaml").textContent = yaml();
  find("download").href = `data:text/yaml;charset=utf-8,${encodeURIComponent(yaml())}`;
}

async function copy() {
  try {
    await navigator.clipboard.writeText(yaml());
  } catch {  // a browser that lets no page write there: as of old, by a selection
    getSelection().selectAllChildren(find("yaml"));
    document.execCommand("copy");
  }
  find("said").textContent = "Copied.";
  setTimeout(() => { find("said").textContent = ""; }, 4000);
}

// All of it

function showAll() {
  if (reading) find("colors").value = view.colors;
  if (!linear) find("at").value = view.at;
  colorGround(); showRegions(); showCode(); showStrips(); showList(); showPerceived(); showYaml();
}

/* Change what is shown, and soon its address: browsers let a page write it a hundred times in half a minute. */
let writing;
function change(what) {
  Object.assign(view, what);
  clearTimeout(writing);
  writing = setTimeout(() => history.replaceState(null, "", `#${hashOf(view)}`), 200);
  if ("code" in what) showCode();
  else if ("portrait" in what) { showCode(); showStrips(); }
  else if ("colors" in what) colorGround();
  else if ("chosen" in what) { showRegions(); showList(); }
  else { showRegions(); showList(); showPerceived(); showYaml(); }
}

drawGround();
makeRegions();
find("wall").replaceChildren(...Array.from({length: portraits}, () => make("button", {type: "button"})));
listenToMap();
if (reading) find("colors").addEventListener("change", event => change({colors: event.target.value}));
if (!linear) find("at").addEventListener("change", event => change({at: event.target.value}));
find("again").addEventListener("click", () => change({seed: view.seed + 1}));
if (linear) find("reset").addEventListener("click", () => change({regions: begin().regions}));
find("copy").addEventListener("click", copy);
addEventListener("hashchange", () => { view = viewOf(location.hash); hovered = null; showAll(); });
showAll();
