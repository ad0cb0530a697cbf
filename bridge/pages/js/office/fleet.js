// The fleet: every scanner, station and locker; those that somebody should look at first.
import { html, useState } from "../lib.js";
import { navigate } from "../router.js";
import { signal, useSignal } from "../signal.js";
import { needsLook } from "../states.js";
import { useNow } from "../time.js";
import { number, t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { Button, Choices } from "../parts/button.js";
import { Stat } from "../parts/card.js";
import { useStale } from "../parts/fresh.js";
import { Icon } from "../parts/icon.js";
import { Blank, ProblemNotice, whileLoading } from "../parts/notice.js";
import { Table } from "../parts/table.js";
import { AddDevice } from "./fleet_add.js";
import { judged, keyOf, useDevices } from "./fleet_data.js";
import { DeviceBadge, Doing, Firmware, Heard } from "./fleet_parts.js";
import { DeviceSide } from "./fleet_side.js";
import { step } from "./keys.js";
import { Shell } from "./shell.js";
import { NotThere, SideNote } from "./side.js";

const KIND_ICONS = { locker: "door", scanner: "scanner", station: "scan" };
const JUDGE_MS = 5000; // a pause of codes ends by itself

const search = signal("");
const shown = signal("all");

const FILTERS = [
  ["all", () => true],
  ["lockers", ({ kind }) => kind === "locker"],
  ["scanners", ({ kind }) => kind === "scanner"],
  ["stations", ({ kind }) => kind === "station"],
  ["look", ({ state }) => needsLook(state)],
];

const fits = (text, { device, rentalId, firmware, doing }) => [device, firmware,
  rentalId && String(rentalId), doing && t("fleet.doing." + doing)].some((word) =>
  word && word.toLowerCase().includes(text.trim().toLowerCase()));

const Missing = ({ missing }) => (missing
  ? html`<${Badge} plain tone="warn" icon="ajar">${number(missing)}<//>` : number(0));

const address = (one) => "/ui/office/fleet/" + keyOf(one);

const columns = () => [
  { name: "device", label: t("fleet.device"), cell: (one) => html`<span class="device">
    <${Icon} name=${KIND_ICONS[one.kind]} /><span><a class="plain-link"
      href=${address(one)}>${one.device}</a><small>${t("fleet.kind." + one.kind)}</small></span>
    </span>` },
  { name: "state", label: t("fleet.state"),
    cell: ({ state }) => html`<${DeviceBadge} state=${state} />` },
  { name: "heard", label: t("fleet.heard"),
    cell: ({ heardAt }) => html`<${Heard} at=${heardAt} />` },
  { name: "firmware", label: t("fleet.firmware"),
    cell: (one) => html`<${Firmware} one=${one} />` },
  { name: "missing", label: t("fleet.missing"), num: true,
    cell: (one) => (one.kind === "station" ? t("fleet.none") : html`<${Missing} ...${one} />`) },
  { name: "refused", label: t("fleet.refused"), cell: ({ wrongCodes, refused }) =>
    (wrongCodes === undefined ? t("fleet.refused.scans", { n: refused })
      : t("fleet.refused.codes", { n: wrongCodes })) },
  { name: "doing", label: t("fleet.doing"), cell: (one) => html`<${Doing} one=${one} />` },
];

const sum = (all, name) => all.reduce((total, one) => total + (one[name] || 0), 0);

function Figures({ all }) {
  const devices = all.filter(({ kind }) => kind !== "station");
  const there = devices.filter(({ state }) => !["offline", "no_key"].includes(state));
  return html`<div class="figures">
    <${Stat} label=${t("fleet.figure.heard")} value=${number(there.length)}
      of=${t("fleet.figure.of", { n: number(devices.length) })} />
    <${Stat} label=${t("fleet.figure.look")}
      value=${number(all.filter(({ state }) => needsLook(state)).length)} />
    <${Stat} label=${t("fleet.figure.missing")} value=${number(sum(all, "missing"))} />
    <${Stat} label=${t("fleet.figure.wrong")} value=${number(sum(all, "wrongCodes"))} />
  </div>`;
}

function All({ all, found, current, onOpen, onAdd }) {
  const stale = useStale();
  if (!all.length) {
    return html`<${Blank} icon="fleet" title=${t("fleet.empty")} action=${html`<${Button}
      look="primary compact" icon="plus" onClick=${onAdd}>${t("fleet.add")}<//>`}>
      ${t("fleet.empty.say")}<//>`;
  }
  return html`<div class=${"group" + stale}><${Figures} all=${all} /></div>
    <div class=${"group" + stale}>
    ${found.length ? html`<${Table} label=${t("fleet.devices")} columns=${columns()}
      rows=${found} keyOf=${keyOf} current=${current} onRow=${onOpen} />`
    : html`<${Blank} icon="search" title=${t("fleet.nothing")}>${t("fleet.nothing.say")}<//>`}
  </div>`;
}

export default function FleetPage({ kind, device }) {
  const live = useDevices();
  const now = useNow(JUDGE_MS);
  const text = useSignal(search);
  const filter = useSignal(shown);
  const [adding, setAdding] = useState(false);
  const all = judged(live.value || [], live.known, now);
  const passes = FILTERS.find(([name]) => name === filter)[1];
  const found = all.filter((one) => passes(one) && fits(text, one));
  const id = device && `${kind}/${device}`;
  const chosen = all.find((one) => keyOf(one) === id);
  const isGone = live.value && id && !chosen;
  const open = (one) => (one ? navigate(address(one), { replace: Boolean(id), still: true })
    : false);
  const close = () => navigate("/ui/office/fleet", { still: true });
  const keys = {
    j: () => open(step(found, keyOf, id, 1)),
    k: () => open(step(found, keyOf, id, -1)),
    Escape: () => (id ? close() : false),
  };
  const options = FILTERS.map(([value, test]) => ({ value,
    label: `${t("fleet." + value)} ${live.value ? number(all.filter(test).length) : ""}` }));
  const head = html`<div class="page-head"><h1>${t("office.fleet")}</h1>
    <${Choices} label=${t("fleet.show")} options=${options} value=${filter}
      onChange=${shown.set} />
    <span class="push"></span>
    <${Button} look="primary compact" icon="plus" onClick=${() => setAdding(true)}>
      ${t("fleet.add")}<//></div>`;
  return html`<${Shell} at="fleet" title=${t("office.fleet")} keys=${keys} head=${head}
    help=${["move", "close"]} sideIsOpen=${Boolean(chosen || isGone)} onCloseSide=${close}
    side=${chosen ? html`<${DeviceSide} key=${id} one=${chosen} />`
      : isGone ? html`<${NotThere} />`
        : html`<${SideNote} look="choose" icon="fleet" title=${t("fleet.choose")}>
            ${t("fleet.choose.say")}<//>`}
    sideLabel=${t("fleet.device")} search=${{ label: t("fleet.search"), value: text,
      onInput: search.set, onEnter: () => open(found[0]) }}>
    ${live.value && live.problem?.status > 0 && html`<${ProblemNotice}
      problem=${live.problem} />`}
    ${whileLoading(live, 10) || html`<${All} all=${all} found=${found} current=${id}
      onOpen=${open} onAdd=${() => setAdding(true)} />`}
    ${adding && html`<${AddDevice} devices=${all} onClose=${() => setAdding(false)} />`}
  <//>`;
}
