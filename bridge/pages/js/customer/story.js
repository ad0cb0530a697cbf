// An order as steps of a timeline, and its one next step. Pure: what it is given decides.
import { hasEnded, orderState } from "../states.js";
import { lockerName } from "../names.js";
import { clockOrDate, dayTime } from "../time.js";
import { addWords, hasWord, t } from "../words.js";

addWords({
  "step.ORDERED": ["Ordered", "주문 접수"],
  "step.RESERVED": ["Set aside for you", "상품 확보"],
  "step.PICKED": ["Picked", "상품 준비 완료"],
  "step.READY": ["In the locker", "보관함에 넣음"],
  "step.DELIVERED": ["Collected", "수령"],
  "step.RETURNING": ["Return asked for", "반납 신청"],
  "step.RETURNED": ["Returned", "반납 완료"],
  "step.CANCELED": ["Canceled", "취소됨"],
  "step.CANCELED_OutOfStock": ["Out of stock", "재고 없음"],
  "step.CANCELED_UnregisteredProduct": ["Unknown product", "없는 상품"],
  "step.EXPIRED": ["Not collected in time", "기간 안에 찾지 않음"],
  "step.now.RESERVED": ["Looking at the stock", "재고 확인 중"],
  "step.now.PICKED": ["Being picked", "상품 준비 중"],
  "step.now.PICKED.say": ["Staff take it from the shelf", "창고 직원이 상품을 챙기고 있어요"],
  "step.now.READY": ["Being put into the locker", "보관함에 넣는 중"],
  "step.now.DELIVERED": ["Waits for you", "수령 대기"],
  "step.now.RETURNED": ["Bring it back", "반납해 주세요"],
  "step.now.check": ["Being checked", "반납 확인 중"],
  "step.next.DELIVERED": ["Collect", "수령"],
  "step.next.RETURNED": ["Return", "반납"],
  "step.by": ["by {at}", "{at}까지"],
  "step.lost": ["Staff look for it", "직원이 찾는 중"],
  "step.handed": ["Handed over at the counter", "창구에서 받음"],
  "step.wait": ["Waits for a free compartment", "빈 칸을 기다리는 중"],
  "step.where": ["{locker}, compartment {n}", "{locker}, {n}번 칸"],
  "step.now": ["now", "지금"],
  "next.ORDERED": ["We look at the stock", "재고를 확인하고 있어요"],
  "next.ORDERED.say": ["This takes a moment. The page moves by itself.",
    "잠깐이면 돼요. 화면은 자동으로 바뀌어요."],
  "next.RESERVED": ["We take it from the shelf", "상품을 챙기고 있어요"],
  "next.RESERVED.say": ["It is set aside for you. The page moves by itself.",
    "상품을 맡아 두었어요. 화면은 자동으로 바뀌어요."],
  "next.PICKED": ["It is put into the locker", "보관함에 넣고 있어요"],
  "next.PICKED.say": ["Then you get a code of 8 digits here. The page moves by itself.",
    "다 넣으면 수령 번호 8자리를 바로 알려 드려요. 화면은 자동으로 바뀌어요."],
  "next.wait": ["It waits for a compartment", "빈 칸을 기다리고 있어요"],
  "next.READY": ["It waits in compartment {n}", "{n}번 칸에서 찾아가세요"],
  "next.lost": ["Staff look for your goods", "직원이 상품을 찾고 있어요"],
  "next.DELIVERED": ["It is yours", "사용 중이에요"],
  "next.DELIVERED.say": ["Return it whenever you are done.", "다 쓰면 반납해 주세요."],
  "next.direct": ["It is yours", "바로 가져가세요"],
  "next.direct.say": ["Take it with you at the counter.", "창구에서 받아 가세요."],
  "next.RETURNING": ["Bring it to compartment {n}", "{n}번 칸에 넣어 주세요"],
  "next.check": ["We check what came back", "반납 상품을 확인하고 있어요"],
  "next.check.say": ["It lies in the locker. Nothing is left to do for you.",
    "보관함에 잘 들어 있어요. 더 하실 일은 없어요."],
  "next.RETURNED": ["All done", "모두 끝났어요"],
  "next.RETURNED.say": ["It is back on its shelf.", "상품이 창고로 돌아왔어요."],
  "next.CANCELED": ["The order is canceled", "주문이 취소됐어요"],
  "next.CANCELED.say": ["Nothing is left to do for you.", "더 하실 일은 없어요."],
  "next.CANCELED_OutOfStock": ["There were not enough", "재고가 모자랐어요"],
  "next.CANCELED_UnregisteredProduct": ["We do not have this product", "없는 상품이에요"],
  "next.EXPIRED": ["It was not collected in time", "기간 안에 찾아가지 않으셨어요"],
  "next.EXPIRED.say": ["The goods went back. Order again when you need them.",
    "상품은 창고로 돌아갔어요. 필요하면 다시 주문해 주세요."],
});

