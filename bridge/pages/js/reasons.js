// Why an order waits or ended, and why something was refused, in Korean. The services speak
// English; a sentence that is not known here stays as it is. browser.reasons holds this table to
// their source.
import { lockerName } from "./names.js";
import { filled, readerOf } from "./sentences.js";
import { dateTime } from "./time.js";
import { hasWord, t } from "./words.js";

// [for customers, for staff and the office]
const KOREAN = {
  // why an order waits or ended (services/delivery)
  "{n} ordered, {m} available": ["{n}대를 주문하셨는데 {m}대만 있어요", "주문 {n}대, 재고 {m}대"],
  "product {n} is not registered": ["{n}번 상품은 등록되어 있지 않아요", "상품 {n} 미등록"],
  "waits for a free compartment": ["빈 칸이 나기를 기다리고 있어요", "빈 칸 대기"],
  "waits until the product's size is known": ["상품 크기를 확인하고 있어요", "상품 크기 확인 대기"],
  "larger than every compartment: handed over at the counter":
    ["보관함 칸보다 커요. 창구에서 드려요", "모든 칸보다 큼: 창구에서 전달"],
  "{l} has no free compartment; the goods come into {b}":
    ["{l}에 빈 칸이 없어서 {b}에 넣어요", "{l} 빈 칸 없음: {b}에 넣기"],
  "there is no {l}; the goods come into {b}":
    ["{l}이(가) 없어서 {b}에 넣어요", "{l} 없음: {b}에 넣기"],
  "compartment {n} of {l} did not open: the goods come into compartment {m} of {b}":
    ["{l} {n}번 칸이 열리지 않아서 {b} {m}번 칸에 넣어요",
      "{l} {n}번 칸 안 열림: {b} {m}번 칸에 넣기"],
  "compartment {n} of {l} is out of service: the goods come into compartment {m} of {b}":
    ["{l} {n}번 칸을 쓰지 않게 되어 {b} {m}번 칸에 넣어요",
      "{l} {n}번 칸 사용 중지: {b} {m}번 칸에 넣기"],
  "compartment {n} of {l} did not open: {e}":
    ["{l} {n}번 칸이 열리지 않았어요({e})", "{l} {n}번 칸 안 열림: {e}"],
  "compartment {n} of {l} did not open: {e}; there is a new code":
    ["{l} {n}번 칸이 열리지 않았어요({e}). 새 번호를 드렸어요",
      "{l} {n}번 칸 안 열림: {e}. 새 번호 발급"],
  "nothing was sensed in compartment {n} of {l}":
    ["{l} {n}번 칸에서 상품이 감지되지 않았어요", "{l} {n}번 칸: 감지된 것 없음"],
  "nothing was sensed in compartment {n} of {l}; there is a new code":
    ["{l} {n}번 칸에서 상품이 감지되지 않았어요. 새 번호를 드렸어요",
      "{l} {n}번 칸: 감지된 것 없음. 새 번호 발급"],
  "the goods are still in compartment {n} of {l}":
    ["상품이 아직 {l} {n}번 칸에 있어요", "상품이 아직 {l} {n}번 칸에 있음"],
  "the goods are still in compartment {n} of {l}; there is a new code":
    ["상품이 아직 {l} {n}번 칸에 있어요. 새 번호를 드렸어요",
      "상품이 아직 {l} {n}번 칸에 있음. 새 번호 발급"],
  "nothing was sensed in compartment {n} of {l}: lay the goods in, scan again":
    ["{l} {n}번 칸에 다시 넣고 있어요", "{l} {n}번 칸에 감지된 것 없음: 넣고 다시 스캔"],
  "compartment {n} of {l} is empty, but nobody has collected with a code: staff look for the \
goods, and load them again":
    ["{l} {n}번 칸이 비어 있어요. 번호를 쓴 사람은 없어요. 직원이 찾아서 다시 넣어요",
      "{l} {n}번 칸 비어 있음, 번호 사용 없음: 찾아서 다시 넣기"],
  "a backup of delivery came back: staff look into compartment {n} of {l}, and take it back into \
service; then there is a new code":
    ["직원이 {l} {n}번 칸을 확인하고 있어요. 확인이 끝나면 새 번호를 드려요",
      "배송 백업 복원됨: {l} {n}번 칸을 열어 확인 후 사용 재개, 그 뒤 새 번호 발급"],
  "staff have looked inside; there is a new code":
    ["직원이 확인했어요. 새 번호를 드렸어요", "칸 확인함. 새 번호 발급"],
  "{l} is not connected: scan the order and compartment {n} again when it is":
    ["{l}이(가) 연결되지 않아 기다리고 있어요", "{l} 연결 끊김: 연결되면 주문과 {n}번 칸 다시 스캔"],
  "{l} did not answer: scan the order and compartment {n} again":
    ["{l}이(가) 응답하지 않아 다시 시도해요", "{l} 응답 없음: 주문과 {n}번 칸 다시 스캔"],
  "orders are for an account, and you belong to none; ask an operator":
    ["소속 거래처가 없어 주문할 수 없어요. 관리자에게 알려 주세요", "소속 거래처 없음: 관리자에게 문의"],
  "you order for your own account alone: leave account out":
    ["내 거래처로만 주문할 수 있어요", "자기 거래처로만 주문 가능: account 제외"],
  "not collected in time": ["기간 안에 찾아가지 않으셨어요", "기간 안에 수령 안 함"],
  "nothing was brought in time": ["기간 안에 가져오지 않으셨어요", "기간 안에 반납 안 함"],

  // refusals of a return, a code, a cancel (services/delivery, services/rental)
  "Delivery {n} did not come by a locker; its goods come back when its rental is canceled.":
    ["보관함으로 받은 주문이 아니에요. 주문을 취소하면 반납돼요",
      "보관함 주문 아님: 주문을 취소하면 반납"],
  "Delivery {n} is not with the customer, so that nothing of it can be returned.":
    ["아직 받지 않은 주문이라 반납할 수 없어요", "고객에게 없는 주문: 반납 불가"],
  "The goods of delivery {n} are larger than every compartment; bring them to the counter.":
    ["보관함 칸보다 커요. 창구로 가져와 주세요", "모든 칸보다 큼: 창구에서 반납"],
  "No compartment is free for the goods of delivery {n}; try again later, or bring them to the \
counter.": ["지금은 빈 칸이 없어요. 나중에 다시 시도하거나 창구로 가져와 주세요",
    "빈 칸 없음: 나중에 다시 시도하거나 창구에서 반납"],
  "Delivery {n} has no code now: there is one while its goods wait in a locker, or while it is to \
be returned to one.": ["지금은 번호가 없어요. 상품이 보관함에 있거나 반납할 때 생겨요",
    "번호 없음: 보관함에 있거나 반납할 때만 있음"],
  "Locker {l} does not have the code yet; try again in a moment.":
    ["{l}에 번호를 보내고 있어요. 잠시 뒤 다시 봐 주세요", "{l}에 번호 전송 중: 잠시 뒤 다시"],
  "Locker {l} does not have the code yet; it is not connected: try again later.":
    ["{l}이(가) 연결되지 않았어요. 나중에 다시 봐 주세요", "{l} 연결 끊김: 나중에 다시"],
  "Locker {l} is out of service; try again later.":
    ["{l}은(는) 지금 쓸 수 없어요. 나중에 다시 시도해 주세요", "{l} 사용 중지: 나중에 다시"],
  "There is no delivery {n}; a delivery has the id of its rental and follows the order within a \
moment.": ["{n}번 주문을 준비하고 있어요. 잠시 뒤 다시 봐 주세요",
    "배송 {n} 없음: 주문 직후에 생김"],
  "Delivery does not know the size of product {n} yet; try again in a moment.":
    ["상품 크기를 확인하고 있어요. 잠시 뒤 다시 시도해 주세요",
      "상품 {n} 크기 모름: 잠시 뒤 다시"],
  "The goods of delivery {n} were collected; they come back by a return, not by a cancel.":
    ["이미 찾아가신 상품이에요. 취소 대신 반납해 주세요", "이미 수령함: 취소가 아니라 반납"],
  "The cancel of rental {n} does not agree with its order as delivery keeps it ({a}); nothing was \
changed.": ["주문 내용이 맞지 않아 취소하지 못했어요. 바뀐 것은 없어요",
    "주문 {n} 내용 불일치({a}): 변경 없음"],
  "There is no compartment {n} of {l}; GET /lockers lists them.":
    ["{l}에 {n}번 칸이 없어요", "{l} {n}번 칸 없음"],
  "There is no locker {l}, or it has no compartments; GET /lockers lists them.":
    ["{l}이(가) 없어요", "{l} 없음"],
  "Compartment {n} of {l} is in service: take it out of service before you {a}, so that no order \
gets it meanwhile.": ["{l} {n}번 칸을 쓰고 있어요. 먼저 사용을 중지해 주세요",
    "{l} {n}번 칸 사용 중: 먼저 사용 중지"],
  "Compartment {n} of {l} was asked to open and may still do so; try again in a moment.":
    ["{l} {n}번 칸이 곧 열릴 수 있어요. 잠시 뒤 다시 시도해 주세요",
      "{l} {n}번 칸이 열릴 수 있음: 잠시 뒤 다시"],
  "When somebody last walked to compartment {n} of {l}, {a} opened: mend the wire, and walk there \
again.": ["{l} {n}번 칸은 다른 문이 열렸어요. 배선을 고치고 다시 점검해 주세요",
    "{l} {n}번 칸 점검 불일치: 배선을 고치고 다시 점검"],
  "{l} is not connected, so nothing opens; try again when it is.":
    ["{l}이(가) 연결되지 않아 열 수 없어요", "{l} 연결 끊김: 열리지 않음"],
  "Somebody is at compartment {n} of {l} already, or about to open it; try again in a moment.":
    ["{l} {n}번 칸을 다른 사람이 열고 있어요. 잠시 뒤 다시 시도해 주세요",
      "{l} {n}번 칸 다른 사람이 여는 중: 잠시 뒤 다시"],
  "Goods lie in compartment {n} of {l}; to open it all the same, say that they stay there (goods: \
stay).": ["{l} {n}번 칸에 상품이 있어요", "{l} {n}번 칸에 상품 있음"],
  "the locker has not confirmed yet that the code of delivery {n} opens nothing any more. It is \
canceled as soon as the locker has, also if nobody asks again":
    ["보관함이 번호를 지우면 바로 취소돼요. 다시 누르지 않으셔도 돼요",
      "보관함이 번호를 지우면 자동으로 취소"],
  "locker {l} is not connected, and the code can still be used there. Cancel again when it is \
back. If nobody does, the order ends by itself after {t}, as soon as the locker is back":
    ["{l}이(가) 연결되지 않아 번호를 아직 쓸 수 있어요. 연결되면 다시 취소해 주세요. 그대로 \
두면 {t} 뒤 저절로 끝나요", "{l} 연결 끊김, 번호 유효: 연결되면 다시 취소. 그대로 두면 {t} \
뒤 자동 종료"],
  "locker {l} is out of service, and nobody can take the code away from it. The order ends by \
itself at {t}, when its code does": ["{l}은(는) 지금 쓸 수 없어서 번호를 지울 수 없어요. {t}에 저절로 \
끝나요", "{l} 사용 중지, 번호 회수 불가: {t} 자동 종료"],
  "Rental {n} is not canceled yet: {a}.": ["아직 취소되지 않았어요. {a}", "주문 {n} 취소 안 됨. {a}"],
  "Rental {n} is not canceled yet: {a}. The circuit breaker to delivery is {b}; try again in {m} \
ms.":
    ["아직 취소되지 않았어요. {a}. 잠시 뒤 다시 시도해 주세요",
      "주문 {n} 취소 안 됨. {a}. {m}ms 뒤 다시"],
  "Rental {n} is unchanged: delivery does not agree to the cancel, and the staff must look into \
it. Delivery says: {a}": ["취소하지 못했고 바뀐 것은 없어요. 직원이 확인할게요. {a}",
    "주문 {n} 그대로: 취소 거절됨, 확인 필요. {a}"],
  "delivery did not answer in time; if it agreed all the same, the rental shows CANCELED within a \
moment": ["응답이 늦어요. 취소됐다면 곧 화면에 보여요", "응답 늦음: 취소됐으면 곧 표시"],
  "delivery is not there; if it heard the question all the same, the rental shows CANCELED within \
a moment": ["지금은 취소를 처리할 수 없어요. 취소됐다면 곧 화면에 보여요",
    "delivery 꺼짐: 취소됐으면 곧 표시"],
  "delivery is overloaded": ["지금은 요청이 너무 많아요", "delivery 과부하"],
  "a disk is full": ["저장 공간이 가득 찼어요", "디스크 가득 참"],
  "delivery could not do it": ["지금은 처리할 수 없어요", "delivery 처리 실패"],
  "{n} cancels wait for delivery already; try again in a second.":
    ["지금은 취소 요청이 너무 많아요. 잠시 뒤 다시 시도해 주세요", "취소 대기 {n}건: 1초 뒤 다시"],
  "{n} cancels wait for lockers; try again later.":
    ["지금은 취소 요청이 너무 많아요. 나중에 다시 시도해 주세요", "보관함 취소 대기 {n}건: 나중에 다시"],
  "There is no rental {n}; look up the ids in the list.":
    ["{n}번 주문이 없어요. 번호를 다시 확인해 주세요", "주문 {n} 없음: 번호 확인"],

  // refusals of a scan at a station (services/stock)
  "{n} stations have scanned within a week, and more are not kept; scan at one that is there.":
    ["스캔 자리가 너무 많아요. 있는 자리에서 스캔해 주세요", "스캔 자리 {n}개 초과: 있는 자리 사용"],
  "{l} is a scanner and has its own session; name the station otherwise, as in desk-1.":
    ["이 이름은 스캐너 이름이에요. 다른 이름을 써 주세요",
      "이미 스캐너 이름: 자리 이름을 다르게(예: desk-1)"],

  // a service that cannot be reached (bridge, services/kit)
  "the {l} service is down; try again later": ["지금은 처리할 수 없어요. 나중에 다시 시도해 주세요",
    "{l} 꺼짐: 나중에 다시"],
  "{n} calls are under way; try again later": ["지금은 요청이 너무 많아요. 나중에 다시 시도해 주세요",
    "처리 중인 요청 {n}건: 나중에 다시"],
  "{n} requests are under way; try again in a second": ["지금은 요청이 너무 많아요. 잠시 뒤 다시 \
시도해 주세요", "처리 중인 요청 {n}건: 1초 뒤 다시"],
  "did not answer in time": ["응답이 없어요", "응답 없음"],
  "{a}; try again later": ["{a}. 나중에 다시 시도해 주세요", "{a}: 나중에 다시"],
};
const INNER = ["Rental {n} is not canceled yet: {a}.", "Rental {n} is not canceled yet: {a}. The \
circuit breaker to delivery is {b}; try again in {m} ms.", "Rental {n} is unchanged: delivery does \
not agree to the cancel, and the staff must look into it. Delivery says: {a}",
"{a}; try again later"];
const LOCKERS = ["come into {b}", "compartment {m} of {b}"]; // {b} is a locker there

const read = readerOf(Object.keys(KOREAN), INNER);

const effectName = (effect) => (hasWord("report." + effect) ? t("report." + effect) : effect);

// Values as Koreans read them.
function valuesOf(pattern, values, isPlain) {
  const shown = { ...values };
  if (values.l && !pattern.startsWith("the {l} service")) shown.l = lockerName(values.l);
  if (LOCKERS.some((part) => pattern.includes(part))) shown.b = lockerName(values.b);
  if (values.e) shown.e = effectName(values.e);
  if (values.t) shown.t = dateTime(values.t);
  if (INNER.includes(pattern)) shown.a = reasonInKorean(values.a, isPlain) || values.a;
  return shown;
}

/** The Korean of a reason or a refusal, or null. isPlain: for staff and the office. */
export function reasonInKorean(sentence, isPlain) {
  const found = read(sentence);
  if (!found) return null;
  const { pattern, values } = found;
  return filled(KOREAN[pattern][isPlain ? 1 : 0], valuesOf(pattern, values, isPlain));
}
