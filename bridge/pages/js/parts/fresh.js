// 4 Fresh: how far the picture is from now. On every live page, always in sight.
import { html } from "../lib.js";
import { useFresh } from "../live.js";
import { clockSeconds, duration, useNow } from "../time.js";
import { t } from "../words.js";

// brief: without the ages, for customers.
export function Fresh({ brief }) {
  const { state, heardAt } = useFresh();
  const now = useNow(state === "live" || brief ? 60000 : 1000);
  const age = duration(now - heardAt);
  const text = state === "live" || brief ? t("fresh." + state)
    : t(`fresh.${state}.age`, { age, at: clockSeconds(heardAt) });
  return html`<span class="fresh" data-fresh=${state} role="status">
    <span class="fresh-mark" aria-hidden="true"></span>${text}
  </span>`;
}

// The class of what came by the stream, and is old while it is away.
export const useStale = () => (useFresh().state === "away" ? " stale" : "");

// A value that is marked once when it changes. The element is made anew, which restarts the mark.
export { Changing } from "./changing.js";
