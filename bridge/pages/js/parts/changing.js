// A value that has just changed is marked once, then left alone.
import { html, useEffect, useRef, useState } from "../lib.js";

const CHANGE_MS = 1200; // --change

export function Changing({ value, children }) {
  const before = useRef(value);
  const [mark, setMark] = useState(0);
  useEffect(() => {
    if (before.current === value) return undefined;
    before.current = value;
    setMark((n) => n + 1);
    const timer = setTimeout(() => setMark(0), CHANGE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return html`<span key=${mark} class=${mark ? "changed" : undefined}>${children ?? value}</span>`;
}
