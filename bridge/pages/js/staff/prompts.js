// What stock says to a scan, in Korean. The server speaks English; a sentence that is not known
// here stays as it is.
import { html } from "../lib.js";
import { language } from "../words.js";

const KOREAN = {
  "Pick: scan the order": "꺼내기: 주문 스캔",
  "Load: scan the order or its tote": "넣기: 주문 또는 상자 스캔",
  "Hand over: scan the order": "창구 전달: 주문 스캔",
  "Return: scan compartment or order": "반납 확인: 칸 또는 주문 스캔",
  "Receive: scan the product": "입고: 상품 스캔",
  "Put away: scan units or a tote": "선반 배치: 개체 또는 상자 스캔",
  "Count: scan bin or product": "재고 조사: 선반 또는 상품 스캔",
  "Ended. Scan a command": "끝냄. 명령 스캔",
  "{a} ({n} counted: forgotten)": "{a} (센 {n}개는 취소)",
  "{a} ({n} units: still to put away)": "{a} (선반 배치할 개체 {n}개)",
  "{n} at once: scan the product": "한 번에 {n}개: 상품 스캔",
  "Not now. {a}": "지금은 불가. {a}",
  "Scan a command first, like PICK or RETURN": "먼저 명령 스캔(예: PICK, RETURN)",
  "Scan the product that came": "들어온 상품 스캔",
  "Scan a unit of the order": "주문의 개체 스캔",
  "Scan what is there, then DONE": "있는 것 모두 스캔 후 DONE",
  "Scan units, then a bin": "개체 스캔 후 선반 스캔",
  "Scan an order": "주문 스캔",
  "Scan an empty tote": "빈 상자 스캔",
  "Scan the compartment's label": "칸 라벨 스캔",
  "Say OK or DAMAGED first": "먼저 OK 또는 DAMAGED",
  "Scan a bin": "선반 스캔",
  "Scan a bin, or a product to count": "선반 또는 셀 상품 스캔",
  "The label is damaged. Scan again, or print it anew": "라벨 손상. 다시 스캔하거나 새로 인쇄",
  "Use RECEIVE first, not known: {a}": "모르는 라벨: {a}. 먼저 RECEIVE",
  "Not known here: {a}": "모르는 라벨: {a}",
  "{n} of what? Scan the product": "무엇이 {n}개? 상품 스캔",
  "Not possible: ask the office": "처리 불가: 사무실에 문의",

  "Tote {a} is empty": "상자 {a}: 비어 있음",
  "Order {n} is not for scanners": "주문 {n}: 스캔 대상 아님",
  "Order {n} is with scanner {a}": "주문 {n}: {a} 작업 중",
  "Order {n} is with {a}": "주문 {n}: {a} 작업 중",
  "Order {n} has no goods": "주문 {n}: 확보된 상품 없음",
  "Order {n} is not picked. Use PICK": "주문 {n}: 아직 안 꺼냄. PICK 사용",
  "Order {n} is picked. Use LOAD": "주문 {n}: 이미 꺼냄. LOAD 사용",
  "Order {n} is in its locker": "주문 {n}: 보관함에 있음",
  "Order {n} is with the customer": "주문 {n}: 고객 사용 중",
  "Order {n} is canceled. Use PUTAWAY": "주문 {n}: 취소됨. PUTAWAY 사용",
  "Order {n} has ended": "주문 {n}: 끝남",
  "Order {n} was changed. Scan a command": "주문 {n} 변경됨. 명령 스캔",
  "Order {n} was changed. Use RETURN": "주문 {n} 변경됨. RETURN 사용",
  "Order {n}: scan its tote {a}": "주문 {n}: 상자 {a} 스캔",
  "{n} x {a}: scan an empty tote": "{a} {n}개: 빈 상자 스캔",
  "Order {n} is in tote {a}": "주문 {n}: 상자 {a}에 있음",
  "Tote {a} is full: order {n}": "상자 {a}: 주문 {n} 들어 있음",
  "Tote {a} is with {b}": "상자 {a}: {b} 사용 중",
  "Take {n} x {a}, scan each": "{a} {n}개 꺼내 하나씩 스캔",
  "Wrong: {a}. Take {b}": "다른 상품: {a}. {b} 꺼내기",
  "Scan the unit's own label": "개체 라벨 스캔",
  "It is in the tote already. Take another": "이미 상자에 있음. 다른 개체 꺼내기",
  "It belongs to order {n}": "주문 {n}의 개체",
  "It is {a}. Take one from the shelf": "상태 {a}. 선반에서 다른 것 꺼내기",
  "Take no more than {n}": "{n}개까지만 꺼내기",
  "{n} more: {a}": "{n}개 더: {a}",
  "Order {n} is picked: tote {a}": "주문 {n} 꺼내기 완료: 상자 {a}",
  "It has no compartment yet. Wait": "아직 칸 없음. 대기",
  "Take it to {a}, scan compartment {n}": "{a}에서 {n}번 칸 스캔",
  "Not here: {a}, compartment {n}": "다른 칸: {a} {n}번 칸",
  "Door {n} opens: put it in, close the door": "{n}번 칸 열림: 넣고 문 닫기",
  "It is being put into {a}: close the door": "{a}에 넣는 중: 문 닫기",
  "Give {n} x {a} to the customer": "고객에게 {a} {n}개 전달",
  "{n} x {a}: scan each": "{a} {n}개: 하나씩 스캔",
  "All is checked. Scan a bin": "모두 확인. 선반 스캔",
  "Goods in {a}: scan compartment {n}": "{a}에 상품 있음: {n}번 칸 스캔",
  "Order {n} has come back already": "주문 {n}: 이미 돌아옴",
  "Order {n} is not coming back": "주문 {n}: 반납 대상 아님",
  "It is in {a}: scan compartment {n}": "{a}에 있음: {n}번 칸 스캔",
  "Nothing to fetch in {a}": "{a}: 꺼낼 것 없음",
  "Take out what is in it, close the door": "안에 든 것 꺼내고 문 닫기",
  "Order {n} waits there: leave it": "주문 {n} 대기 중: 그대로 두기",
  "Wrong: {a}. It should be {b}": "다른 상품: {a}. {b}여야 함",
  "This unit is not of order {n}": "주문 {n}의 개체 아님",
  "It is checked already. Take the next": "이미 확인함. 다음 것 스캔",
  "It opens again: take the goods, scan each": "다시 열림: 꺼내서 하나씩 스캔",
  "Check {a}: OK or DAMAGED?": "{a} 확인: OK 또는 DAMAGED?",
  "Order {n} is put away already": "주문 {n}: 이미 선반 배치됨",
  "Order {n}: {m} back in {a}": "주문 {n}: {m}개 {a}에 돌아감",
  "Checked already. Scan a command": "이미 확인함. 명령 스캔",
  "Set it aside. {n} more to scan": "따로 두기. {n}개 더 스캔",
  "Good. {n} more to scan": "정상. {n}개 더 스캔",
  "Set it aside. Scan a bin for the {n} good": "따로 두기. 정상 {n}개 둘 선반 스캔",
  "Good. Scan a bin for the {n} good": "정상. 정상 {n}개 둘 선반 스캔",
  "Set it aside. Order {n} is closed": "따로 두기. 주문 {n} 종료",

  "{n} units already. Put these away first": "이미 {n}개. 먼저 선반 배치",
  "No more than {n} of {a} are possible": "{a}: 최대 {n}개",
  "Scan a bin for the {n} first": "먼저 {n}개 둘 선반 스캔",
  "{n} x {a}. More, or a bin": "{a} {n}개. 계속 또는 선반",
  "Scan the own label of each {a}": "{a} 개체 라벨 스캔",
  "{a}: scan the label of each unit": "{a}: 개체 라벨 하나씩 스캔",
  "{a}: scan it once for each piece": "{a}: 한 개에 한 번 스캔",
  "Scan the product of this unit first": "먼저 이 개체의 상품 스캔",
  "{a} has no unit labels. Scan its own label": "{a}: 개체 라벨 없음. 상품 라벨 스캔",
  "Unit {n}: {a}. More, or a bin": "{n}개째: {a}. 계속 또는 선반",
  "Scanned before. Next unit, or a bin": "이미 스캔함. 다음 개체 또는 선반",
  "Received before: it is in {a}": "이미 입고됨: {a}",
  "{n} put away in {a}": "{n}개 {a}에 배치",
  "It is put away: {a}": "이미 배치됨: {a}",
  "Scan a bin for order {n} first": "먼저 주문 {n} 둘 선반 스캔",
  "It is picked for order {n}": "주문 {n}용으로 꺼냄",
  "It is {a}: not to be put away now": "상태 {a}: 지금은 배치 불가",
  "Scan a bin for what you have first": "먼저 가진 것 둘 선반 스캔",
  "It is in {a}, {n}: use RETURN": "{a} {n}번 칸에 있음: RETURN 사용",
  "Some of it is to be checked: use RETURN": "확인할 것 있음: RETURN 사용",
  "Order {n}, {m} pieces: scan a bin": "주문 {n}, {m}개: 선반 스캔",
  "Order {n} put away in {a}": "주문 {n}: {a}에 배치",
  "{a}: count bins, scan each unit": "{a}: 선반별로 개체 스캔",
  "Counting {a}. DONE first": "{a} 세는 중. 먼저 DONE",
  "Another product. DONE first": "다른 상품. 먼저 DONE",
  "{n} x {a}. More, or DONE": "{a} {n}개. 계속 또는 DONE",
  "Bin {a}: scan each unit, then DONE": "선반 {a}: 하나씩 스캔 후 DONE",
  "More than {n} cannot be counted. CANCEL": "{n}개 넘게 셀 수 없음. CANCEL",
  "More than {n} in all: ask the office": "모두 {n}개 넘음: 사무실에 문의",
  "Counted before. Next unit, or DONE": "이미 셈. 다음 개체 또는 DONE",
  "It is {a}, not on the shelf. Set it aside": "상태 {a}, 선반 것 아님. 따로 두기",
  "{n} in {a}. More, or DONE": "{a}에 {n}개. 계속 또는 DONE",
  "{n} x {a}, as booked": "{a} {n}개, 장부와 같음",
  "{n} x {a}, booked were {m}": "{a} {n}개, 장부는 {m}개",
  "{n}, {m} short for orders: office!": "{n}개, 주문에 {m}개 부족: 사무실 연락",
  "{n} not seen: too many. Go on, or CANCEL": "{n}개 안 보임: 너무 많음. 계속 또는 CANCEL",
  "{a}: {n}, as booked": "{a}: {n}개, 장부와 같음",
  "{a}: {n}, {m} lost, {k} from elsewhere": "{a}: {n}개, 분실 {m}, 다른 곳에서 {k}",
};

