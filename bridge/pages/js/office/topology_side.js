// The map's side panel: the chosen node, how it does and why, or what somebody should look at.
import { html } from "../lib.js";
import { linkStates, processStates } from "../states.js";
import { clockSeconds, duration } from "../time.js";
import { number, t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { Button, ButtonLink } from "../parts/button.js";
import { Facts } from "../parts/card.js";
import { Icon } from "../parts/icon.js";
import { copy } from "./copy.js";
import { SideNote } from "./side.js";
import { worriesOf } from "./topology_model.js";
import { aboutOf, commitMs, figure, nameOf, noteOf, owedOf, perSecond, rate, whyOf }
  from "./topology_text.js";

const SPARK = { width: 300, height: 48 };

// Pieces of a line, each a list of spots: where nothing is known there is a gap.
function piecesOf(values, times) {
  const most = Math.max(1e-9, ...values.filter((one) => one !== null));
  const span = Math.max(1, times.at(-1) - times[0]);
  const pieces = [[]];
  values.forEach((one, i) => {
    if (one === null) {
      if (pieces.at(-1).length) pieces.push([]);
      return;
    }
    const y = (SPARK.height - 4 - (one / most) * (SPARK.height - 10)).toFixed(1);
    const x = times.length > 1 ? (SPARK.width * (times[i] - times[0])) / span : 0;
    pieces.at(-1).push([x.toFixed(1), y]);
    if (times.length === 1) pieces.at(-1).push([SPARK.width, y]);
  });
  return pieces.filter((piece) => piece.length);
}

// values: oldest first, each at its time; null where nothing is known.
function Spark({ name, value, values, times }) {
  const pieces = piecesOf(values, times);
  const through = (piece) => piece.map((spot) => spot.join(" ")).join("L");
  const areas = pieces.map((piece) =>
    `M${piece[0][0]} ${SPARK.height}L${through(piece)}L${piece.at(-1)[0]} ${SPARK.height}z`);
  return html`<div class="spark-row"><div><span>${name}</span><b>${value}</b></div>
    <svg class="spark" viewBox=${`0 0 ${SPARK.width} ${SPARK.height}`} preserveAspectRatio="none"
      aria-hidden="true"><path class="area" d=${areas.join("")} />
      <path d=${pieces.map((piece) => "M" + through(piece)).join("")} /></svg></div>`;
}

const statusIn = (sample, id) =>
  sample.processes.find(({ instance }) => instance === id)?.status;

function Sparks({ node, samples }) {
  const times = samples.map(({ at }) => at);
  const { status } = node.process;
  const series = (read) => samples.map((sample) => {
    const one = statusIn(sample, node.id);
    return one ? read(one) : null;
  });
  const asked = (one) => perSecond(one.requests, one);
  const applied = (one) => one.follows.reduce((sum, { events }) => sum + perSecond(events, one), 0);
  return html`<div class="card-body">
    <${Spark} name=${t("topo.requests")} value=${rate(asked(status))} values=${series(asked)}
      times=${times} />
    <${Spark} name=${t("topo.in")} value=${rate(applied(status))} values=${series(applied)}
      times=${times} />
    ${status.commits !== undefined && html`<${Spark} name=${t("topo.commits")}
      value=${commitMs(status) || "–"} values=${series((one) => one.commitMeanUs)}
      times=${times} />`}
    <${Spark} name=${t("topo.lag")} value=${figure(status.lagEvents)}
      values=${series(({ lagEvents }) => lagEvents)} times=${times} />
  </div>`;
}

function processFacts({ process: { status, heardMs } }) {
  return [
    [t("topo.version"), status.version],
    [t("topo.up"), duration(1000 * status.uptimeS)],
    [t("topo.age"), t("topo.heard", { age: duration(heardMs) })],
    [t("topo.out"), figure(perSecond(status.eventsOut, status))],
    [t("topo.requestsOpen"), number(status.requestsOpen)],
    [t("topo.callsOpen"), number(status.callsOpen)],
    [t("topo.dead"), status.deadLetters ? html`<a href="/ui/office/letters">
      ${number(status.deadLetters)}</a>` : 0],
    [t("topo.commitMax"), status.commits ? t("topo.ms", { n: status.commitMaxMs }) : null],
    ...status.follows.map(({ source, lag }) =>
      [source, lag ? t("topo.behind", { n: figure(lag) }) : "✓"]),
    [t("topo.epoch"), status.epoch && html`<code>${status.epoch.slice(0, 8)}</code>`],
  ];
}

function StateBadge({ node }) {
  const known = node.kind === "process" ? processStates[node.state]
    : node.kind === "broker" ? linkStates[node.state] : null;
  if (!known) return null;
  return html`<${Badge} tone=${known.tone} icon=${known.icon} loud=${known.loud}>
    ${t(known.word)}<//>`;
}

function Owed({ node }) {
  const owed = owedOf(node);
  return owed.length > 0 && html`<div class="card-body owed"><h3>${t("topo.owes")}</h3>
    ${owed.map(({ reason, text, since, said }) => html`<p key=${reason}>
      <strong>${text}</strong>${" "}
      ${t("topo.since", { at: clockSeconds(since) })}<br /><span class="small second" lang="en">
      ${said}</span></p>`)}</div>`;
}

function Chosen({ node, sample, samples, lines, stale }) {
  const why = whyOf(node, sample);
  const hasStatus = node.kind === "process" && node.process.status;
  const curl = `curl -s ${location.origin}/processes`;
  return html`<div class=${"card" + stale}>
    <div class="side-title"><${StateBadge} node=${node} />
      <h2>${nameOf(node)}</h2><p class="small second">${aboutOf(node)}</p>
      ${!why && html`<p class="small">${noteOf(node, lines)}</p>`}</div>
    ${why && html`<div class="card-body"><h3>${t("topo.why")}</h3>
      <p lang=${why.isServers ? "en" : undefined}>${why.text}</p></div>`}
    <${Owed} node=${node} />
    ${hasStatus && html`<${Sparks} node=${node} samples=${samples} />
      <div class="card-body"><${Facts} facts=${processFacts(node)} /></div>`}
    <div class="card-foot">
      ${node.id === "lockers" && html`<${ButtonLink} look="compact" icon="wall"
        href="/ui/office/wall">${t("topo.wall")}<//>`}
      <${Button} look="compact" icon="copy" onClick=${() => copy("curl", curl)}>
        ${t("topo.curl")}<//>
    </div></div>`;
}

function LookAt({ model, onChoose, stale }) {
  const found = worriesOf(model);
  if (!found.length) {
    return html`<${SideNote} look="fine" icon="check" title=${t("topo.fine")}>
      ${t("topo.fine.say")}<//>`;
  }
  return html`<div class=${"card" + stale}>
    <div class="card-head"><h2>${t("wall.lookAt")}</h2></div>
    <ul class="worries">${found.map((node) => html`<li key=${node.id}>
      <button type="button" class="worry" data-tone=${node.tone}
        onClick=${() => onChoose(node.id)}><${Icon} name=${node.icon} />
        <span><strong>${nameOf(node)}</strong><small>${noteOf(node, model.lines)}</small></span>
        <${Icon} name="next" /></button></li>`)}</ul></div>`;
}

export function TopologySide({ model, chosen, sample, samples, onChoose, stale }) {
  const node = chosen && model.nodes.find(({ id }) => id === chosen);
  if (!node) return html`<${LookAt} model=${model} onChoose=${onChoose} stale=${stale} />`;
  return html`<${Chosen} key=${chosen} node=${node} sample=${sample} samples=${samples}
    lines=${model.lines} stale=${stale} />`;
}
