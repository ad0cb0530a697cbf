// Words of the demo's bar.
import { lockerName } from "../names.js";
import { addWords, t } from "../words.js";

addWords({
  "demo.title": ["Demo", "시연"],
  "demo.say": [
    "People and lockers here are simulated. Make something happen, and watch the doors.",
    "사람과 보관함이 모두 모의로 움직여요. 일을 하나 일으키고 문을 지켜보세요."],
  "demo.door": ["{locker} {n}", "{locker} {n}번"],
  "demo.jam": ["Jam a door", "문 걸리게 하기"],
  "demo.jam.this": ["Jam this door", "이 문 걸리게 하기"],
  "demo.jam.done": ["{door}: it will not open. Watch it.",
    "{door}: 열리지 않아요. 지켜보세요."],
  "demo.free": ["Mend {door}", "{door} 고치기"],
  "demo.free.this": ["Mend this door", "이 문 고치기"],
  "demo.free.done": ["Somebody mends the door.", "문을 고치고 있어요."],
  "demo.visitor": ["Send an impatient customer", "성급한 손님 보내기"],
  "demo.visitor.away": [
    "The impatient customer is here: too early, with a wrong code, and the door stays open.",
    "성급한 손님이 왔어요. 너무 일찍 와서 틀린 번호를 누르고 문을 열어 둔 채 가요."],
  "demo.visitor.done": ["He comes at once. Watch for wrong codes.",
    "곧 와요. 틀린 번호를 지켜보세요."],
  "demo.order": ["Order {id}", "주문 {id}"],
  "demo.cut": ["Cut off {name}", "{name} 통신 끊기"],
  "demo.cut.done": ["It is offline. Codes that it knows still open doors.",
    "통신이 끊겼어요. 이미 받은 번호로는 문이 열려요."],
  "demo.restore": ["Reconnect {name}", "{name} 통신 잇기"],
  "demo.restore.done": ["It tells now what happened meanwhile.",
    "그동안 있었던 일을 이제 알려요."],
  "demo.speed": ["Speed", "빠르기"],
  "demo.speed.done": ["From now on at this speed.", "이제 이 빠르기로 움직여요."],
  "demo.pause": ["Pause", "멈춤"],
});

export const doorName = (device, number) => t("demo.door",
  { locker: lockerName(device), n: String(number).padStart(2, "0") });
