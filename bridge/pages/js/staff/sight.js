// What a camera has in sight: which label is meant, how a code is told to the server, what of the
// video is seen. Pure.

const GONE_MS = 1500; // a label counts again when it was out of sight for so long
const RETAIL = { ean_13: "]E0", ean_8: "]E4", upc_a: "]E0" }; // rules/devices.md 3.2
const GS1 = { code_128: "]C1", data_matrix: "]d2", qr_code: "]Q3" };
const FNC1 = "\u001d";
const GTIN = /^01(\d{13})(\d)/;

// The last digit of a GTIN, from the others.
function checkDigit(digits) {
  const sum = [...digits].reduce((all, one, i) => all + one * (i % 2 ? 1 : 3), 0);
  return (10 - (sum % 10)) % 10;
}

function isGs1(text) {
  const [, digits, check] = GTIN.exec(text) || [];
  return text.includes(FNC1) || (digits !== undefined && checkDigit(digits) === Number(check));
}

/**
 * A code as a scanner would send it, which names GS1 and shops' codes by an AIM identifier.
 * Browsers tell none: a text of GS1 shows itself by its separators, or by a GTIN that is right.
 */
export function aimed(format, text) {
  if (text.startsWith("]")) return text;
  if (format in RETAIL) return RETAIL[format] + text;
  if (!(format in GS1) || !isGs1(text)) return text;
  return GS1[format] + (text.startsWith(FNC1) ? text.slice(1) : text);
}

/** The codes, the nearest to the middle of the picture first. */
export function fromTheMiddle(codes, { width, height }) {
  const far = ({ x, y }) => Math.hypot(x - width / 2, y - height / 2);
  return [...codes].sort((a, b) => far(a) - far(b));
}

/**
 * The part of a video that is in sight when it covers a box, and the size to look at it in:
 * {x, y, width, height, scale}, or null before there is a picture.
 */
export function inSight({ videoWidth, videoHeight, clientWidth, clientHeight }, sideMax) {
  if (!(videoWidth && videoHeight && clientWidth && clientHeight)) return null;
  const grown = Math.max(clientWidth / videoWidth, clientHeight / videoHeight);
  const width = Math.round(clientWidth / grown), height = Math.round(clientHeight / grown);
  return { x: Math.round((videoWidth - width) / 2), y: Math.round((videoHeight - height) / 2),
    width, height, scale: Math.min(1, sideMax / Math.max(width, height)) };
}

/** Tells the label that somebody has just aimed at from what is only in sight, or still is. */
export class Sight {
  constructor() {
    this.taken = new Map(); // text -> when it was in sight last
  }

  // texts in sight, the nearest to the middle first -> the one to take, or null.
  take(texts, now) {
    for (const [text, at] of this.taken) if (now - at >= GONE_MS) this.taken.delete(text);
    const [meant = null] = texts;
    const isNew = meant !== null && !this.taken.has(meant);
    for (const text of texts) {
      if (text === meant || this.taken.has(text)) this.taken.set(text, now);
    }
    return isNew ? meant : null;
  }
}
