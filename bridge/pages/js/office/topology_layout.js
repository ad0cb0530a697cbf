// Where the nodes and lines of the map are: columns by what a process does, rows by how many there
// are; on a narrow screen turned, columns from top to bottom. Pure.
//
// straight: so far apart neighbours of a column are when a line between them has room.
// Nodes and lines are placed along two axes, [along, across]: along the columns, and across them.
// Wide, that is [x, y]; tall, [y, x].

const SHAPES = {
  wide: { node: { width: 124, height: 62 }, pitch: 148, edge: 24, below: 104, length: 1034,
    straight: 60,
    columns: { people: 52, bridge: 236, left: 436, right: 760, devices: 960 } },
  tall: { node: { width: 106, height: 58 }, pitch: 130, edge: 6, below: 124, length: 790,
    straight: 120,
    columns: { people: 52, bridge: 162, left: 334, right: 584, devices: 702 } },
};
export const ROUND = 46; // radius of people
const ROWS_MIN = 3;
const REACH = { min: 34, max: 150, beside: 58 }; // of a curve; past others of its column
const TIP = { length: 11, half: 6 };
const PLATE = { height: 22, letter: 7.4, wide: 13, pad: 12, apart: 3 };
const SPOTS = 21; // places along a line that its label may have
const ENDS = 0.12; // of a line, where it has none
const ROUNDS = 4; // in which each label looks for a better place
const BESIDE = 6; // between a line and a label that stands beside it
const COST = { plate: 1000, node: 3000, line: 12, middle: 8, beside: 20 };
const SAMPLES = 32; // points of a line that a label had better not hide

const NORMALS = { before: [-1, 0], after: [1, 0], low: [0, -1], high: [0, 1] };
const isAlong = (side) => side === "before" || side === "after";

// ---- nodes ----

function placeNodes(nodes, shape) {
  const rows = Math.max(ROWS_MIN, ...["bridge", "left", "right"].map((column) =>
    nodes.filter((node) => node.column === column).length));
  const area = rows * shape.pitch;
  const placed = new Map();
  for (const node of nodes) {
    const mates = nodes.filter(({ column }) => column === node.column);
    const across = shape.edge + (area * (mates.indexOf(node) + 0.5)) / mates.length;
    placed.set(node.id, { ...node, at: [shape.columns[node.column], across] });
  }
  for (const node of placed.values()) {
    if (node.column === "devices") node.at[1] = placed.get(node.owner).at[1];
  }
  return { placed, across: shape.edge + area };
}

// The broker lies below all: wide, beside the columns; tall, after them.
function placeBroker(placed, { shape, across, isTall }) {
  for (const node of placed.values()) {
    if (node.column !== "below") continue;
    node.at = isTall ? [shape.length + shape.below / 2 - 30, (across + shape.edge) / 2]
      : [shape.length / 2, across + shape.below / 2];
  }
}

// ---- lines ----

// The sides at which a line leaves and arrives.
function sidesOf(from, to, nodes, straight) {
  if (from.at[0] < to.at[0]) return ["after", "before"];
  if (from.at[0] > to.at[0]) return ["before", "after"];
  const [low, high] = [from.at[1], to.at[1]].sort((a, b) => a - b);
  const isBetween = nodes.some(({ column, at }) => column === from.column && at[1] > low &&
    at[1] < high);
  if (isBetween || high - low < straight) return ["before", "before"];
  return from.at[1] < to.at[1] ? ["high", "low"] : ["low", "high"];
}

// Lines that meet a node on one side lie beside each other, in the order of their other ends.
function spread(ends, sizeOf) {
  const groups = new Map();
  for (const end of ends) {
    const key = end.node.id + end.side;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(end);
  }
  for (const group of groups.values()) {
    const axis = isAlong(group[0].side) ? 1 : 0;
    group.sort((a, b) => a.other.at[axis] - b.other.at[axis] || a.turn - b.turn);
    group.forEach((end, i) => {
      const size = sizeOf(end.node);
      const shift = ((i + 1) / (group.length + 1) - 0.5) * size[axis];
      end.at = end.node.at.map((value, which) => value +
        NORMALS[end.side][which] * (size[which] / 2) + (which === axis ? shift : 0));
    });
  }
}

const point = ([a, b, c, d], s) => [0, 1].map((i) => (1 - s) ** 3 * a[i] +
  3 * (1 - s) ** 2 * s * b[i] + 3 * (1 - s) * s ** 2 * c[i] + s ** 3 * d[i]);

function curve(start, end) {
  const gap = Math.hypot(start.at[0] - end.at[0], start.at[1] - end.at[1]);
  const most = start.side === end.side ? REACH.beside : REACH.max;
  const reach = Math.min(most, Math.max(REACH.min, gap * 0.42));
  const out = ({ at, side }, by) => at.map((value, i) => value + NORMALS[side][i] * by);
  const tip = out(end, TIP.length - 1); // the line ends where its tip begins
  return [start.at, out(start, reach), out(end, reach + TIP.length - 1), tip];
}

