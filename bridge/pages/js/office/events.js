// Everything that is told to pages, as it comes: filters, pause, and one event as it came.
import { Component, html, useState } from "../lib.js";
import { goodsName, lockerName, productName } from "../names.js";
import { useSignal } from "../signal.js";
import { compartmentStates, doorReports, lockerStates, orderState, orderStates }
  from "../states.js";
import { number, t } from "../words.js";
import { Badge } from "../parts/badge.js";
import { Button, ButtonLink } from "../parts/button.js";
import { Facts } from "../parts/card.js";
import { useStale } from "../parts/fresh.js";
import { Bones } from "../parts/notice.js";
import { saidText } from "../parts/said.js";
import { copy } from "./copy.js";
import { feed, useFeed } from "./feed.js";
import { step } from "./keys.js";
import { statesOf } from "./lockers.js";
import { doorName, exactly, reportSays } from "./report.js";
import { Shell } from "./shell.js";
import { SideNote } from "./side.js";
import { Tail } from "./tail.js";

const KINDS = ["order", "stock", "product", "locker", "door"];
const SHOWN_MAX = 150;
const DOORS_SAID_MAX = 5;

// The doors of a locker that are not just free: "01 Open, 04 Jammed".
function doorsSay(locker) {
  const taken = statesOf(locker).map((state, i) => [state, locker.compartments[i].number])
    .filter(([state]) => state !== "free");
  if (!taken.length) return t("events.allFree");
  const said = taken.slice(0, DOORS_SAID_MAX).map(([state, n]) =>
    `${String(n).padStart(2, "0")} ${t(compartmentStates[state].word)}`);
  return said.join(", ") + (taken.length > DOORS_SAID_MAX ? " …" : "");
}

const known = ({ tone, icon, word }) => ({ tone, icon, word: t(word) });

// Each kind: the badge, what it is of, what it says, and where there is more.
const WORDS = {
  order: ({ data }) => ({ ...known(orderStates[orderState(data)]),
    of: t("order.title", { id: data.id }),
    say: [goodsName(data), data.locker && doorName(data.locker, data.compartment),
      saidText(data.reason)].filter(Boolean).join(", "), href: "/ui/office/orders/" + data.id }),
  stock: ({ data }) => ({ tone: "calm", icon: "stock", word: t("events.stock"),
    of: productName(data), say: t("stock.say", { available: number(data.availableQty),
      reserved: number(data.reservedQty), rented: number(data.rentedQty) }),
    href: "/ui/office/stock/products/" + data.productId }),
  product: ({ data }) => ({ tone: "calm", icon: "stock", word: t("events.product"),
    of: data.name, say: t("stock.registered.say", { n: number(data.registeredQty) }),
    href: "/ui/office/stock/products/" + data.id }),
  locker: ({ data }) => ({ ...known(lockerStates[data.status]), of: lockerName(data.device),
    say: data.forgottenAt ? t("events.forgotten") : doorsSay(data),
    href: "/ui/office/wall/" + data.device }),
  door: ({ data }) => ({ ...known(doorReports[data.what] || doorReports.started),
    of: doorName(data.locker, data.compartment), say: reportSays(data),
    href: `/ui/office/wall/${data.locker}/${data.compartment || ""}` }),
};

const wordsOf = (event) => WORDS[event.kind]?.(event) ||
  { tone: "calm", icon: "info", word: event.kind, of: event.subject, say: event.type };

// A row is drawn once: an event never changes.
class Row extends Component {
  shouldComponentUpdate({ event, current }) {
    return event !== this.props.event || current !== this.props.current;
  }

  render({ event, current, onChoose }) {
    const { tone, icon, word, of, say } = wordsOf(event);
    return html`<li aria-current=${current ? "true" : undefined}>
      <time datetime=${event.time}>${exactly(event.time)}</time>
      <span><${Badge} plain tone=${tone} icon=${icon}>${word}<//></span>
      <span class="tail-text"><button type="button" class="tail-open"
        onClick=${() => onChoose(event.seq)}>${of}</button>${" "}${say}</span>
      <span class="cap">${event.seq}</span>
    </li>`;
  }
}

