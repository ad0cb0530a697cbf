// 10 Toast: says what was done, can be undone, and leaves.
import { html, useEffect } from "../lib.js";
import { signal, useSignal } from "../signal.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

const TOAST_MS = 6000;
const shown = signal(null);

export const toast = (text, undo) => shown.set({ text, undo });

// The place where toasts appear; App has it once.
export function Toasts() {
  const now = useSignal(shown);
  useEffect(() => {
    if (!now) return undefined;
    const timer = setTimeout(() => shown.set(null), TOAST_MS);
    return () => clearTimeout(timer);
  }, [now]);
  const undo = () => {
    shown.set(null);
    now.undo();
  };
  return html`<div class="toasts" role="status">
    ${now && html`<div class="toast"><${Icon} name="check" /><span>${now.text}</span>
      ${now.undo && html`<button class="button compact" type="button" onClick=${undo}>
        ${t("toast.undo")}</button>`}</div>`}
  </div>`;
}
