// What a station is in the midst of, as far as the page has seen it: the server alone decides
// (rules/stock.md 7). Pure: from a label and its verdict to what may come next.

// The steps of each flow, in order; a step's words are "step.scan.<step>".
export const FLOWS = {
  PICK: { icon: "picked", steps: ["order", "tote", "units"] },
  LOAD: { icon: "loaded", steps: ["goods", "compartment"] },
  HANDOVER: { icon: "counter", steps: ["goods"] },
  RETURN: { icon: "returning", steps: ["back", "units", "check", "bin"] },
  RECEIVE: { icon: "plus", steps: ["product", "arrivals"] },
  PUTAWAY: { icon: "bin", steps: ["things"] },
  COUNT: { icon: "list", steps: ["place", "counted"] },
  OUT: { icon: "door", steps: ["errand"] },
  IN: { icon: "door", steps: ["errand"] },
  OPEN: { icon: "door", steps: ["errand"] },
};

export const IDLE = { flow: null, step: null };

// The step after an accepted label of a kind, where that is known.
const AFTER = {
  PICK: { order: "tote", tote: "units" },
  LOAD: { order: "compartment", tote: "compartment" },
  RETURN: { order: "units", compartment: "units", asset: "check", product: "check",
    command: "units" },
  RECEIVE: { product: "arrivals" },
  COUNT: { bin: "counted" },
};

// What is typed without the rest of a label means a label of this kind at a step.
const EXPECTED = {
  order: ["order"], tote: ["tote"], units: ["asset"], goods: ["order", "tote"],
  compartment: ["compartment"], errand: ["compartment"], back: ["order", "compartment"],
  bin: ["bin"],
  product: ["product"], arrivals: ["asset"], things: ["asset"], place: ["bin"],
  counted: ["asset"],
};
const NUMBERED = ["order", "product"];
const COMMANDS = [...Object.keys(FLOWS), "CANCEL", "DONE", "OK", "DAMAGED"];
const PIECES = /^QTY-\d{1,3}$/;

/** {kind, value} that somebody means who types `text` at a step, or null. */
export function meant(text, step) {
  const value = text.trim().toUpperCase().replace(/^#/, "");
  if (COMMANDS.includes(value) || PIECES.test(value)) return { kind: "command", value };
  const kinds = EXPECTED[step] || [];
  const fits = (kind) => (NUMBERED.includes(kind) ? /^[1-9]\d{0,15}$/ : kind === "compartment"
    ? /^[0-9A-Z-]{1,21}-\d\d$/ : /^[0-9A-Z-]{1,24}$/).test(value);
  const kind = kinds.find(fits);
  return kind ? { kind, value } : null;
}

/** Where the station is after a verdict. label: {kind, value} or null for one that is not ours. */
export function after(session, label, verdict) {
  if (verdict.result !== "accepted") return session;
  if (verdict.signal === "done") return IDLE;
  if (label?.kind === "command" && label.value in FLOWS) {
    return { flow: label.value, step: FLOWS[label.value].steps[0] };
  }
  if (label?.kind === "command" && label.value === "CANCEL") return IDLE;
  if (!session.flow) return session;
  const step = AFTER[session.flow]?.[label?.kind] || session.step;
  const order = label?.kind === "order" ? Number(label.value) : session.order;
  return { ...session, order, step: isAllChecked(session, verdict) ? "bin" : step };
}

// The step of a flow of which only this is known; its first one else.
const STEP_KNOWN = {
  PICK: ({ rentalId, tote }) => (tote ? "units" : rentalId && "tote"),
  LOAD: ({ rentalId }) => rentalId && "compartment",
  RETURN: ({ rentalId }) => rentalId && "units",
  COUNT: ({ bin }) => bin && "counted",
};

/**
 * Where a station is: kept, what this page remembers of it, when that is of the same flow and order
 * as the server has; else as far as the server tells. known: GET /devices/stock/{station}.
 */
export function resumed(kept, known) {
  const flow = known.doing?.toUpperCase();
  if (!(flow in FLOWS)) return IDLE;
  if (kept.flow === flow && kept.order === known.rentalId) return kept;
  return { flow, step: STEP_KNOWN[flow]?.(known) || FLOWS[flow].steps[0], order: known.rentalId };
}

// Only the prompt tells that nothing is left to be looked at.
const isAllChecked = ({ flow }, { prompt }) => flow === "RETURN" && /\bscan a bin\b/i.test(prompt);