const INNER = ["Not now. {a}", "{a} ({n} counted: forgotten)",
  "{a} ({n} units: still to put away)"]; // {a} is a sentence of its own

// A pattern as an expression: letters take any text, n m k a number.
const expression = (pattern) => new RegExp("^" + pattern.replace(/[.*+?^$()|[\]\\]/g, "\\$&")
  .replace(/\{([nmk])\}/g, "(?<$1>\\d+)").replace(/\{([ab])\}/g, "(?<$1>.+?)") + "$");

// How much of a pattern is said for certain: more of it is tried first.
const firmness = (pattern) =>
  (INNER.includes(pattern) ? 1000 : pattern.replace(/\{\w\}/g, "").length);

let patterns = null;

/** The Korean of a prompt, or null. */
export function inKorean(prompt) {
  patterns ||= Object.keys(KOREAN).sort((a, b) => firmness(b) - firmness(a))
    .map((pattern) => [expression(pattern), pattern]);
  for (const [matches, pattern] of patterns) {
    const found = matches.exec(prompt);
    if (!found) continue;
    const values = { ...found.groups };
    if (INNER.includes(pattern)) values.a = inKorean(values.a) || values.a;
    return KOREAN[pattern].replace(/\{(\w)\}/g, (_, name) => values[name]);
  }
  return null;
}

export function Prompt({ text }) {
  const korean = language.get() === "ko" && inKorean(text);
  return korean ? html`<span>${korean}</span>` : html`<span lang="en">${text}</span>`;
}
