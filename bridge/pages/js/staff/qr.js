// A QR code (ISO/IEC 18004) of a label of ours: capital letters, digits and a few signs, correction
// level M, versions 1 to 3. That is all that our labels need. Pure.

const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
// By version: code words of data, and of correction. One block each.
const VERSIONS = [[16, 10], [28, 16], [44, 26]];
const FORMAT_MASK = 0x5412, FORMAT_POLYNOMIAL = 0x537;
const FIELD = 0x11d;
const MASKS = [
  (x, y) => (x + y) % 2 === 0, (x, y) => y % 2 === 0, (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0, (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function bitsOf(text, words) {
  const bits = [];
  const put = (value, length) => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1);
  };
  put(2, 4);
  put(text.length, 9);
  for (let i = 0; i < text.length; i += 2) {
    const first = SIGNS.indexOf(text[i]);
    if (i + 1 < text.length) put(first * 45 + SIGNS.indexOf(text[i + 1]), 11);
    else put(first, 6);
  }
  put(0, Math.min(4, words * 8 - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < words * 8; pad ^= 0xec ^ 0x11) put(pad, 8);
  return bits;
}

const bytesOf = (bits) => Array.from({ length: bits.length / 8 },
  (_, i) => bits.slice(i * 8, i * 8 + 8).reduce((sum, bit) => sum * 2 + bit, 0));

function multiply(a, b) {
  let product = 0;
  for (let i = 7; i >= 0; i--) {
    product = (product << 1) ^ ((product >> 7) * FIELD);
    product ^= ((b >> i) & 1) * a;
  }
  return product;
}

// Reed-Solomon code words of some data.
function correction(data, count) {
  const divisor = [...Array(count - 1).fill(0), 1];
  let root = 1;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      divisor[j] = multiply(divisor[j], root) ^ (j + 1 < count ? divisor[j + 1] : 0);
    }
    root = multiply(root, 2);
  }
  const rest = Array(count).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((one, i) => {
      rest[i] ^= multiply(one, factor);
    });
  }
  return rest;
}

// A square of modules: null until something is there.
class Square {
  constructor(version) {
    this.size = 17 + 4 * version;
    this.rows = Array.from({ length: this.size }, () => Array(this.size).fill(null));
    this.fixed = new Set();
    for (const [x, y] of [[3, 3], [this.size - 4, 3], [3, this.size - 4]]) this.finder(x, y);
    if (version > 1) this.rings(this.size - 7, this.size - 7, 2, (far) => far !== 1);
    for (let i = 8; i < this.size - 8; i++) {
      this.fix(i, 6, i % 2 === 0);
      this.fix(6, i, i % 2 === 0);
    }
    this.format(0);
  }

  fix(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.rows[y][x] = dark;
    this.fixed.add(y * this.size + x);
  }

  rings(cx, cy, reach, isDark) {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        this.fix(cx + dx, cy + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  }

  finder(x, y) {
    this.rings(x, y, 4, (far) => far !== 2 && far !== 4);
  }

  // Level M, and which mask; told twice.
  format(mask) {
    let rest = mask;
    for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * FORMAT_POLYNOMIAL);
    const bits = ((mask << 10) | rest) ^ FORMAT_MASK;
    const bit = (i) => ((bits >> i) & 1) === 1;
    const { size } = this;
    for (let i = 0; i < 6; i++) this.fix(8, i, bit(i));
    this.fix(8, 7, bit(6));
    this.fix(8, 8, bit(7));
    this.fix(7, 8, bit(8));
    for (let i = 9; i < 15; i++) this.fix(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i++) this.fix(size - 1 - i, 8, bit(i));
    for (let i = 8; i < 15; i++) this.fix(8, size - 15 + i, bit(i));
    this.fix(8, size - 8, true);
  }

  // Two columns at a time, from the right, up and down in turn.
  fill(bits, mask) {
    let next = 0;
    for (let right = this.size - 1, up = true; right >= 1; right -= 2, up = !up) {
      if (right === 6) right = 5;
      for (let i = 0; i < this.size; i++) {
        const y = up ? this.size - 1 - i : i;
        for (const x of [right, right - 1]) {
          if (this.fixed.has(y * this.size + x)) continue;
          this.rows[y][x] = (bits[next++] === 1) !== MASKS[mask](x, y);
        }
      }
    }
  }

  // How hard it is to read (7.8.3).
  penalty() {
    const columns = this.rows.map((_, x) => this.rows.map((row) => row[x]));
    let sum = 0, dark = 0;
    for (const line of [...this.rows, ...columns]) {
      const text = line.map(Number).join("");
      for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
      for (const wanted of ["10111010000", "00001011101"]) {
        for (let at = -1; (at = text.indexOf(wanted, at + 1)) >= 0;) sum += 40;
      }
    }
    for (let y = 0; y < this.size; y++) {
      for (let x = 0; x < this.size; x++) {
        const one = this.rows[y][x];
        dark += one ? 1 : 0;
        if (x && y && one === this.rows[y][x - 1] && one === this.rows[y - 1][x] &&
            one === this.rows[y - 1][x - 1]) sum += 3;
      }
    }
    return sum + Math.floor(Math.abs(dark * 20 - this.size ** 2 * 10) / this.size ** 2) * 10;
  }
}

function draw(bits, version, mask) {
  const square = new Square(version);
  square.format(mask);
  square.fill(bits, mask);
  return square;
}

/** Rows of modules, true where they are dark. mask: for tests; else the best one. */
export function qr(text, mask) {
  const at = VERSIONS.findIndex(([data]) =>
    4 + 9 + Math.floor(text.length / 2) * 11 + (text.length % 2) * 6 <= data * 8);
  if (at < 0 || [...text].some((sign) => !SIGNS.includes(sign))) {
    throw new Error(`'${text}' is no label of ours, so there is no QR code of it`);
  }
  const [data, ec] = VERSIONS[at];
  const bits = bitsOf(text, data);
  for (const byte of correction(bytesOf(bits), ec)) {
    for (let i = 7; i >= 0; i--) bits.push((byte >> i) & 1);
  }
  if (mask !== undefined) return draw(bits, at + 1, mask).rows;
  const all = MASKS.map((_, i) => draw(bits, at + 1, i));
  return all.reduce((best, one) => (one.penalty() < best.penalty() ? one : best)).rows;
}
