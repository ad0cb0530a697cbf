// A sample of the processes as nodes and lines of the map. Pure.
import { LAG_BEHIND, linkStates, processState, processStates } from "../states.js";
import { perSecond } from "./topology_data.js";

// Where in the map: what asks, what is between, what has devices.
const DEVICES_OF = { delivery: "lockers", stock: "scanners" };
const kindOf = (instance) => instance.split("-")[0];

function columnOf({ instance, status }) {
  if (kindOf(instance) === "bridge" || status?.readers !== undefined) return "bridge";
  return status?.deviceMessages !== undefined || DEVICES_OF[kindOf(instance)] ? "right" : "left";
}

const ORDER = ["bridge", "rental", "product", "information", "delivery", "stock"];
const rank = ({ name }) => (ORDER.includes(kindOf(name)) ? ORDER.indexOf(kindOf(name))
  : ORDER.length);

function processNode(process, broker) {
  const state = processState(process, broker);
  const { tone, icon } = processStates[state];
  return { id: process.instance, name: process.instance, kind: "process", process, state,
    tone: state === "ready" ? null : tone, icon, column: columnOf(process) };
}

function brokerNode(broker) {
  const { tone, icon } = linkStates[broker.link];
  return { id: "broker", name: "broker", kind: "broker", state: broker.link, broker,
    tone: broker.link === "up" ? null : tone, icon, column: "below" };
}

function devicesNode(id, owner, counted) {
  const isBad = Boolean(counted && (counted.look || counted.online < counted.n));
  return { id, name: id, kind: "devices", owner: owner.id, counted, column: "devices",
    tone: isBad ? (counted.look ? "bad" : "warn") : null, icon: counted?.look ? "jammed" : "ajar" };
}

const isTrue = ({ state }) => !["silent", "offline", "unknown"].includes(state);

// A line from a source to who follows it.
function streamLines(nodes) {
  return nodes.flatMap((node) => (node.process?.status?.follows || []).flatMap((stream) => {
    const from = nodes.find(({ id }) => id === stream.source);
    if (!from) return [];
    const isBehind = stream.lag >= LAG_BEHIND;
    return [{ from: from.id, to: node.id, kind: "stream", lag: stream.lag, isKnown: isTrue(node),
      perS: perSecond(stream.events, node.process.status),
      tone: isTrue(node) && isBehind ? "warn" : null }];
  }));
}

function askLines(nodes) {
  const bridges = nodes.filter(({ column }) => column === "bridge");
  return bridges.flatMap(({ id, process }) => [
    { from: "people", to: id, kind: "ask", isKnown: true,
      perS: process.status ? perSecond(process.status.requests, process.status) : 0 },
    ...nodes.filter((node) => node.kind === "process" && node.column !== "bridge")
      .map((node) => ({ from: id, to: node.id, kind: "ask", isKnown: isTrue(node),
        tone: isTrue(node) || node.state === "unknown" ? null : "bad",
        perS: node.process.status
          ? perSecond(node.process.status.requests, node.process.status) : 0 })),
  ]);
}

const deviceLines = (nodes) => nodes.filter(({ kind }) => kind === "devices").map((node) => {
  const owner = nodes.find(({ id }) => id === node.owner);
  const status = owner.process.status;
  return { from: node.id, to: owner.id, kind: "device", isKnown: isTrue(owner),
    perS: status ? perSecond(status.deviceMessages, status) : 0 };
});

// {nodes, lines}
export function modelOf({ broker, processes, lockers }) {
  const nodes = processes.map((one) => processNode(one, broker)).sort((a, b) => rank(a) - rank(b));
  for (const node of nodes.filter(({ column }) => column === "right")) {
    const id = DEVICES_OF[node.id];
    if (id) nodes.push(devicesNode(id, node, id === "lockers" ? lockers : null));
  }
  const readers = processes.reduce((sum, { status }) => sum + (status?.readers || 0), 0);
  nodes.unshift({ id: "people", name: "people", kind: "people", readers, column: "people" });
  nodes.push(brokerNode(broker));
  return { nodes, lines: [...askLines(nodes), ...streamLines(nodes), ...deviceLines(nodes)] };
}

const TONES = ["bad", "warn"];

// What a person should look at, worst first.
export const worriesOf = ({ nodes }) => nodes
  .filter(({ tone }) => TONES.includes(tone))
  .sort((a, b) => TONES.indexOf(a.tone) - TONES.indexOf(b.tone));
