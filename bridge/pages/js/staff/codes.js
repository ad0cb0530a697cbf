// A label's code as a drawing: one path, black on white whatever the theme.
import { html } from "../lib.js";
import { code128, modulesOf } from "./code128.js";
import { qr } from "./qr.js";

const QR_QUIET = 4, BAR_QUIET = 10, BAR_HEIGHT = 40;

export function QrCode({ text, label }) {
  const rows = qr(text);
  const side = rows.length + 2 * QR_QUIET;
  const path = rows.flatMap((row, y) => row.map((dark, x) =>
    (dark ? `M${x + QR_QUIET} ${y + QR_QUIET}h1v1h-1z` : ""))).join("");
  return html`<svg class="label-qr" viewBox=${`0 0 ${side} ${side}`} role="img" aria-label=${label}
    shape-rendering="crispEdges"><path class="label-paper" d=${`M0 0h${side}v${side}H0z`} />
    <path d=${path} /></svg>`;
}

export function BarCode({ text, label }) {
  const width = modulesOf(text) + 2 * BAR_QUIET;
  let x = BAR_QUIET, path = "";
  code128(text).forEach((one, i) => {
    if (i % 2 === 0) path += `M${x} 0h${one}v${BAR_HEIGHT}h-${one}z`;
    x += one;
  });
  return html`<svg class="label-bars" viewBox=${`0 0 ${width} ${BAR_HEIGHT}`} role="img"
    aria-label=${label} preserveAspectRatio="none" shape-rendering="crispEdges">
    <path class="label-paper" d=${`M0 0h${width}v${BAR_HEIGHT}H0z`} /><path d=${path} /></svg>`;
}
