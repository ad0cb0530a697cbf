// Icons and drawings: symbols of icons.svg, which index.html carries.
import { html } from "../lib.js";

export const Icon = ({ name }) =>
  html`<svg class="icon" aria-hidden="true"><use href=${"#i-" + name} /></svg>`;

// A drawing of goods, by what their name says.
const DRAWINGS = [
  ["laptop", /laptop|notebook|computer|노트북|컴퓨터|pc\b/i],
  ["monitor", /monitor|display|screen|모니터/i],
  ["projector", /projector|beamer|프로젝터/i],
  ["chair", /chair|stool|의자/i],
  ["tablet", /tablet|ipad|태블릿/i],
  ["camera", /camera|카메라/i],
  ["headset", /headset|headphone|헤드셋|헤드폰/i],
  ["desk", /desk|table\b|책상|테이블/i],
  ["dock", /dock|adapter|cable|도킹|어댑터/i],
];

export function Drawing({ of }) {
  const known = DRAWINGS.find(([, words]) => words.test(of || ""));
  return html`<svg class="drawing" viewBox="6 2 84 68" aria-hidden="true">
    <use href=${"#p-" + (known ? known[0] : "box")} />
  </svg>`;
}

export const Mark = () => html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <path fill="currentColor" d="M2 2h9v9H2zM2 13h9v9H2zM13 13h9v9h-9z" />
  <path fill="none" stroke="currentColor" stroke-width="2" d="M14 10V3h7" />
</svg>`;
