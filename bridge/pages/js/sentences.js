// Sentences of a server, known by their patterns. Pure.
//
// In a pattern {n} {m} {k} stand for numbers, {l} for a locker's device, {e} for the end of an
// opening, {t} for a time, {a} {b} for any text.
const PARTS = { n: "\\d+", m: "\\d+", k: "\\d+", l: "[a-z][a-z0-9-]*", e: "[a-z_]+",
  t: "[\\dT:.-]+Z", a: ".+?", b: ".+?" };
const INNER_FIRST = 1000;

const expression = (pattern) => new RegExp("^" + pattern.replace(/[.*+?^$()|[\]\\]/g, "\\$&")
  .replace(/\{(\w)\}/g, (_, name) => `(?<${name}>${PARTS[name]})`) + "$");

/**
 * readerOf(patterns, inner) -> read(sentence) -> {pattern, values}, or null. inner: patterns whose
 * {a} is a sentence of its own; they are tried first, then those that say most for certain.
 */
export function readerOf(patterns, inner) {
  const firmness = (pattern) => pattern.replace(/\{\w\}/g, "").length +
    (inner.includes(pattern) ? INNER_FIRST : 0);
  let tried = null;
  return (sentence) => {
    tried ||= [...patterns].sort((a, b) => firmness(b) - firmness(a))
      .map((pattern) => ({ matches: expression(pattern), pattern }));
    for (const { matches, pattern } of tried) {
      const found = matches.exec(sentence);
      if (found) return { pattern, values: { ...found.groups } };
    }
    return null;
  };
}

export const filled = (text, values) => text.replace(/\{(\w)\}/g, (_, name) => values[name]);
