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

// How a locker is heard.
export const lockerStates = {
  online: state("good", "check", "locker.online"),
  offline: state("calm", "offline", "locker.offline"),
  no_key: state("warn", "lock", "locker.no_key"),
};

// How a device is: deviceState(device, locker, now) tells which. In the order in which somebody
// should look at them.
export const deviceStates = {
  jammed: state("bad", "jammed", "device.jammed"),
  no_key: state("bad", "lock", "locker.no_key"),
  ajar: state("warn", "ajar", "device.ajar"),
  offline: state("calm", "offline", "locker.offline"),
  unheard: state("warn", "offline", "device.unheard"),
  paused: state("warn", "keyboard", "device.paused"),
  online: state("good", "check", "locker.online"),
  station: state("calm", "scan", "device.station"),
};

// How a process is: processState(process, broker) tells which.
export const processStates = {
  ready: state("good", "check", "process.ready"),
  behind: state("warn", "ajar", "process.behind"),
  degraded: state("warn", "bell", "process.degraded"),
  letters: state("warn", "letters", "process.letters"),
  not_ready: state("bad", "jammed", "process.not_ready", true),
  silent: state("bad", "offline", "process.silent", true),
  offline: state("bad", "away", "process.offline", true),
  unknown: state("calm", "unknown", "process.unknown"),
};

// Is this bridge connected to the broker?
export const linkStates = {
  up: state("good", "check", "link.up"),
  down: state("bad", "away", "link.down", true),
};

// What a locker reports of its doors, by the `what` of a DoorReported.
export const doorReports = {
  opened: state("door", "open", "report.opened"),
  already_open: state("door", "open", "report.already_open"),
  jammed: state("bad", "jammed", "report.jammed"),
  no_answer: state("warn", "away", "report.no_answer"),
  expired: state("warn", "expired", "report.expired"),
  refused: state("warn", "canceled", "report.refused"),
  interrupted: state("warn", "away", "report.interrupted"),
  unanswered: state("warn", "clock", "report.unanswered"),
  closed: state("calm", "door", "report.closed"),
  wrong_code: state("warn", "keyboard", "report.wrong_code"),
  still_open: state("door", "open", "report.still_open"),
  open_too_long: state("warn", "ajar", "report.open_too_long"),
  open_alarm: state("bad", "bell", "report.open_alarm"),
  forced: state("bad", "bolt", "report.forced"),
  shut_again: state("calm", "check", "report.shut_again"),
  board_silent: state("warn", "offline", "report.board_silent"),
  board_answers: state("good", "check", "report.board_answers"),
  started: state("calm", "turn", "report.started"),
};

// Where a unit is.
export const assetStates = {
  received: state("calm", "plus", "asset.received"),
  on_shelf: state("calm", "bin", "asset.on_shelf"),
  picked: state("move", "picked", "asset.picked"),
  in_locker: state("move", "loaded", "asset.in_locker"),
  on_hire: state("good", "person", "asset.on_hire"),
  returned: state("hold", "returning", "asset.returned"),
  checked: state("calm", "check", "asset.checked"),
  quarantine: state("warn", "out", "asset.quarantine"),
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

// The state of a device as GET /devices has it. locker: as GET /lockers has it, if it is one; it
// comes by the stream, and so is the newer word of the two.
export function deviceState({ kind, status, pausedUntil }, locker, now) {
  if (kind === "station") return "station";
  const said = locker ? locker.status : status;
  if (said !== "online") return said;
  const doors = (locker?.compartments || []).map(({ door }) => door);
  if (doors.includes("jammed")) return "jammed";
  if (doors.includes("ajar")) return "ajar";
  if (doors.includes("unknown")) return "unheard";
  return pausedUntil && new Date(pausedUntil) > now ? "paused" : "online";
}

export const needsLook = (state) => state !== "online" && state !== "station";

export const LAG_BEHIND = 50; // events of one stream that are not applied yet

// The state of a process as GET /processes has it. With the broker away nothing is known of others.
export function processState({ state: said, status, degraded = [] }, broker) {
  const isOther = status?.readers === undefined;
  if (broker.link === "down" && isOther && said !== "not_ready") return "unknown";
  if (said !== "ready") return said;
  if (degraded.some(({ reason }) => reason !== "letters")) return "degraded";
  if (status.deadLetters > 0) return "letters";
  if (status.follows.some(({ lag }) => lag >= LAG_BEHIND)) return "behind";
  return "ready";
}

addWords({
  "process.ready": ["Ready", "정상"],
  "process.behind": ["Behind", "밀림"],
  "process.degraded": ["Degraded", "주의"],
  "process.letters": ["Dead letters", "처리 못 한 이벤트"],
  "process.not_ready": ["Not ready", "준비 안 됨"],
  "process.silent": ["Silent", "소식 없음"],
  "process.offline": ["Offline", "오프라인"],
  "process.unknown": ["Not known", "알 수 없음"],
  "link.up": ["Connected", "연결됨"],
  "link.down": ["Not connected", "연결 끊김"],
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
  "locker.online": ["Online", "온라인"],
  "locker.offline": ["Offline", "오프라인"],
  "locker.no_key": ["No key", "키 없음"],
  "device.jammed": ["Door jammed", "문 걸림"],
  "device.ajar": ["Door open too long", "문 오래 열림"],
  "device.unheard": ["Doors not heard", "문 상태 모름"],
  "device.paused": ["Takes no codes", "번호 입력 중지"],
  "device.station": ["Page", "페이지"],
  "report.opened": ["Opened", "열림"],
  "report.already_open": ["Was open", "이미 열려 있음"],
  "report.jammed": ["Jammed", "문 걸림"],
  "report.no_answer": ["No answer", "응답 없음"],
  "report.expired": ["Too late", "기한 지남"],
  "report.refused": ["Refused", "거절"],
  "report.interrupted": ["Interrupted", "중단됨"],
  "report.unanswered": ["No word", "회신 없음"],
  "report.closed": ["Closed", "닫힘"],
  "report.wrong_code": ["Wrong code", "틀린 번호"],
  "report.still_open": ["Still open", "아직 열림"],
  "report.open_too_long": ["Open too long", "오래 열림"],
  "report.open_alarm": ["Alarm", "열림 경보"],
  "report.forced": ["Forced", "강제로 열림"],
  "report.shut_again": ["Shut again", "다시 닫힘"],
  "report.board_silent": ["Board silent", "제어판 응답 없음"],
  "report.board_answers": ["Board answers", "제어판 응답"],
  "report.started": ["Started", "시작됨"],
  "asset.received": ["Received", "입고됨"],
  "asset.on_shelf": ["On the shelf", "선반에 있음"],
  "asset.picked": ["Picked", "꺼냄"],
  "asset.in_locker": ["In a locker", "보관함에 있음"],
  "asset.on_hire": ["With customer", "고객 사용 중"],
  "asset.returned": ["Returned", "반납됨"],
  "asset.checked": ["Checked", "확인됨"],
  "asset.quarantine": ["Quarantine", "사용 보류"],
});
