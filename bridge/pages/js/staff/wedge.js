// A scanner that types: a keyboard wedge. It presses the keys of an American keyboard, whatever the
// computer believes to have: so its keys are read by where they are (event.code), and no French or
// Korean layout does harm. Who types by hand is read as it shows in the field.
import { readLabel } from "./label.js";

const FAST_MS = 40; // mean time from key to key; no hand is that fast
const LENGTH_MIN = 4;
const SYMBOLS = {
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|",
  Semicolon: ";:", Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?",
  Space: "  ",
};
const DIGITS_SHIFTED = ")!@#$%^&*(";
const NUMPAD = { NumpadMultiply: "*", NumpadAdd: "+", NumpadSubtract: "-", NumpadDecimal: ".",
  NumpadDivide: "/" };
const GROUP_SEPARATOR = "\u001d"; // FNC1 between the parts of a GS1 code comes as Ctrl+]

// What a key types on an American keyboard, or "" for one that types nothing.
export function typedBy({ code, shiftKey, ctrlKey, altKey, metaKey }) {
  if (ctrlKey && code === "BracketRight") return GROUP_SEPARATOR;
  if (ctrlKey || altKey || metaKey || !code) return "";
  if (/^Key[A-Z]$/.test(code)) return shiftKey ? code[3] : code[3].toLowerCase();
  if (/^Digit\d$/.test(code)) return shiftKey ? DIGITS_SHIFTED[code[5]] : code[5];
  if (/^Numpad\d$/.test(code)) return code[6];
  if (code in NUMPAD) return NUMPAD[code];
  return code in SYMBOLS ? SYMBOLS[code][shiftKey ? 1 : 0] : "";
}

export const isEnter = ({ code, key }) =>
  code === "Enter" || code === "NumpadEnter" || (!code && key === "Enter");

/** Empties a field, also of the syllable that a Korean input method still holds. */
export function empty(field) {
  field.value = "";
  setTimeout(() => {
    if (field.value && !/[ -~]/.test(field.value)) field.value = "";
  });
}

/** The keys since the field was empty. */
export class Keys {
  constructor() {
    this.clear();
  }

  clear() {
    Object.assign(this, { text: "", isWhole: true, firstMs: 0, lastMs: 0 });
  }

  // The text was changed in another way than by typing at its end.
  spoil() {
    this.isWhole = false;
  }

  press(event) {
    if (event.code === "Backspace") {
      this.text = this.text.slice(0, -1);
      return;
    }
    if (/^(Arrow|Home|End|Delete|Page)/.test(event.code)) this.spoil();
    const sign = typedBy(event);
    if (!sign) return;
    if (!this.text) this.firstMs = event.timeStamp;
    this.lastMs = event.timeStamp;
    this.text += sign;
  }

  isFast() {
    const { length } = this.text;
    return length >= LENGTH_MIN && (this.lastMs - this.firstMs) / (length - 1) <= FAST_MS;
  }

  /**
   * The text that was meant. shown: what stands in the field. A label of ours proves itself by its
   * check character, whichever way it was read; anything else is a scan when it came fast.
   */
  read(shown) {
    const byPlace = this.isWhole ? this.text.trim() : "";
    const found = [byPlace, byPlace.toUpperCase(), shown.trim(), shown.trim().toUpperCase()]
      .find(readLabel);
    if (found) return found;
    const isForeign = /[^ -~]/.test(shown); // typed while another alphabet was chosen
    return byPlace && (this.isFast() || isForeign) ? byPlace : shown.trim();
  }
}
