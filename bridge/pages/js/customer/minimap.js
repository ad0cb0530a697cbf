// A locker from the front, with one compartment marked. Compartments stand in columns from the top;
// a door's height is its capacity. Positions are attributes: no style is needed.
import { html } from "../lib.js";
import { t } from "../words.js";

const UNITS = { S: 1, M: 2, L: 4 };
const COLUMN_UNITS = 8;
const UNIT = 12, GAP = 2, WIDTH = 36;

// [{number, x, y, height}] in columns of at most COLUMN_UNITS, by number.
export function place(compartments) {
  const tallest = Math.max(0, ...compartments.map(({ size }) => UNITS[size]));
  const total = compartments.reduce((sum, { size }) => sum + UNITS[size], 0);
  const most = Math.max(tallest, Math.min(COLUMN_UNITS, Math.ceil(total / 2)));
  const placed = [];
  let column = 0, used = 0;
  for (const { number, size } of [...compartments].sort((a, b) => a.number - b.number)) {
    if (used + UNITS[size] > most) {
      column++;
      used = 0;
    }
    placed.push({ number, x: GAP + column * (WIDTH + GAP), y: GAP + used * (UNIT + GAP),
      height: UNITS[size] * (UNIT + GAP) - GAP });
    used += UNITS[size];
  }
  return { placed, width: GAP + (column + 1) * (WIDTH + GAP), height: GAP + most * (UNIT + GAP) };
}

export function Minimap({ locker, number }) {
  if (!locker || !locker.compartments.length) return null;
  const { placed, width, height } = place(locker.compartments);
  const here = placed.find((one) => one.number === number);
  return html`<svg class="minimap" viewBox=${`0 0 ${width} ${height}`} role="img"
    aria-label=${t("code.map", { n: number })}>
    ${placed.map((one) => html`<rect class=${one === here ? "here" : undefined} x=${one.x}
      y=${one.y} width=${WIDTH} height=${one.height} rx="1" />`)}
    ${here && html`<text x=${here.x + WIDTH / 2} y=${here.y + here.height / 2 + 4}>
      ${number}</text>`}
  </svg>`;
}
