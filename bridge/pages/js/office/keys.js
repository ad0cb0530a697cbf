// Keys of a page. They work wherever no text is typed and no dialog is open.
import { useEffect, useRef } from "../lib.js";

const isTyping = (element) => element.closest?.("input, select, textarea, [contenteditable]");

/**
 * keys: {"j": fn, "ArrowLeft": fn, ...}; fn(event) answers false when it had nothing to do. While
 * text is typed only Escape works.
 */
export function useKeys(keys) {
  const now = useRef();
  now.current = keys;
  useEffect(() => {
    const onKey = (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (document.querySelector("dialog[open]")) return;
      if (isTyping(event.target) && event.key !== "Escape") return;
      const key = now.current[event.key];
      if (key && key(event) !== false) event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

// The one after `current` in a list (-1: before it), by what tells them apart; its end stays.
export function step(list, idOf, current, by) {
  if (!list.length) return null;
  const index = list.findIndex((one) => idOf(one) === current);
  if (index < 0) return list[0];
  return list[Math.min(list.length - 1, Math.max(0, index + by))];
}
