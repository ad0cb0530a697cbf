// Arrow keys on the wall: to the door that lies there, as the doors stand; over the edge of a
// locker to the next one.
const WAYS = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
const ASIDE = 3; // a door that lies aside counts as so much further

/**
 * Pure: the index of the box that lies nearest from `from` in a direction, or -1. Boxes are
 * {left, right, top, bottom}; only those that begin beyond the middle of `from` count.
 */
export function nearest(from, boxes, key) {
  const { x, y } = WAYS[key];
  let best = -1, bestCost = Infinity;
  boxes.forEach((box, i) => {
    const [near, low, high, fromNear, fromLow, fromHigh] = x
      ? [x > 0 ? box.left : -box.right, box.top, box.bottom,
        x > 0 ? from.right : -from.left, from.top, from.bottom]
      : [y > 0 ? box.top : -box.bottom, box.left, box.right,
        y > 0 ? from.bottom : -from.top, from.left, from.right];
    const ahead = near - fromNear;
    if (ahead < -2) return;
    const aside = Math.max(0, low - fromHigh + 1, fromLow - high + 1);
    const cost = ahead + ASIDE * aside + Math.abs(low - fromLow) / 1000;
    if (cost < bestCost) {
      best = i;
      bestCost = cost;
    }
  });
  return best;
}

const boxesOf = (elements) => elements.map((element) => element.getBoundingClientRect());
const tilesOf = (locker) => [...locker.querySelectorAll(".tile")];

// The tile that a key leads to, or null.
export function tileBeside(tile, key) {
  const locker = tile.closest(".locker");
  const from = tile.getBoundingClientRect();
  const inside = tilesOf(locker).filter((one) => one !== tile);
  const isOverlap = (box) => (WAYS[key].x ? box.top < from.bottom && box.bottom > from.top
    : box.left < from.right && box.right > from.left);
  const near = inside.filter((one) => isOverlap(one.getBoundingClientRect()));
  const here = nearest(from, boxesOf(near), key);
  if (here >= 0) return near[here];
  const others = [...locker.closest(".wall").querySelectorAll(".locker")]
    .filter((one) => one !== locker && one.querySelector(".tile"));
  const next = nearest(locker.getBoundingClientRect(), boxesOf(others), key);
  if (next < 0) return null;
  const there = tilesOf(others[next]);
  const index = nearest(from, boxesOf(there), key);
  return there[index < 0 ? 0 : index];
}

export const isArrow = (key) => key in WAYS;