const Filter = ({ kinds, onToggle }) => html`<div class="choices" role="group"
  aria-label=${t("events.kinds")}>
  ${KINDS.map((kind) => html`<button type="button" aria-pressed=${String(kinds.includes(kind))}
    onClick=${() => onToggle(kind)}>${t("events.kind." + kind)}</button>`)}
</div>`;

function Side({ event }) {
  const stale = useStale();
  if (!event) {
    return html`<${SideNote} look="choose" icon="events" title=${t("events.choose")}>
      ${t("events.choose.say")}<//>`;
  }
  const { tone, icon, word, of, href } = wordsOf(event);
  const { seq, type, subject, time, data, kind } = event;
  const curl = `curl -N '${location.origin}/events?kind=${kind}&subject=${subject}'`;
  return html`<div class=${"card" + stale}>
    <div class="side-title"><${Badge} tone=${tone} icon=${icon}>${word}<//><h2>${of}</h2></div>
    <div class="card-body"><${Facts} facts=${[
      [t("events.type"), type], [t("events.subject"), subject],
      [t("events.time"), exactly(time)], [t("events.seq"), seq]]} /></div>
    <div class="card-body"><h3>${t("events.data")}</h3>
      <pre class="log-lines" tabindex="0">${JSON.stringify(data, null, 1)}</pre></div>
    <div class="card-foot">
      ${href && html`<${ButtonLink} look="primary compact" icon="next" href=${href}>
        ${t("events.open")}<//>`}
      <${Button} look="compact" icon="copy" onClick=${() => copy("curl", curl)}>curl<//>
      <${Button} look="compact" icon="copy"
        onClick=${() => copy("JSON", JSON.stringify(event, null, 2))}>JSON<//>
    </div>
  </div>`;
}

// Pure: is the event of a chosen kind, and about what is looked for?
export function isWanted({ kind, subject, type, data }, kinds, text) {
  if (kinds.length && !kinds.includes(kind)) return false;
  const wanted = text.trim().toLowerCase();
  return !wanted || [subject, type, data.locker, data.device, data.name, data.productName]
    .some((one) => one && String(one).toLowerCase().includes(wanted));
}

export default function EventsPage() {
  useFeed();
  const all = useSignal(feed);
  const [kinds, setKinds] = useState([]);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(null);
  const [paused, setPaused] = useState(false);
  const lines = (all || []).filter((event) => isWanted(event, kinds, text));
  const event = chosen && (all || []).find(({ seq }) => seq === chosen.seq) || chosen;
  const toggle = (kind) => setKinds(kinds.includes(kind) ? kinds.filter((one) => one !== kind)
    : [...kinds, kind]);
  const choose = (seq) => setChosen(lines.find((one) => one.seq === seq));
  const move = (by) => {
    const next = step(lines, ({ seq }) => seq, chosen?.seq, by);
    return next ? setChosen(next) : false;
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    p: () => setPaused(!paused),
    Escape: () => (chosen ? setChosen(null) : false),
  };
  const head = html`<div class="page-head"><h1>${t("office.events")}</h1>
    <${Filter} kinds=${kinds} onToggle=${toggle} /><span class="push"></span>
    <${Button} look="compact" icon=${paused ? "play" : "pause"} aria-pressed=${String(paused)}
      aria-keyshortcuts="p" onClick=${() => setPaused(!paused)}>${t("events.pause")}<//></div>`;
  return html`<${Shell} at="events" title=${t("office.events")} keys=${keys} head=${head}
    help=${["move", "pause", "close"]} side=${html`<${Side} event=${event} />`}
    sideLabel=${t("events.one")} sideIsOpen=${Boolean(event)} onCloseSide=${() => setChosen(null)}
    search=${{ label: t("events.search"), value: text, onInput: setText,
      onEnter: () => move(1) }}>
    ${all ? html`<${Tail} label=${t("events.newest")} lines=${lines} most=${SHOWN_MAX}
      paused=${paused} onResume=${() => setPaused(false)} idOf=${({ seq }) => seq}
      empty=${t(all.length ? "events.unfound" : "events.none")}
      line=${(one) => html`<${Row} key=${one.seq} event=${one} onChoose=${choose}
        current=${chosen?.seq === one.seq} />`} />` : html`<${Bones} lines=${10} />`}
  <//>`;
}
