// Where the nodes and lines of the map are: columns by what a process does, rows by how many there
// are. Pure.

export const NODE = { width: 132, height: 62 };
const MIDDLE = { people: 56, bridge: 244, left: 458, right: 732, devices: 920 };
export const WIDTH = 1000;
const ROW = 148;
const TOP = 24;
const BELOW = 104; // for the broker
const REACH = { min: 34, max: 130, beside: 58 }; // of a curve; past others of its column
const PLACES = [0.5, 0.4, 0.6, 0.32, 0.68, 0.25, 0.75, 0.18, 0.82];
const PLATE = { height: 22, letter: 7.4, wide: 13, pad: 12 };

const NORMALS = { left: [-1, 0], right: [1, 0], top: [0, -1], bottom: [0, 1] };

function placeNodes(nodes) {
  const rows = Math.max(3, ...["bridge", "left", "right"].map((column) =>
    nodes.filter((node) => node.column === column).length));
  const area = rows * ROW;
  const placed = new Map();
  for (const node of nodes) {
    const mates = nodes.filter(({ column }) => column === node.column);
    const y = TOP + (area * (mates.indexOf(node) + 0.5)) / mates.length;
    placed.set(node.id, { ...node, x: MIDDLE[node.column] ?? WIDTH / 2, y });
  }
  for (const node of placed.values()) {
    if (node.column === "devices") node.y = placed.get(node.owner).y;
    if (node.column === "below") node.y = TOP + area + BELOW / 2;
  }
  return { placed, height: TOP + area + BELOW };
}

// The sides at which a line leaves and arrives.
function sidesOf(from, to) {
  if (from.x < to.x) return ["right", "left"];
  if (from.x > to.x) return ["left", "right"];
  if (Math.abs(from.y - to.y) > 1.2 * ROW) return ["left", "left"];
  return from.y < to.y ? ["bottom", "top"] : ["top", "bottom"];
}

const isUpright = (side) => side === "left" || side === "right";

// Lines that meet a node on one side lie beside each other, in the order of their other ends.
function spread(ends) {
  const groups = new Map();
  for (const end of ends) {
    const key = end.node.id + end.side;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(end);
  }
  for (const group of groups.values()) {
    const along = isUpright(group[0].side) ? "y" : "x";
    group.sort((a, b) => a.other[along] - b.other[along] || a.turn - b.turn);
    group.forEach((end, i) => {
      const { node, side } = end;
      const [nx, ny] = NORMALS[side];
      const share = (i + 1) / (group.length + 1) - 0.5;
      const round = node.kind === "people" ? 0.8 : 1;
      const width = (node.kind === "people" ? 92 : NODE.width) * round;
      const height = (node.kind === "people" ? 92 : NODE.height) * round;
      end.at = isUpright(side)
        ? [node.x + (nx * (node.kind === "people" ? 46 : NODE.width / 2)), node.y + share * height]
        : [node.x + share * width, node.y + (ny * NODE.height) / 2];
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
  const tip = out(end, 10); // the line ends where its tip begins
  return [start.at, out(start, reach), out(end, reach + 10), tip];
}

const overlaps = (a, b) => Math.abs(a.x - b.x) < (a.width + b.width) / 2 + 3 &&
  Math.abs(a.y - b.y) < (a.height + b.height) / 2 + 2;

const measure = (text) => [...text].reduce((sum, one) =>
  sum + (one > "\u2e80" ? PLATE.wide : PLATE.letter), PLATE.pad);

function placeLabels(lines, taken) {
  for (const line of lines.filter(({ label }) => label)) {
    const box = { width: measure(line.label), height: PLATE.height };
    const spots = PLACES.map((share) => {
      const [x, y] = point(line.points, share);
      return { ...box, x, y };
    });
    line.plate = spots.find((spot) => !taken.some((other) => overlaps(spot, other))) || spots[0];
    taken.push(line.plate);
  }
}

const round = (value) => Math.round(value * 10) / 10;
const text = (pair) => pair.map(round).join(" ");

function tipOf({ at, side }) {
  const [nx, ny] = NORMALS[side];
  const [x, y] = at;
  return `M${text([x, y])}L${text([x + nx * 11 - ny * 6, y + ny * 11 - nx * 6])}` +
    `L${text([x + nx * 11 + ny * 6, y + ny * 11 + nx * 6])}z`;
}

/**
 * lines: with the label each is to have ("": none). Returns {nodes, lines, width, height}: nodes
 * with x and y of their middle, lines with path, tip and plate.
 */
export function layOut(nodes, lines) {
  const { placed, height } = placeNodes(nodes);
  const drawn = lines.map((line, turn) => {
    const [from, to] = [placed.get(line.from), placed.get(line.to)];
    const [leaves, arrives] = sidesOf(from, to);
    return { ...line, start: { node: from, side: leaves, other: to, turn },
      end: { node: to, side: arrives, other: from, turn } };
  });
  spread(drawn.flatMap(({ start, end }) => [start, end]));
  for (const line of drawn) {
    line.points = curve(line.start, line.end);
    const [a, b, c, d] = line.points;
    line.path = `M${text(a)}C${text(b)} ${text(c)} ${text(d)}`;
    line.tip = tipOf(line.end);
  }
  const taken = [...placed.values()].map(({ x, y, kind }) =>
    ({ x, y, width: kind === "people" ? 92 : NODE.width, height: NODE.height }));
  placeLabels(drawn, taken);
  return { nodes: [...placed.values()], lines: drawn, width: WIDTH, height };
}
