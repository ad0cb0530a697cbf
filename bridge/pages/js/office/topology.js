// The map of the system: people, processes, broker, devices; who is well, and what goes along the
// lines. One can look back for an hour.
import { html, useMemo, useState } from "../lib.js";
import { navigate } from "../router.js";
import { processStates } from "../states.js";
import { clockSeconds, duration, useNow } from "../time.js";
import { number, t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { Button, Choices } from "../parts/button.js";
import { useStale } from "../parts/fresh.js";
import { ProblemNotice, whileLoading } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { step } from "./keys.js";
import { Shell } from "./shell.js";
import { NotThere } from "./side.js";
import { Tail } from "./tail.js";
import { perSecond, useProcesses } from "./topology_data.js";
import { Legend, TopologyMap } from "./topology_map.js";
import { modelOf, worriesOf } from "./topology_model.js";
import { TopologySide } from "./topology_side.js";
import { commitMs, figure, nameOf } from "./topology_text.js";
import "./topology_words.js";

const OLD_MS = 6000;
const TAIL_LINES = 6;
const MARKED_MS = 10 * 60 * 1000;
const SHOWS = ["stream", "ask", "lag"];

const address = (id) => "/ui/office/topology" + (id ? "/" + id : "");
const go = (id) => navigate(address(id), { replace: true, still: true });

function Head({ model, shows, onShows }) {
  const worries = worriesOf(model);
  const [bad, warn] = ["bad", "warn"].map((tone) =>
    worries.filter((one) => one.tone === tone).length);
  return html`<div class="page-head"><h1>${t("office.topology")}</h1>
    ${bad > 0 && html`<${Badge} tone="bad" icon="jammed" loud>${t("topo.failing", { n: bad })}<//>`}
    ${warn > 0 && html`<${Badge} tone="warn" icon="ajar">${t("topo.lagging", { n: warn })}<//>`}
    <span class="push"></span>
    <${Choices} label=${t("topo.lines")} value=${shows} onChange=${onShows}
      options=${SHOWS.map((value) => ({ value, label: t("topo.lines." + value) }))} /></div>`;
}

// The sample nearest to a time; the one beside the shown one when that is still the nearest.
function sampleAt(samples, wanted, shown) {
  const found = samples.reduce((best, one) =>
    (Math.abs(one.at - wanted) < Math.abs(best.at - wanted) ? one : best));
  if (found !== shown || wanted === shown.at) return found;
  return samples[samples.indexOf(found) + Math.sign(wanted - shown.at)] || found;
}

// Times under the track: its ends, and the middle where there is something between.
const marksOf = (first, last) =>
  (last - first < MARKED_MS ? [first, last] : [first, (first + last) / 2, last]);

// Which sample is shown: the newest, or one that somebody went back to.
function LookBack({ samples, shown, onShow }) {
  const isNow = !shown.isHeld;
  const [first, last] = [samples[0].at, samples.at(-1).at];
  const onInput = ({ target }) => {
    const found = sampleAt(samples, Number(target.value), shown.sample);
    onShow(found === samples.at(-1) ? null : found);
  };
  const at = clockSeconds(shown.sample.at);
  return html`<div class="lookback">
    <${Button} look="compact" icon=${isNow ? "pause" : "play"} aria-keyshortcuts="p"
      onClick=${() => onShow(isNow ? shown.sample : null)}>
      ${t(isNow ? "topo.pause" : "topo.go")}<//>
    <label class="lookback-track"><span class="said">${t("topo.back")}</span>
      <input type="range" min=${first} max=${Math.max(first + 1, last)} step="any"
        value=${isNow ? Math.max(first + 1, last) : shown.sample.at} onInput=${onInput}
        aria-valuetext=${isNow ? t("topo.now") : t("topo.at", { at })} />
      <span class="axis cap">${marksOf(first, last).map((mark) =>
        html`<span>${clockSeconds(mark)}</span>`)}</span></label>
    <span class="small">${isNow ? t("topo.now") : t("topo.at", { at })}</span></div>`;
}

function StateCell({ node }) {
  const { tone, icon, word, loud } = processStates[node.state];
  return html`<${Badge} tone=${tone} icon=${icon} loud=${loud}>${t(word)}<//>`;
}

const ofStatus = (read) => ({ process: { status } }) => (status ? read(status) : "–");
const eventsIn = (status) =>
  status.follows.reduce((sum, { events }) => sum + perSecond(events, status), 0);

const columns = () => [
  { name: "process", label: t("topo.process"), cell: ({ id }) => html`<a href=${address(id)}
    onClick=${(event) => { event.preventDefault(); go(id); }}>${id}</a>` },
  { name: "state", label: t("topo.state"), cell: (node) => html`<${StateCell} node=${node} />` },
  { name: "requests", label: t("topo.requests"), num: true,
    cell: ofStatus((one) => figure(perSecond(one.requests, one))) },
  { name: "open", label: t("topo.open"), num: true,
    cell: ofStatus((one) => number(one.requestsOpen)) },
  { name: "in", label: t("topo.in"), num: true, cell: ofStatus((one) => figure(eventsIn(one))) },
  { name: "out", label: t("topo.out"), num: true,
    cell: ofStatus((one) => figure(perSecond(one.eventsOut, one))) },
  { name: "lag", label: t("topo.lag"), num: true, cell: ofStatus((one) => figure(one.lagEvents)) },
  { name: "commit", label: t("topo.commits"), num: true,
    cell: ofStatus((one) => commitMs(one) || "–") },
  { name: "dead", label: t("topo.dead"), num: true,
    cell: ofStatus((one) => number(one.deadLetters)) },
  { name: "age", label: t("topo.age"), num: true, cell: ({ process: { heardMs } }) =>
    (heardMs === undefined ? t("topo.never") : duration(heardMs)) },
];

const lineColumns = () => [
  { name: "stream", label: t("topo.stream"), cell: ({ from, to }) => t("topo.of", { from, to }) },
  { name: "rate", label: t("topo.in"), num: true, cell: ({ perS }) => figure(perS) },
  { name: "lag", label: t("topo.lag"), num: true, cell: ({ lag }) => figure(lag) },
];

function Change({ change: { at, instance, state, was } }) {
  const { tone, icon, word } = processStates[state];
  return html`<li><time>${clockSeconds(at)}</time>
    <span><${Badge} plain tone=${tone} icon=${icon}>${t(word)}<//></span>
    <span class="tail-text"><strong>${instance}</strong> ${was
      ? t("topo.became", { was: t(processStates[was].word) }) : ""}</span></li>`;
}

function Page({ seen, held, onHold, shows, onShows, chosen }) {
  const { samples, changes, problem } = seen;
  const sample = held || samples.at(-1);
  const isOld = useNow(1000) - samples.at(-1).at > OLD_MS && Boolean(problem);
  const away = useStale();
  const stale = isOld && !held ? " stale" : away;
  const model = useMemo(() => modelOf(sample), [sample]);
  const processes = model.nodes.filter(({ kind }) => kind === "process");
  const names = model.nodes.map(({ id }) => id);
  const move = (by) => go(step(names, (one) => one, chosen, by));
  const isKnown = names.includes(chosen);
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    p: () => onHold(held ? null : sample),
    Escape: () => (chosen ? go(null) : false),
  };
  const title = isKnown ? nameOf(model.nodes.find(({ id }) => id === chosen)) : t("wall.lookAt");
  return html`<${Shell} at="topology" title=${t("office.topology")} keys=${keys}
    help=${["move", "pause", "close"]} sideLabel=${title} sideIsOpen=${Boolean(chosen)}
    onCloseSide=${() => go(null)}
    head=${html`<${Head} model=${model} shows=${shows} onShows=${onShows} />`}
    side=${chosen && !isKnown ? html`<${NotThere} />` : html`<${TopologySide} model=${model}
      chosen=${chosen} sample=${sample} onChoose=${go} samples=${samples} stale=${stale} />`}>
    ${isOld && html`<${ProblemNotice} problem=${problem}>
      <span>${t("topo.old", { at: clockSeconds(samples.at(-1).at) })}</span>
      <${Button} look="compact" icon="turn" onClick=${seen.reload}>${t("app.retry")}<//><//>`}
    <section class="card graph" aria-label=${t("office.topology")}>
      <${TopologyMap} model=${model} shows=${shows} chosen=${chosen} onChoose=${go}
        stale=${stale} />
      <${Legend} />
      <${LookBack} samples=${samples} shown=${{ sample, isHeld: Boolean(held) }}
        onShow=${onHold} /></section>
    <${Table} label=${t("topo.processes")} columns=${columns()} rows=${processes}
      keyOf=${({ id }) => id} current=${chosen} onRow=${({ id }) => go(id)} />
    <div class="topo-rest">
      <${Table} label=${t("topo.streams")} columns=${lineColumns()}
        rows=${model.lines.filter(({ kind }) => kind === "stream")}
        keyOf=${({ from, to }) => from + to} />
      <${Tail} label=${t("topo.lately")} lines=${changes} most=${TAIL_LINES}
        idOf=${({ at, instance }) => at + instance} empty=${t("topo.nothing")}
        line=${(change) => html`<${Change} key=${change.at + change.instance}
          change=${change} />`} /></div>
  <//>`;
}

export default function TopologyPage({ chosen }) {
  const seen = useProcesses();
  const [held, setHeld] = useState(null);
  const [shows, setShows] = useState("stream");
  if (!seen.samples.length) {
    return html`<${Shell} at="topology" title=${t("office.topology")} single>
      <h1 class="said">${t("office.topology")}</h1>
      ${whileLoading({ value: undefined, problem: seen.problem, reload: seen.reload }, 8)}<//>`;
  }
  return html`<${Page} seen=${seen} held=${held} onHold=${setHeld} shows=${shows}
    onShows=${setShows} chosen=${chosen} />`;
}