const WAY = {
  locker: ["ORDERED", "RESERVED", "PICKED", "READY", "DELIVERED", "RETURNED"],
  direct: ["ORDERED", "RESERVED", "DELIVERED"],
};
const ICONS = { ORDERED: "ordered", RESERVED: "reserved", PICKED: "picked", READY: "door",
  DELIVERED: "qr", RETURNED: "returning" };

const whereOf = (order) => (order.locker && order.compartment
  ? t("step.where", { locker: lockerName(order.locker), n: order.compartment }) : "");

// Where the goods lay for their customer. The order itself tells it only as long as they do: later
// its compartment is the one that they come back to.
const layIn = (order, story) => whereOf(orderState(order) === "READY" ? order
  : story.filter(({ status, locker }) => status === "READY" && locker).at(-1) || {});

// When a state was reached, by the story's first row that says so.
function timesOf(order, story) {
  const times = { ORDERED: order.orderedAt };
  for (const row of story) {
    if (row.status && row.status !== "REQUESTED" && !times[row.status]) times[row.status] = row.at;
  }
  const state = orderState(order);
  if (!times[state]) times[state] = order.updatedAt;
  return times;
}

const doneStep = (state, times, say) => ({ step: "done", icon: ICONS[state],
  title: t("step." + state), say, at: times[state],
  when: times[state] && clockOrDate(times[state]) });

// The step after the state that an order is in.
function underWay(next, { order, delivery, direct }) {
  const waits = next === "READY" && !order.compartment && order.reason;
  const lost = next === "DELIVERED" && delivery?.compartmentUse === "assigned";
  const checked = next === "RETURNED" && delivery?.compartmentUse === "loaded";
  const by = next === "DELIVERED" && order.collectBy
    ? t("step.by", { at: dayTime(order.collectBy) }) : "";
  const key = "step.now." + next;
  const title = waits ? "step.wait" : lost ? "step.lost" : checked ? "step.now.check"
    : direct && next === "DELIVERED" ? "step.now.PICKED" : key;
  return {
    step: waits || lost ? "wait" : "now",
    icon: ICONS[next],
    title: t(title),
    say: by || (hasWord(key + ".say") ? t(key + ".say") : whereOf(order)),
    when: t("step.now"),
  };
}

const nextStep = (state) => ({ step: "next", icon: ICONS[state],
  title: t(hasWord("step.next." + state) ? "step.next." + state : "step." + state) });

/**
 * timeline({order, delivery, story, direct}) -> steps of parts/timeline.js.
 * delivery: GET /deliveries/{id}, or null; story: its rows, oldest first, or []; direct: no locker.
 */
export function timeline({ order, delivery, story, direct }) {
  const state = orderState(order);
  const way = WAY[direct ? "direct" : "locker"];
  const times = timesOf(order, story);
  if (hasEnded(order) && state !== "RETURNED") {
    return [
      ...way.filter((one) => one === "ORDERED" || times[one]).map((one) => doneStep(one, times)),
      { step: "ended", icon: "close", title: t("step." + state), say: order.reason,
        isReason: true, at: times[state], when: clockOrDate(times[state]) },
    ];
  }
  const reached = state === "RETURNING" ? way.indexOf("DELIVERED") : way.indexOf(state);
  const resting = state === "DELIVERED" || state === "RETURNED";
  return way.map((one, i) => {
    if (i <= reached) {
      const say = direct && one === "DELIVERED" ? t("step.handed")
        : one === "READY" ? layIn(order, story) : "";
      return doneStep(one, times, say);
    }
    if (i > reached + 1 || resting) return nextStep(one);
    return underWay(one, { order, delivery, direct });
  });
}

/**
 * next({order, delivery, direct}) -> {title, say, tone, code, quiet}: the one next step.
 * code: there is a code to show; quiet: the state is not what counts now. left: "47 minutes left",
 * for what waits.
 */
export function next({ order, delivery, direct }, left) {
  const state = orderState(order);
  const said = (key, values) => (hasWord(`next.${key}.say`) ? t(`next.${key}.say`, values) : "");
  const of = (key, rest = {}, values = {}) =>
    ({ title: t("next." + key, values), say: said(key, values), ...rest });
  const values = { n: order.compartment };
  const place = [order.locker && lockerName(order.locker), left].filter(Boolean).join(" · ");
  if (state === "PICKED" && !order.compartment && order.reason) {
    return of("wait", { tone: "warn", say: order.reason });
  }
  if (state === "READY" && delivery?.compartmentUse === "assigned") {
    return of("lost", { tone: "warn", quiet: true, say: order.reason });
  }
  if (state === "READY") return { ...of("READY", { code: true }, values), say: place };
  if (state === "RETURNING" && delivery?.compartmentUse === "loaded") return of("check");
  if (state === "RETURNING") {
    return { ...of("RETURNING", { code: true }, values), say: place };
  }
  if (state === "DELIVERED" && direct) return of("direct");
  const one = of(state);
  return hasEnded(order) && order.reason ? { ...one, say: order.reason } : one;
}
