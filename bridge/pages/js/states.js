// State to tone, glyph and word: the one table of them. Components take what it says.
import { addWords } from "./words.js";

const state = (tone, icon, word, loud = false) => ({ tone, icon, word, loud });

// What an order is for people: orderState(order) tells which.
export const orderStates = {
  ORDERED: state("calm", "ordered", "order.ORDERED"),
  RESERVED: state("hold", "reserved", "order.RESERVED"),
  PICKED: state("move", "picked", "order.PICKED"),
  READY: state("good", "ready", "order.READY"),
  DELIVERED: state("good", "delivered", "order.DELIVERED"),
  RETURNING: state("hold", "returning", "order.RETURNING"),
  RETURNED: state("calm", "returned", "order.RETURNED"),
  CANCELED: state("calm", "canceled", "order.CANCELED"),
  CANCELED_OutOfStock: state("warn", "nostock", "order.CANCELED_OutOfStock"),
  CANCELED_UnregisteredProduct: state("warn", "unknown", "order.CANCELED_UnregisteredProduct"),
  EXPIRED: state("warn", "expired", "order.EXPIRED"),
};

// What a door is on the wall: compartmentState(locker, compartment, now) tells which.
export const compartmentStates = {
  free: state("calm", "free", "door.free"),
  reserved: state("hold", "reserved", "door.reserved"),
  loaded: state("move", "loaded", "door.loaded"),
  open: state("door", "open", "door.open", true),
  ajar: state("warn", "ajar", "door.ajar", true),
  jammed: state("bad", "jammed", "door.jammed", true),
  out: state("calm", "out", "door.out"),
  offline: state("calm", "offline", "door.offline"),
};

const ENDS = ["CANCELED", "CANCELED_OutOfStock", "CANCELED_UnregisteredProduct", "RETURNED",
  "EXPIRED"];

// The state of an order as GET /myOrders or an OrderChanged has it. Rental and delivery are told by
// two streams: the end wins, then the delivery, which is further than the rental.
export function orderState(order) {
  if (ENDS.includes(order.rentalStatus)) return order.rentalStatus;
  const delivery = order.deliveryStatus;
  if (delivery && delivery !== "REQUESTED") return delivery;
  return order.rentalStatus;
}

export const hasEnded = (order) => ENDS.includes(orderState(order));

// Does somebody still work on it, or wait for it? With the customer is not under way.
export const isUnderWay = (order) =>
  ["ORDERED", "RESERVED", "PICKED", "READY", "RETURNING"].includes(orderState(order));

// The state of one compartment of a locker as GET /lockers has it. What was not heard is offline.
export function compartmentState(locker, compartment) {
  if (locker.status !== "online" || compartment.door === "unknown") return "offline";
  if (compartment.door === "jammed") return "jammed";
  if (compartment.door === "ajar") return "ajar";
  if (compartment.door === "open" || compartment.door === "opening") return "open";
  if (compartment.use === "out_of_order") return "out";
  if (compartment.use === "loaded") return "loaded";
  if (compartment.use === "assigned") return "reserved";
  return "free";
}

addWords({
  "order.ORDERED": ["Ordered", "주문 접수"],
  "order.RESERVED": ["Reserved", "상품 확보"],
  "order.PICKED": ["Picked", "상품 준비 완료"],
  "order.READY": ["Ready", "수령 대기"],
  "order.DELIVERED": ["Delivered", "수령 완료"],
  "order.RETURNING": ["Returning", "반납 중"],
  "order.RETURNED": ["Returned", "반납 완료"],
  "order.CANCELED": ["Canceled", "취소됨"],
  "order.CANCELED_OutOfStock": ["Out of stock", "재고 없음"],
  "order.CANCELED_UnregisteredProduct": ["Unknown product", "없는 상품"],
  "order.EXPIRED": ["Expired", "기간 지남"],
  "door.free": ["Free", "비어 있음"],
  "door.reserved": ["Reserved", "예약"],
  "door.loaded": ["Loaded", "보관 중"],
  "door.open": ["Open", "열림"],
  "door.ajar": ["Open too long", "오래 열림"],
  "door.jammed": ["Jammed", "문 걸림"],
  "door.out": ["Out of service", "사용 중지"],
  "door.offline": ["Offline", "오프라인"],
});
