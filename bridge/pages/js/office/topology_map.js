// The drawing of the map. The same facts are in the tables under it.
import { html, useMemo } from "../lib.js";
import { t } from "../words.js";
import { layOut, NODE } from "./topology_layout.js";
import { worriesOf } from "./topology_model.js";
import { labelOf, nameOf, noteOf } from "./topology_text.js";

const ROUND = 46; // radius of people
const thickness = (perS) => Math.min(6, 1.5 + Math.log2(1 + perS));
const MARKS = {
  warn: "M0 0l9 16h-18zM0 6v4.5M0 13.2v.2",
  bad: "M-4 0h8l4 4v8l-4 4h-8l-4 -4v-8zM-3 5l6 6m0 -6l-6 6",
};

function Shape({ kind, x, y, look }) {
  const [left, top] = [x - NODE.width / 2, y - NODE.height / 2];
  const box = { x: left, y: top, width: NODE.width, height: NODE.height };
  if (kind === "people") return html`<circle class="node" cx=${x} cy=${y} r=${ROUND} />`;
  if (kind === "broker") {
    const [w, h] = [NODE.width / 2 + 42, NODE.height / 2];
    return html`<path class="node" d=${`M${x - w + 16} ${y - h}H${x + w - 16}L${x + w} ${y}` +
      `L${x + w - 16} ${y + h}H${x - w + 16}L${x - w} ${y}z`} />`;
  }
  if (kind === "devices") {
    return html`<rect class="behind" ...${{ ...box, x: left + 7, y: top - 7 }} rx="2" />
      <rect class="node" ...${box} rx="2" />`;
  }
  return html`<rect class=${"node" + look} ...${box} rx="15" />`;
}

function Chosen({ kind, x, y }) {
  if (kind === "people") return html`<circle class="chosen" cx=${x} cy=${y} r=${ROUND + 6} />`;
  const wide = NODE.width + 12 + (kind === "broker" ? 96 : 0);
  return html`<rect class="chosen" x=${x - wide / 2} y=${y - NODE.height / 2 - 6} width=${wide}
    height=${NODE.height + 12} rx=${kind === "process" ? 20 : 6} />`;
}

function Node({ node, note, isChosen, onChoose }) {
  const { id, x, y, tone, kind, state } = node;
  const isGone = ["silent", "offline", "unknown"].includes(state);
  return html`<g class="pick" data-tone=${tone || undefined} data-node=${id}
    onClick=${() => onChoose(id)}>
    ${isChosen && html`<${Chosen} ...${node} />`}
    <${Shape} kind=${kind} x=${x} y=${y} look=${isGone ? " gone" : ""} />
    ${MARKS[tone] && html`<path class="mark" transform=${`translate(${x + NODE.width / 2 - 15} ` +
      `${y - NODE.height / 2 + 6})`} d=${MARKS[tone]} />`}
    <text class="mid strong" x=${x} y=${y - 3}>${nameOf(node)}</text>
    <text class="mid faint" x=${x} y=${y + 16}>${note}</text>
  </g>`;
}

const Line = ({ line, isDim }) => html`<g data-tone=${line.tone || undefined}
  class=${[isDim && "dim", !line.isKnown && "unheard"].filter(Boolean).join(" ") || undefined}>
  <path class="edge" stroke-width=${thickness(line.isKnown ? line.perS : 0)} d=${line.path} />
  <path class="tip" d=${line.tip} /></g>`;

const Plate = ({ line: { plate, label, tone }, isDim }) => html`<g data-tone=${tone || undefined}
  class=${isDim ? "dim" : undefined}>
  <rect class="plate" x=${plate.x - plate.width / 2} y=${plate.y - plate.height / 2}
    width=${plate.width} height=${plate.height} rx="5" />
  <text class="mid" x=${plate.x} y=${plate.y + 5}>${label}</text></g>`;

function sayMap(model) {
  const services = model.nodes.filter(({ kind, column }) => kind === "process" &&
    column !== "bridge").map(({ id }) => id).join(", ");
  const names = worriesOf(model).map((node) => `${nameOf(node)}: ${noteOf(node, model.lines)}`);
  const health = names.length ? t("topo.health.bad", { names: names.join(", ") })
    : t("topo.health.fine");
  return t("topo.say", { services, health });
}

// shows: "stream" (who follows whom), "ask" (who asks whom), "lag".
export function TopologyMap({ model, shows, chosen, onChoose, stale }) {
  const kinds = shows === "ask" ? ["ask"] : ["stream"];
  const drawn = useMemo(() => {
    const lines = model.lines.filter(({ kind, from, tone }) => kind === "device" || tone ||
      from === "people" || kinds.includes(kind));
    return layOut(model.nodes, lines.map((line) => ({ ...line, label: labelOf(line, shows) })));
  }, [model, shows]);
  const isDim = ({ from, to }) => Boolean(chosen && chosen !== "broker" && from !== chosen &&
    to !== chosen);
  return html`<div class=${"table-scroll" + stale} tabindex="0" role="region"
    aria-label=${t("topo.map")}>
    <svg class="drawn topo" viewBox=${`0 0 ${drawn.width} ${drawn.height}`} role="img"
      aria-label=${sayMap(model)}>
      ${drawn.lines.map((line) => html`<${Line} line=${line} isDim=${isDim(line)}
        key=${line.kind + line.from + line.to} />`)}
      ${drawn.nodes.map((node) => html`<${Node} node=${node} note=${noteOf(node, model.lines)}
        isChosen=${chosen === node.id} onChoose=${onChoose} key=${node.id} />`)}
      ${drawn.lines.filter(({ label }) => label).map((line) => html`<${Plate} line=${line}
        isDim=${isDim(line)} key=${line.kind + line.from + line.to} />`)}
      <text class="faint" x="640" y=${drawn.height - 47}>${t("topo.carries")}</text>
    </svg></div>`;
}

const LEGEND = [
  ["topo.name.people", html`<circle cx="15" cy="8" r="7" />`],
  ["topo.legend.process", html`<rect x="3" y="1.5" width="24" height="13" rx="5" />`],
  ["topo.name.broker", html`<path d="M8 1.5h14l6 6.5-6 6.5H8L2 8z" />`],
  ["topo.legend.devices", html`<path d="M6 4V1h22v10h-3M2 4h22v11H2z" />`],
  ["topo.legend.thick", html`<path stroke-width="4.5" d="M1 8h28" />`],
  ["topo.legend.behind", html`<path stroke-dasharray="8 4" stroke-width="2.5" d="M1 8h28" />`],
  ["topo.legend.failing", html`<path stroke-dasharray="3 4" stroke-width="2.5" d="M1 8h28" />`],
];

export const Legend = () => html`<div class="legend">${LEGEND.map(([word, shape]) => html`
  <span><svg viewBox="0 0 30 16" aria-hidden="true">${shape}</svg>${t(word)}</span>`)}</div>`;
