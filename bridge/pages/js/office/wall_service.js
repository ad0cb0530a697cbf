// Out of service, opened, and back: what the panel of a door says of it, and its buttons.
import { find } from "../api.js";
import { RELOAD, useLive } from "../data.js";
import { html, useState } from "../lib.js";
import { useFresh } from "../live.js";
import { addWords, t } from "../words.js";
import { Button } from "../parts/button.js";
import { toast } from "../parts/toast.js";
import { actAt, AskWhy } from "./acts.js";
import { doorName } from "./report.js";

addWords({
  "service.out": ["Take out of service…", "사용 중지…"],
  "service.in": ["Back into service", "사용 재개"],
  "service.in.ask": ["Take {door} back into service?", "{door} 사용을 재개할까요?"],
  "service.in.say": ["Orders get it again.", "다시 주문에 배정됨."],
  "service.since": ["Out of service since", "사용 중지 시작"],
  "service.ask": ["Take {door} out of service?", "{door} 사용을 중지할까요?"],
  "service.say": [
    "No order gets it now, and nothing opens. One that was to be loaded there goes elsewhere.",
    "이제 주문에 배정되지 않음. 문은 열리지 않음. 적재 전 주문은 다른 칸으로 배정."],
  "service.loaded": ["The goods in it stay reachable: their code still opens it.",
    "안에 있는 상품은 그대로 찾을 수 있음: 수령 번호로 열림."],
  "service.do": ["Take it out", "사용 중지"],
  "service.keep": ["Keep it in service", "계속 사용"],
  "service.keepOut": ["Leave it out", "그대로 두기"],
  "service.isOut": ["{door} is out of service", "{door} 사용 중지됨"],
  "service.isIn": ["{door} is in service", "{door} 사용 재개됨"],
  "service.open": ["Open it…", "문 열기…"],
  "service.open.ask": ["Open {door}?", "{door} 문을 열까요?"],
  "service.open.say": [
    "It opens now, or within 10 seconds, or not at all: whoever asks stands in front of it.",
    "지금부터 10초 안에만 열림. 문 앞에 있는 사람이 눌러야 함."],
  "service.open.goods": ["Goods lie in it. They stay there.", "안에 상품 있음. 그대로 두기."],
  "service.open.do": ["Open the door", "문 열기"],
  "service.open.keep": ["Leave it shut", "열지 않기"],
  "service.open.sent": ["{door} was told to open", "{door} 열기 명령 보냄"],
});

const none = { outOfService: [] };

// The numbers of doors that are out of service, each with since when: Map, empty when nobody knows.
export function useOut(device) {
  const live = useLive({ name: `health of ${device}`, kinds: ["locker"],
    load: async () => (await find(`/devices/delivery/${device}`)) || none,
    apply: (value, events) =>
      (events.some(({ subject }) => subject === `locker/${device}`) ? RELOAD : value) });
  return new Map((live.value?.outOfService || []).map((one) => [one.compartment, one.since]));
}

const holdsGoods = (door) => door.use === "loaded" || door.presence === "present";

const QUESTIONS = {
  out: ({ device, door, name, onClose }) => html`<${AskWhy} word=${String(door.number)}
    title=${t("service.ask", { door: name })} confirm=${t("service.do")} keep=${t("service.keep")}
    onClose=${onClose} onConfirm=${async (said) => {
      await actAt(device, { act: "out", compartment: door.number, ...said });
      toast(t("service.isOut", { door: name }));
    }}>
    <p>${t("service.say")}</p>
    ${door.use === "loaded" && html`<p>${t("service.loaded")}</p>`}<//>`,
  open: ({ device, door, name, onClose }) => html`<${AskWhy} word=${String(door.number)}
    title=${t("service.open.ask", { door: name })} confirm=${t("service.open.do")}
    keep=${t("service.open.keep")} onClose=${onClose} onConfirm=${async (said) => {
      const goods = holdsGoods(door) ? { goods: "stay" } : {};
      await actAt(device, { act: "open", compartment: door.number, ...goods, ...said });
      toast(t("service.open.sent", { door: name }));
    }}>
    <p>${t("service.open.say")}</p>
    ${holdsGoods(door) && html`<p><strong>${t("service.open.goods")}</strong></p>`}<//>`,
  in: ({ device, door, name, onClose }) => html`<${AskWhy} asksWhy=${false} danger=${false}
    title=${t("service.in.ask", { door: name })} confirm=${t("service.in")}
    keep=${t("service.keepOut")} onClose=${onClose} onConfirm=${async (said) => {
      await actAt(device, { act: "in", compartment: door.number, ...said });
      toast(t("service.isIn", { door: name }));
    }}>
    <p>${t("service.in.say")}</p><//>`,
};

export function ServiceButtons({ device, door, isOut }) {
  const [asks, setAsks] = useState(null);
  const isAway = useFresh().state === "away";
  const title = isAway ? t("office.away.button") : undefined;
  const button = (act, icon, text) => html`<${Button} look="compact" icon=${icon}
    disabled=${isAway} title=${title} onClick=${() => setAsks(act)}>${text}<//>`;
  const Question = asks && QUESTIONS[asks];
  return html`${isOut
    ? html`${button("open", "door", t("service.open"))}${button("in", "check", t("service.in"))}`
    : button("out", "out", t("service.out"))}
    ${Question && html`<${Question} device=${device} door=${door}
      name=${doorName(device, door.number)} onClose=${() => setAsks(null)} />`}`;
}
