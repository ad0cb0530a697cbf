// Who told whom about an order: from its story, pure. The drawing and the Mermaid text are two
// views of this.
import { doorReports } from "../states.js";
import { t } from "../words.js";

const EVENTS = {
  RentalOrdered: ["rental", "delivery"],
  DeliveryRequested: ["delivery", "stock"],
  StockReserved: ["stock", "delivery"],
  StockRejected: ["stock", "delivery"],
  StockPicked: ["stock", "delivery"],
  CompartmentRequested: ["stock", "delivery"],
  StockHandedOver: ["stock", "delivery"],
  StockReturned: ["stock", "delivery"],
  StockReleased: ["stock", "rental"],
  RentalCanceled: ["rental", "delivery"],
  DeliveryUpdated: ["delivery", "rental"],
};

function told(one) {
  const { at, type, status, actor, locker, compartment } = one;
  const found = [];
  if (type === "DoorReported") {
    const word = doorReports[status] ? t(doorReports[status].word).toLowerCase() : status;
    return [{ at, from: locker, to: "delivery",
      text: compartment ? `${compartment} ${word}` : word }];
  }
  if (actor) found.push({ at, from: actor, to: "stock", text: "scan" });
  const way = EVENTS[type];
  if (way) found.push({ at, from: way[0], to: way[1], text: type, isEvent: true });
  if (status) found.push({ at, lane: type === "RentalUpdated" ? "rental" : one.source,
    state: status });
  return found;
}

const LANES = ["rental", "delivery", "stock"];

/**
 * messages(steps) -> {lanes: [name...], rows: [{at, from, to, text, isEvent} or
 * {at, lane: lane, state}]}, oldest first.
 */
export function messages(steps) {
  const states = {}; // lane -> what it is in: told once
  const rows = steps.flatMap(told).filter(({ lane, state }) => {
    if (!state) return true;
    const isNew = states[lane] !== state;
    states[lane] = state;
    return isNew;
  });
  const others = [];
  for (const row of rows) {
    for (const name of [row.from, row.to, row.lane]) {
      if (name && !LANES.includes(name) && !others.includes(name)) others.push(name);
    }
  }
  return { lanes: [...LANES, ...others], rows };
}

// A text that Mermaid (mermaid.live, GitHub) draws.
export function mermaid({ lanes, rows }) {
  const name = (lane) => lane.replace(/[^A-Za-z0-9_]/g, "_");
  return ["sequenceDiagram",
    ...lanes.map((lane) => `    participant ${name(lane)} as ${lane}`),
    ...rows.map((row) => (row.state
      ? `    Note over ${name(row.lane)}: ${row.state}`
      : `    ${name(row.from)}${row.isEvent ? "-->>" : "->>"}${name(row.to)}: ${row.text}`)),
  ].join("\n") + "\n";
}
