// What the map and its table say of a node or a line.
import { perSecond } from "./topology_data.js";
import { LAG_BEHIND, processStates } from "../states.js";
import { duration } from "../time.js";
import { locale, t } from "../words.js";

// 0.5, 3.1, 214
export const figure = (value) => new Intl.NumberFormat(locale(),
  { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);

export const rate = (perS) => t("topo.perS", { n: figure(perS) });

export const nameOf = ({ id, kind, counted }) => {
  if (id === "lockers" && counted) return t("topo.lockers", { n: counted.n });
  return kind === "process" ? id : t("topo.name." + id);
};

// Clocks of services tick in ms: a mean below a tenth is "less".
export const commitMs = (status) => {
  if (!status?.commits) return null;
  return status.commitMeanUs < 100 ? "< 0.1" : figure(status.commitMeanUs / 1000);
};

const OWED = ["stuck", "history", "lag", "clock", "queue", "disk", "letters", "broker", "twins",
  "flood"];

const owedText = (reason) => (OWED.includes(reason) ? t("topo.owes." + reason) : reason);

// What a process owes while it answers all the same: {reason, text, since, said}; said is the
// server's own sentence (English), with the figures.
export const owedOf = ({ process }) => (process?.degraded || []).map(({ reason, since, text }) =>
  ({ reason, text: owedText(reason), since, said: text }));

function processNote({ process, state }) {
  const { status } = process;
  if (state === "degraded") {
    return owedText(process.degraded.find(({ reason }) => reason !== "letters").reason);
  }
  if (!["ready", "behind", "letters"].includes(state)) return t(processStates[state].word);
  if (state === "letters") return t("topo.letters", { n: status.deadLetters });
  if (state === "behind") return t("topo.behind", { n: figure(status.lagEvents) });
  const ms = commitMs(status);
  if (status.readers !== undefined && status.requests)
    return t("topo.asked", { n: figure(perSecond(status.requests, status)) });
  return ms ? t("topo.commit", { ms }) : t("topo.quiet");
}

function brokerNote({ broker }) {
  if (broker.link === "down") return t("link.down");
  if (broker.roundTripMs === undefined) return t("topo.unmeasured");
  return broker.roundTripMs ? t("topo.trip", { ms: broker.roundTripMs }) : t("topo.fast");
}

// The second line of a node.
export function noteOf(node, lines) {
  if (node.kind === "people") return t("topo.readers", { n: node.readers });
  if (node.kind === "broker") return brokerNote(node);
  if (node.kind === "process") return processNote(node);
  const { counted } = node;
  if (counted?.look) return t("topo.look", { n: counted.look });
  if (counted) return t("topo.online", { n: counted.online, of: counted.n });
  const line = lines.find(({ from }) => from === node.id);
  return line?.perS ? t("topo.said", { n: figure(line.perS) }) : t("topo.quiet");
}

// What stands on a line; "" when it would say nothing.
export function labelOf(line, shows) {
  if (!line.isKnown) return "";
  if (line.kind === "stream" && (line.lag >= LAG_BEHIND || (shows === "lag" && line.lag > 0)))
    return t("topo.behind", { n: figure(line.lag) });
  return line.perS > 0 && shows !== "lag" ? rate(line.perS) : "";
}

// Why it needs somebody: a sentence, and whether it is the server's own (English).
export function whyOf(node, sample) {
  if (node.kind === "broker" && node.state === "down") return { text: t("topo.why.down") };
  if (node.kind === "devices" && node.counted && node.tone) {
    const { n, online, look } = node.counted;
    return { text: t("topo.why.lockers", { look, off: n - online }) };
  }
  if (node.kind !== "process" || ["ready", "degraded"].includes(node.state)) return null;
  const { status, heardMs } = node.process;
  if (node.state === "not_ready") return { text: status.why || "", isServers: true };
  if (node.state === "silent" && heardMs === undefined) return { text: t("topo.why.never") };
  if (node.state === "behind") {
    const worst = status.follows.reduce((a, b) => (b.lag > a.lag ? b : a));
    return { text: t("topo.why.behind", { n: figure(worst.lag), source: worst.source }) };
  }
  return { text: t("topo.why." + node.state, { age: duration(heardMs || 0), at: sample.at }) };
}

export const aboutOf = (node) => {
  const known = ["product", "rental", "delivery", "stock", "information", "bridge"];
  if (node.kind !== "process") return t("topo.is." + node.id);
  const kind = node.id.split("-")[0];
  return t("topo.is." + (known.includes(kind) ? kind : "other"));
};

export { perSecond };
