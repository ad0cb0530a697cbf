// 9 Verdict: what the server said of a scan. Read from two metres; heard and felt as well.
import { html } from "../lib.js";
import { Icon } from "./icon.js";

// tone: "good" accepted, "bad" refused, "calm" ready, "warn" stored.
const ICONS = { good: "delivered", bad: "jammed", calm: "scan", warn: "away" };

export const Verdict = ({ tone, word, label, say }) =>
  html`<div class="verdict" data-tone=${tone} role=${tone === "bad" ? "alert" : "status"}>
    <${Icon} name=${ICONS[tone]} />
    <div><p class="verdict-word">${word}</p><p class="verdict-label">${label}</p></div>
    ${say && html`<p class="verdict-say">${say}</p>`}
  </div>`;
