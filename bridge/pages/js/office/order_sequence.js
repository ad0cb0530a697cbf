// The sequence diagram of an order: lanes, messages, states, and how long nothing happened.
import { html } from "../lib.js";
import { duration } from "../time.js";
import { t } from "../words.js";

const LANE = 116;
const ROW = 26;
const TOP = 46;
const GAP_MS = 60000;
const LETTER = 7.1;

function place(rows) {
  let y = TOP + 20;
  let before = null;
  const placed = [];
  for (const row of rows) {
    const ms = before ? new Date(row.at) - new Date(before) : 0;
    if (ms >= GAP_MS) {
      placed.push({ gap: duration(ms), y: y + 4 });
      y += ROW + 8;
    }
    placed.push({ ...row, y });
    y += ROW;
    before = row.at;
  }
  return { placed, height: y + 8 };
}

const shortened = (name) => (name.length > 14 ? name.slice(0, 13) + "…" : name);

const Head = ({ name, x }) => html`
  <rect class=${"head" + (/-/.test(name) ? " device" : "")} x=${x - 50} y="12" width="100"
    height="30" rx=${/-/.test(name) ? 2 : 6} />
  <text class="mid strong" x=${x} y="31">${shortened(name)}</text>`;

function Message({ row, from, to }) {
  const way = to > from ? 1 : -1;
  const end = to - way * 7;
  return html`<text class="mid halo" x=${(from + to) / 2} y=${row.y - 6}>${row.text}</text>
    <path class=${"msg" + (row.isEvent ? " event" : "")} d=${`M${from} ${row.y}H${end}`} />
    <path class="tip" d=${`M${to} ${row.y}l${-way * 8} -4v8z`} />`;
}

function State({ row, x }) {
  const width = row.state.length * LETTER + 22;
  return html`<rect class="state" x=${x - width / 2} y=${row.y - 14} width=${width} height="18"
    rx="9" /><text class="mid" x=${x} y=${row.y - 1}>${row.state}</text>`;
}

export function Sequence({ id, lanes, rows }) {
  const { placed, height } = place(rows);
  const xOf = (name) => 58 + LANE * lanes.indexOf(name);
  const width = LANE * lanes.length;
  return html`<div class="table-scroll" tabindex="0" role="region"
    aria-label=${t("order.sequence")}>
    <svg class="drawn seq" viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height}
      role="img"
      aria-label=${t("order.sequence.say", { id, lanes: lanes.join(", ") })}>
      ${lanes.map((name) => html`<path class="lane" d=${`M${xOf(name)} ${TOP}V${height - 6}`} />
        <${Head} name=${name} x=${xOf(name)} />`)}
      ${placed.map((row) => {
        if (row.gap) {
          return html`<rect class="gap" x="4" y=${row.y - 14} width=${width - 8} height="22"
            rx="3" /><text class="mid second" x=${width / 2} y=${row.y + 1}>${row.gap}</text>`;
        }
        if (row.state) return html`<${State} row=${row} x=${xOf(row.lane)} />`;
        return html`<${Message} row=${row} from=${xOf(row.from)} to=${xOf(row.to)} />`;
      })}
    </svg>
  </div>`;
}
