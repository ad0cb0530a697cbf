// Our own labels: LS:<letter>:<value>:<check> (rules/devices.md 3.3). Pure.

const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-";
const CHECKS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";
const FORM = /^LS:([PABTOCX]):([0-9A-Z-]{1,24}):([0-9A-Z*])$/;
const MODULUS = 37;

export const LETTERS = { product: "P", asset: "A", bin: "B", tote: "T", order: "O",
  compartment: "C", command: "X" };
const KINDS = Object.fromEntries(Object.entries(LETTERS).map(([kind, letter]) => [letter, kind]));

export const isValue = (value) => /^[0-9A-Z-]{1,24}$/.test(value);

// ISO/IEC 7064 MOD 37-2 over letter and value.
export function checkCharacter(text) {
  let sum = 0;
  for (const sign of text) sum = ((sum + SIGNS.indexOf(sign)) * 2) % MODULUS;
  return CHECKS[(MODULUS + 1 - sum) % MODULUS];
}

// labelOf("asset", "LT-7") -> "LS:A:LT-7:S"
export function labelOf(kind, value) {
  const letter = LETTERS[kind];
  return `LS:${letter}:${value}:${checkCharacter(letter + value)}`;
}

// {kind, value} of a label of ours whose check character is right, or null.
export function readLabel(text) {
  const [, letter, value, check] = FORM.exec(text) || [];
  if (!letter || checkCharacter(letter + value) !== check) return null;
  return { kind: KINDS[letter], value };
}

// "LOCKER-1-03" of a locker's name and a compartment's number.
export const compartmentValue = (device, number) =>
  `${device.toUpperCase()}-${String(number).padStart(2, "0")}`;