function tipOf({ at, side }) {
  const [na, nc] = NORMALS[side];
  const foot = (half) => [at[0] + na * TIP.length - nc * half, at[1] + nc * TIP.length + na * half];
  return [at, foot(TIP.half), foot(-TIP.half)];
}

// ---- labels ----

const overlap = (a, b) => {
  const x = (a.width + b.width) / 2 + PLATE.apart - Math.abs(a.x - b.x);
  const y = (a.height + b.height) / 2 + PLATE.apart - Math.abs(a.y - b.y);
  return x > 0 && y > 0 ? x * y : 0;
};
const isIn = ([x, y], box) => Math.abs(x - box.x) < box.width / 2 &&
  Math.abs(y - box.y) < box.height / 2;

const measure = (text) => [...text].reduce((sum, one) =>
  sum + (one > "\u2e80" ? PLATE.wide : PLATE.letter), PLATE.pad);

// A label is best where it hides nothing, and best of all in the middle of its line.
function costOf(spot, line, { labelled, boxes, drawn }) {
  let cost = COST.middle * Math.abs(spot.share - 0.5) + (spot.isBeside ? COST.beside : 0);
  for (const box of boxes) if (overlap(spot, box)) cost += COST.node + overlap(spot, box);
  for (const other of labelled) {
    const hidden = other !== line && other.plate ? overlap(spot, other.plate) : 0;
    if (hidden) cost += COST.plate + hidden;
  }
  for (const other of drawn) {
    if (other !== line && other.samples.some((one) => isIn(one, spot))) cost += COST.line;
  }
  return cost;
}

function placeLabels(drawn, boxes) {
  const labelled = drawn.filter(({ label }) => label);
  for (const line of drawn) {
    line.samples = Array.from({ length: SAMPLES + 1 }, (_, i) => point(line.points, i / SAMPLES));
  }
  for (const line of labelled) {
    const size = { width: measure(line.label), height: PLATE.height };
    const beside = size.width / 2 + BESIDE;
    line.spots = Array.from({ length: SPOTS }, (_, i) => {
      const share = ENDS + (1 - 2 * ENDS) * (i / (SPOTS - 1));
      const [x, y] = point(line.points, share);
      return [0, beside, -beside].map((shift) =>
        ({ ...size, x: x + shift, y, share, isBeside: shift !== 0 }));
    }).flat();
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const line of labelled) {
      const costs = line.spots.map((spot) => costOf(spot, line, { labelled, boxes, drawn }));
      line.plate = line.spots[costs.indexOf(Math.min(...costs))];
    }
  }
}

// ---- all of it ----

const round = (value) => Math.round(value * 10) / 10;
const text = (pair) => pair.map(round).join(" ");

/**
 * lines: with the label each is to have ("": none). isTall: for a narrow screen. Returns {nodes,
 * lines, width, height, node}: nodes with x and y of their middle, lines with path, tip and plate;
 * node: the size of one.
 */
export function layOut(nodes, lines, isTall = false) {
  const shape = SHAPES[isTall ? "tall" : "wide"];
  const turn = ([along, across]) => (isTall ? [across, along] : [along, across]);
  const size = turn([shape.node.width, shape.node.height]);
  const sizeOf = ({ kind }) => (kind === "people" ? [2 * ROUND, 1.6 * ROUND] : size);
  const { placed, across } = placeNodes(nodes, shape);
  placeBroker(placed, { shape, across, isTall });
  const all = [...placed.values()];
  const drawn = lines.map((line, i) => {
    const [from, to] = [placed.get(line.from), placed.get(line.to)];
    const [leaves, arrives] = sidesOf(from, to, all, size[1] + shape.straight);
    return { ...line, start: { node: from, side: leaves, other: to, turn: i },
      end: { node: to, side: arrives, other: from, turn: i } };
  });
  spread(drawn.flatMap(({ start, end }) => [start, end]), sizeOf);
  for (const line of drawn) {
    line.points = curve(line.start, line.end).map(turn);
    const [a, b, c, d] = line.points;
    line.path = `M${text(a)}C${text(b)} ${text(c)} ${text(d)}`;
    line.tip = `M${tipOf(line.end).map(turn).map(text).join("L")}z`;
  }
  const found = all.map(({ at, ...node }) => {
    const [x, y] = turn(at);
    return { ...node, x, y };
  });
  placeLabels(drawn, found.map(({ x, y, kind }) => ({ x, y, height: shape.node.height,
    width: kind === "people" ? 2 * ROUND : shape.node.width })));
  const [width, height] = isTall ? [across + shape.edge, shape.length + shape.below]
    : [shape.length, across + shape.below];
  return { nodes: found, lines: drawn, width, height, node: shape.node };
}
