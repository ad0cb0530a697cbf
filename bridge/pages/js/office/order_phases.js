// Who or what held an order, and for how long: from its story, pure.

// Who holds a phase: the system, the warehouse's people, or the customer.
const HOLDERS = { find: "system", compartment: "system", pick: "floor", load: "floor",
  loading: "floor", check: "floor", shelf: "floor", wait: "customer", collect: "customer",
  lent: "customer", bring: "customer", back: "customer" };

// What the customer has it for is no wait: it is told, but neither drawn to scale nor compared.
export const UNSCALED = "lent";

const OF_STATUS = { RESERVED: "pick", READY: "wait", DELIVERED: "lent", RETURNING: "bring" };
const ENDS = ["RETURNED", "CANCELED", "CANCELED_OutOfStock", "CANCELED_UnregisteredProduct",
  "EXPIRED"];
const IN_HAND = ["compartment", "load", "loading", "wait", "shelf"]; // taken from the shelf

const ofStatus = ({ status, compartment, reason }, phase) => {
  if (ENDS.includes(status)) return IN_HAND.includes(phase) ? "shelf" : null;
  if (status === "PICKED") {
    return phase === "loading" && compartment ? phase : compartment ? "load" : "compartment";
  }
  if (status === "RETURNING" && (phase === "back" || phase === "check")) {
    return reason && phase === "back" ? "bring" : "check";
  }
  return OF_STATUS[status] || phase;
};

const ofDoor = ({ status, by }, phase) => {
  const opensByCode = by === "code" && (status === "opened" || status === "already_open");
  if (!opensByCode) return phase;
  return phase === "wait" ? "collect" : phase === "bring" ? "back" : phase;
};

// The phase after one step of the story; null when nobody holds it any more.
function after(phase, one) {
  if (one.type === "RentalOrdered") return "find";
  if (one.type === "DoorReported") return ofDoor(one, phase);
  if (one.type === "CompartmentRequested") return phase === "load" ? "loading" : phase;
  if (one.type === "StockHandedOver") return "lent";
  if (one.type === "StockReleased" || one.type === "StockReturned") {
    return phase === "shelf" || phase === "check" ? null : phase;
  }
  // Rental follows delivery and says nothing of its own but the end of an order.
  if (one.type === "RentalUpdated" && !ENDS.includes(one.status)) return phase;
  return one.status ? ofStatus(one, phase) : phase;
}

const doorOf = ({ locker, compartment }) =>
  (locker && compartment ? { locker, compartment } : null);

/**
 * phases(steps, now) -> [{phase, holder, from, to, ms, isOpen, actor, door}], oldest first.
 * steps: of GET /myOrders/{id}/story; what has no end yet lasts until `now` (ms).
 */
export function phases(steps, now) {
  const found = [];
  let phase = null;
  let door = null;
  const end = (at) => {
    const last = found.at(-1);
    if (last?.isOpen) Object.assign(last, { to: at, ms: at - last.from, isOpen: false });
  };
  for (const one of steps) {
    const at = new Date(one.at).getTime();
    door = doorOf(one) || door;
    const next = after(phase, one);
    if (one.actor && phase) found.at(-1).actor = one.actor; // a scan ends what was waited for
    if (next !== phase) {
      end(at);
      if (next) {
        found.push({ phase: next, holder: HOLDERS[next], from: at, to: now,
          ms: Math.max(0, now - at), isOpen: true, actor: one.actor, door: null });
      }
      phase = next;
    }
    if (found.length && phase) found.at(-1).door = door;
  }
  return found;
}

/** The one that held it longest, of those that are waits; or null. */
export function longestOf(list) {
  return list.reduce((longest, one) =>
    (one.phase !== UNSCALED && one.ms > (longest?.ms || 0) ? one : longest), null);
}

/** {system, floor, customer}: ms of waits that each had it. */
export function heldBy(list) {
  const sums = { system: 0, floor: 0, customer: 0 };
  for (const { phase, holder, ms } of list) if (phase !== UNSCALED) sums[holder] += ms;
  return sums;
}

/** Where each bar lies, in parts of the whole: [{x, width}]; the unscaled one has no width. */
export function placed(list) {
  const whole = list.reduce((sum, { phase, ms }) => sum + (phase === UNSCALED ? 0 : ms), 0) || 1;
  let x = 0;
  return list.map(({ phase, ms }) => {
    const bar = { x: x / whole, width: phase === UNSCALED ? 0 : ms / whole };
    x += phase === UNSCALED ? 0 : ms;
    return bar;
  });
}
