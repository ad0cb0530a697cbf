// The drawing of the map. The same facts are in the tables under it.
import { html, useEffect, useMemo, useState } from "../lib.js";
import { t } from "../words.js";
import { layOut, ROUND } from "./topology_layout.js";
import { worriesOf } from "./topology_model.js";
import { labelOf, nameOf, noteOf } from "./topology_text.js";

const NARROW = matchMedia("(max-width: 40rem)");
const BROKER_WIDER = 42; // on either side
const ROOM_FOR_MARK = 120; // a node that is less wide has none beside its name
const thickness = (perS) => Math.min(6, 1.5 + Math.log2(1 + perS));
const MARKS = {
  warn: "M0 0l9 16h-18zM0 6v4.5M0 13.2v.2",
  bad: "M-4 0h8l4 4v8l-4 4h-8l-4 -4v-8zM-3 5l6 6m0 -6l-6 6",
};

function Shape({ kind, x, y, look, size }) {
  const [left, top] = [x - size.width / 2, y - size.height / 2];
  const box = { x: left, y: top, ...size };
  if (kind === "people") return html`<circle class="node" cx=${x} cy=${y} r=${ROUND} />`;
  if (kind === "broker") {
    const [w, h] = [size.width / 2 + BROKER_WIDER, size.height / 2];
    return html`<path class="node" d=${`M${x - w + 16} ${y - h}H${x + w - 16}L${x + w} ${y}` +
      `L${x + w - 16} ${y + h}H${x - w + 16}L${x - w} ${y}z`} />`;
  }
  if (kind === "devices") {
    return html`<rect class="behind" ...${{ ...box, x: left + 7, y: top - 7 }} rx="2" />
      <rect class="node" ...${box} rx="2" />`;
  }
  return html`<rect class=${"node" + look} ...${box} rx="15" />`;
}

function Chosen({ kind, x, y, size }) {
  if (kind === "people") return html`<circle class="chosen" cx=${x} cy=${y} r=${ROUND + 6} />`;
  const wide = size.width + 12 + (kind === "broker" ? 2 * BROKER_WIDER + 12 : 0);
  return html`<rect class="chosen" x=${x - wide / 2} y=${y - size.height / 2 - 6} width=${wide}
    height=${size.height + 12} rx=${kind === "process" ? 20 : 6} />`;
}

function Node({ node, note, size, isChosen, onChoose }) {
  const { id, x, y, tone, kind, state } = node;
  const isGone = ["silent", "offline", "unknown"].includes(state);
  // Where a name leaves no room, the mark sits on the corner.
  const [inset, down] = size.width < ROOM_FOR_MARK ? [6, -8] : [15, 6];
  return html`<g class="pick" data-tone=${tone || undefined} data-node=${id}
    onClick=${() => onChoose(id)}>
    ${isChosen && html`<${Chosen} ...${node} size=${size} />`}
    <${Shape} kind=${kind} x=${x} y=${y} size=${size} look=${isGone ? " gone" : ""} />
    ${MARKS[tone] && html`<path class="mark" d=${MARKS[tone]} transform=${
      `translate(${x + size.width / 2 - inset} ${y - size.height / 2 + down})`} />`}
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

function useNarrow() {
  const [isNarrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const look = () => setNarrow(NARROW.matches);
    NARROW.addEventListener("change", look);
    return () => NARROW.removeEventListener("change", look);
  }, []);
  return isNarrow;
}

// What the broker is for: beside it, or on a narrow screen under it.
const Carries = ({ broker, isTall, size }) => (isTall
  ? html`<text class="mid faint" x=${broker.x} y=${broker.y + size.height / 2 + 20}>
      ${t("topo.carries")}</text>`
  : html`<text class="faint" x=${broker.x + size.width / 2 + BROKER_WIDER + 16} y=${broker.y + 5}>
      ${t("topo.carries")}</text>`);

// shows: "stream" (who follows whom), "ask" (who asks whom), "lag".
export function TopologyMap({ model, shows, chosen, onChoose, stale }) {
  const isTall = useNarrow();
  const kinds = shows === "ask" ? ["ask"] : ["stream"];
  const drawn = useMemo(() => {
    const lines = model.lines.filter(({ kind, from, tone }) => kind === "device" || tone ||
      from === "people" || kinds.includes(kind));
    const labelled = lines.map((line) => ({ ...line, label: labelOf(line, shows) }));
    return layOut(model.nodes, labelled, isTall);
  }, [model, shows, isTall]);
  const isDim = ({ from, to }) => Boolean(chosen && chosen !== "broker" && from !== chosen &&
    to !== chosen);
  return html`<div class=${"table-scroll" + stale} tabindex="0" role="region"
    aria-label=${t("topo.map")}>
    <svg class=${"drawn topo" + (isTall ? " tall" : "")} role="img"
      viewBox=${`0 0 ${drawn.width} ${drawn.height}`} aria-label=${sayMap(model)}>
      ${drawn.lines.map((line) => html`<${Line} line=${line} isDim=${isDim(line)}
        key=${line.kind + line.from + line.to} />`)}
      ${drawn.nodes.map((node) => html`<${Node} node=${node} note=${noteOf(node, model.lines)}
        size=${drawn.node} isChosen=${chosen === node.id} onChoose=${onChoose} key=${node.id} />`)}
      ${drawn.lines.filter(({ label }) => label).map((line) => html`<${Plate} line=${line}
        isDim=${isDim(line)} key=${line.kind + line.from + line.to} />`)}
      <${Carries} broker=${drawn.nodes.find(({ kind }) => kind === "broker")} isTall=${isTall}
        size=${drawn.node} />
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
