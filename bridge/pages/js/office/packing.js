// How a locker's doors stand. Pure. They are filled column by column from the top, as the CSS grid
// does: S takes one row, M two, L four; the keypad two, first in the second column.
export const ROWS = { S: 1, M: 2, L: 4 };
const PAD_ROWS = 2;
const HEIGHTS = [4, 6, 8, 12, 16]; // those that console.css knows
const COLUMNS_MAX = 3;

// How many columns these doors take in columns of `rows`, and after which door the keypad comes.
function pack(sizes, rows) {
  let columns = 1, filled = 0, padAfter = -1;
  const put = (height) => {
    if (filled + height > rows) {
      columns++;
      filled = 0;
    }
    filled += height;
  };
  sizes.forEach((size, i) => {
    if (padAfter < 0 && filled + ROWS[size] > rows) {
      padAfter = i;
      columns = 2;
      filled = PAD_ROWS;
    }
    put(ROWS[size]);
  });
  if (padAfter < 0) {
    padAfter = sizes.length;
    columns = 2;
  }
  return { rows, columns, padAfter };
}

// {rows, columns, padAfter} of a locker with doors of these sizes, in their order.
export function packDoors(sizes) {
  const packed = HEIGHTS.map((rows) => pack(sizes, rows));
  return packed.find(({ columns }) => columns <= COLUMNS_MAX) || packed.at(-1);
}
