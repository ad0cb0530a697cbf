// The catalogue of words: English and Korean side by side. Each face adds its own with addWords.
// An entry is [English, Korean]; {name} takes a value; a function of the values may stand for a
// text.
import { recall, remember } from "./keep.js";
import { signal } from "./signal.js";

const table = new Map();
const LANGUAGES = ["en", "ko"];

export const language = signal(chosen());

function chosen() {
  const asked = recall("language", null);
  if (LANGUAGES.includes(asked)) return asked;
  return navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";
}

export function setLanguage(next) {
  remember("language", next);
  document.documentElement.lang = next;
  language.set(next);
}

export function addWords(words) {
  for (const [key, pair] of Object.entries(words)) table.set(key, pair);
}

// Is there such a word? For keys that are made of what the server says.
export const hasWord = (key) => table.has(key);

export function t(key, values = {}) {
  const pair = table.get(key);
  if (!pair) {
    console.error(`no word for '${key}'`);
    return key;
  }
  const text = pair[LANGUAGES.indexOf(language.get())];
  if (typeof text === "function") return text(values);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

export const locale = () => (language.get() === "ko" ? "ko-KR" : "en-GB");

const formats = {}; // by locale: to make one takes long

export function number(value) {
  formats[locale()] ||= new Intl.NumberFormat(locale());
  return formats[locale()].format(value);
}

// In English, one and many.
export const some = (n, one, many) => `${number(n)} ${n === 1 ? one : many}`;

addWords({
  "app.name": ["Lockstock", "Lockstock"],
  "app.skip": ["Skip to the page", "본문으로 건너뛰기"],
  "app.loading": ["Loading", "불러오는 중"],
  "app.back": ["Back", "뒤로"],
  "app.close": ["Close", "닫기"],
  "app.retry": ["Try now", "지금 다시 시도"],
  "app.reload": ["Reload", "새로 고침"],
  "app.fault": ["This page has a fault", "화면에 오류가 있어요"],
  "app.fault.say": ["It was not your doing. Reload; if it comes again, tell us these words:",
    "잘못하신 것이 아니에요. 새로 고쳐 주세요. 또 보이면 아래 글을 알려 주세요."],
  "app.nothing": ["No such page", "없는 화면이에요"],
  "app.nothing.say": ["The address may be mistyped, or what it showed is no more.",
    "주소가 틀렸거나 이제 없는 화면이에요."],
  "app.home": ["To the start", "처음으로"],
  "app.language": ["Language: English", "언어: 한국어"],
  "app.person": ["You, {name}", "내 정보, {name}"],
  "app.theme": ["Theme", "화면 색"],
  "app.theme.is": ["Theme: {now}", "화면 색: {now}"],
  "app.theme.system": ["Auto", "자동"],
  "app.theme.light": ["Light", "밝게"],
  "app.theme.dark": ["Dark", "어둡게"],
  "api.away": ["The warehouse does not answer. Check your connection, then try again.",
    "창고와 연결되지 않아요. 인터넷 연결을 확인하고 다시 시도해 주세요."],
  "api.none": ["No answer", "응답이 없어요"],
  "api.strange": ["The answer could not be read ({status}). Try again.",
    "응답을 읽을 수 없어요({status}). 다시 시도해 주세요."],
  "fresh.live": ["Live", "실시간"],
  "fresh.late": ["Reconnecting", "다시 연결 중"],
  "fresh.late.age": ["Reconnecting, heard {age} ago", "다시 연결 중, {age} 전 소식"],
  "fresh.away": ["Offline", "오프라인"],
  "fresh.away.age": ["Away for {age}. Showing {at}", "{age}째 끊김. {at} 기준"],
  "fresh.paused": ["Paused at {at}", "{at}에 멈춤"],
  "home.title": ["Who are you today?", "어떤 일로 오셨어요?"],
  "home.customer": ["Customer", "고객"],
  "home.customer.say": ["Rent something and collect it", "빌리고 찾아가기"],
  "home.staff": ["Warehouse staff", "창고 직원"],
  "home.staff.say": ["Pick, load, check what comes back", "상품 준비, 보관함 적재, 반납 확인"],
  "home.office": ["Office", "사무실"],
  "home.office.say": ["Lockers, orders and stock at a glance", "보관함, 주문, 재고 한눈에 보기"],
  "home.open": ["This system is open: whoever reaches this address may do everything.",
    "열린 시스템이에요. 이 주소에 들어온 사람은 모든 일을 할 수 있어요."],
  "home.hello": ["Hello, {name}", "{name}님, 안녕하세요"],
  "home.me": ["You", "내 정보"],
  "home.me.say": ["Sessions, password, sign out", "로그인한 기기, 비밀번호, 로그아웃"],
  "dialog.type": ["Type {word} to confirm", "확인하려면 {word} 입력"],
  "stepper.less": ["One less", "하나 줄이기"],
  "stepper.more": ["One more", "하나 늘리기"],
  "toast.undo": ["Undo", "되돌리기"],
});
