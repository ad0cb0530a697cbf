// The story of an order in words. Pure: what GET /myOrders/{id}/story tells decides.
import { doorReports, hasEnded, orderState, orderStates } from "../states.js";
import { addWords, hasWord, t } from "../words.js";
import { doorName } from "./report.js";

addWords({
  "told.RentalOrdered": ["Ordered", "주문 접수"],
  "told.DeliveryRequested": ["Goods asked for", "상품 요청"],
  "told.StockReserved": ["Set aside", "재고 확보"],
  "told.StockRejected": ["Not set aside", "상품 확보 안 됨"],
  "told.StockPicked": ["Taken from the shelf", "선반에서 꺼냄"],
  "told.CompartmentRequested": ["Asks for its compartment", "칸 열기 요청"],
  "told.StockHandedOver": ["Handed over", "전달"],
  "told.StockReturned": ["Come back", "반납 확인"],
  "told.StockReleased": ["Free again", "확보 해제"],
  "told.RentalCanceled": ["Cancel asked for", "취소 요청"],
  "told.freed": ["Compartment free again", "칸 비움"],
  "told.kept": ["Compartment kept", "칸 배정"],
  "told.changed": ["Delivery changed", "배송 정보 변경"],
  "told.waits.RESERVED": ["Waits to be picked", "꺼내기 대기"],
  "told.waits.PICKED": ["Waits to be loaded", "적재 대기"],
  "told.waits.compartment": ["Waits for a compartment", "빈 칸 대기"],
  "told.waits.READY": ["Waits for its customer", "고객 대기"],
  "told.waits.DELIVERED": ["With its customer", "고객 사용 중"],
  "told.waits.RETURNING": ["Waits to be brought back", "반납 대기"],
  "told.waits.ORDERED": ["Waits for stock’s answer", "재고 확인 대기"],
});

const ICONS = { RentalOrdered: "ordered", DeliveryRequested: "next", StockReserved: "reserved",
  StockRejected: "nostock", StockPicked: "picked", CompartmentRequested: "scan",
  StockHandedOver: "delivered", StockReturned: "returned", StockReleased: "undo",
  RentalCanceled: "close" };
const SCANS = ["StockPicked", "CompartmentRequested", "StockHandedOver", "StockReturned"];
const ECHO_MS = 2000;
const ENDED = ["warn", "bad"];

const stateWord = (status) => (orderStates[status] ? t(orderStates[status].word) : status);

// What an update of the delivery or the order says: a new state, a compartment, or something else.
function titleOf({ type, status, compartment }, before) {
  if (type !== "DeliveryUpdated" && type !== "RentalUpdated") {
    return hasWord("told." + type) ? t("told." + type) : type;
  }
  if (!before || before.status !== status) return stateWord(status);
  if (before.compartment && !compartment) return t("told.freed");
  return t(before.compartment !== compartment ? "told.kept" : "told.changed");
}

// One step of the story as the timeline draws it. before: the last update of the same source.
function stepOf(one, before) {
  const { type, status, reason, locker, compartment, actor, source, at } = one;
  const known = type.endsWith("Updated") && orderStates[status];
  const isNew = !before || before.status !== status;
  return {
    kind: actor || SCANS.includes(type) ? "scan" : "state",
    at,
    step: type === "StockRejected" || (known && ENDED.includes(known.tone)) ? "ended"
      : reason && known ? "wait" : "done",
    icon: known ? (isNew ? known.icon : compartment ? "lock" : "info") : ICONS[type] || "info",
    title: titleOf(one, before),
    say: reason || "",
    where: compartment ? doorName(locker, compartment) : "",
    who: [actor, source].filter(Boolean).join(", "),
  };
}

// What a door reported, as a step.
function doorStep({ at, status, by, reason, locker, compartment }) {
  const { tone, icon, word } = doorReports[status] || doorReports.started;
  const refusal = "refusal." + reason;
  const says = [by && t("report.by.nobody." + by),
    reason && (hasWord(refusal) ? t(refusal) : reason)];
  return { kind: "door", at, icon, step: ENDED.includes(tone) ? "ended" : "done",
    title: doorReports[status] ? t(word) : status, say: says.filter(Boolean).join(", "),
    where: doorName(locker, compartment), who: locker };
}

// Rental repeats what delivery has said; for people that is one step.
const isEcho = (one, said) => one.type === "RentalUpdated" && said.status === one.status &&
  Math.abs(new Date(one.at) - new Date(said.at)) < ECHO_MS;

function toldSteps(told) {
  const steps = [];
  const last = {};
  let delivery = null; // the step of delivery's last word
  for (const one of told) {
    if (delivery && isEcho(one, last.DeliveryUpdated)) {
      if (!delivery.who.includes("rental")) delivery.who += ", rental";
    } else {
      steps.push(one.type === "DoorReported" ? doorStep(one) : stepOf(one, last[one.type]));
    }
    if (one.type === "DeliveryUpdated") delivery = steps.at(-1);
    last[one.type] = one;
  }
  return steps;
}

// Where the order stands now, unless it has ended.
function nowStep(order) {
  if (hasEnded(order)) return null;
  const state = orderState(order);
  const key = state === "PICKED" && !order.compartment && order.reason ? "compartment" : state;
  return { kind: "state", step: order.reason ? "wait" : "now", icon: orderStates[state].icon,
    title: t("told.waits." + key), say: order.reason || "", where: "", who: "", at: null };
}

/** storySteps(order, told) -> steps, oldest first. told: of GET /myOrders/{id}/story. */
export function storySteps(order, told) {
  const steps = toldSteps(told);
  if (!told.length) {
    steps.push({ kind: "state", step: "done", icon: "ordered", at: order.orderedAt,
      title: t("told.RentalOrdered"), say: "", where: "", who: "rental" });
  }
  const now = nowStep(order);
  return now ? [...steps, now] : steps;
}

// The longest time between two steps that follow each other: {from, ms}, or null.
export function longestWait(steps) {
  let longest = null;
  const timed = steps.filter(({ at }) => at);
  timed.forEach((one, i) => {
    if (i === 0) return;
    const ms = new Date(one.at) - new Date(timed[i - 1].at);
    if (!longest || ms > longest.ms) longest = { before: one, ms };
  });
  return longest;
}
