// The frame of pages for who is not signed in: a wall of doors, and one form.
import { html, useEffect } from "../lib.js";
import { useSignal } from "../signal.js";
import { setTheme, theme, THEMES } from "../theme.js";
import { language, setLanguage, t } from "../words.js";
import { Choices } from "../parts/button.js";
import { Brand } from "../parts/nav.js";

// A wall of doors, for the eye: columns of heights in units of a small door. P the keypad, O one
// that is open.
const WALL = ["1 1 2 4", "4 1 1 2", "P 2 1 1 2", "2 O 4", "1 1 1 1 4", "4 2 2"];
const UNIT = 56, WIDTH = 104, GAP = 8;
const KEYS = [0, 1, 2, 3].flatMap((row) =>
  [0, 1, 2].map((column) => [25 + column * 20, 18 + row * 20]));

function Door({ kind, x, y }) {
  const height = (Number(kind) || 2) * UNIT - GAP;
  const leaf = `M${x} ${y}l46 12v98l-46 -6z`;
  if (kind === "P") {
    return html`<rect class="pad" x=${x} y=${y} width=${WIDTH} height=${height} rx="2" />
      ${KEYS.map(([dx, dy]) => html`<rect class="pad-key" x=${x + dx} y=${y + dy} width="13"
        height="13" rx="2" />`)}`;
  }
  if (kind === "O") {
    return html`<rect class="inside" x=${x} y=${y} width=${WIDTH} height=${height} rx="2" />
      <path class="leaf" d=${leaf} />`;
  }
  return html`<rect x=${x} y=${y} width=${WIDTH} height=${height} rx="2" />
    <path class="hole" d=${`M${x + 95} ${y + height / 2 - 5}v10`} />`;
}

function Doors() {
  return html`<svg class="gate-doors" viewBox="0 0 680 456" preserveAspectRatio="xMidYMin slice"
    aria-hidden="true">${WALL.map((column, i) => {
      let y = GAP;
      return column.split(" ").map((kind) => {
        const at = y;
        y += (Number(kind) || 2) * UNIT;
        return html`<${Door} kind=${kind} x=${GAP + i * (WIDTH + GAP)} y=${at} />`;
      });
    })}</svg>`;
}

/** title: the heading; tab: what the browser's tab says, if it is another. */
export function Gate({ title, tab, children }) {
  const chosen = useSignal(theme);
  useEffect(() => {
    document.title = tab || `${title} – ${t("app.name")}`;
  }, [title, tab]);
  return html`<div class="gate">
    <${Doors} />
    <main id="main">
      <${Brand} />
      <h1>${title}</h1>
      ${children}
      <div class="gate-foot">
        <${Choices} label="언어 / Language" value=${language.get()} onChange=${setLanguage}
          options=${[{ value: "ko", label: "한국어" }, { value: "en", label: "English" }]} />
        <${Choices} label=${t("app.theme")} value=${chosen} onChange=${setTheme}
          options=${THEMES.map((value) => ({ value, label: t("app.theme." + value) }))} />
      </div>
    </main>
  </div>`;
}
