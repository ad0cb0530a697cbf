// Out of service and back: what the panel of a door says of it, and its button.
import { find, send } from "../api.js";
import { RELOAD, useLive } from "../data.js";
import { html, useState } from "../lib.js";
import { useFresh } from "../live.js";
import { addWords, t } from "../words.js";
import { Button } from "../parts/button.js";
import { Confirm } from "../parts/dialog.js";
import { toast } from "../parts/toast.js";
import { doorName } from "./report.js";

addWords({
  "service.out": ["Take out of service…", "사용 중지…"],
  "service.in": ["Back into service", "사용 재개"],
  "service.since": ["Out of service since", "사용 중지 시작"],
  "service.ask": ["Take {door} out of service?", "{door} 사용을 중지할까요?"],
  "service.say": [
    "No order gets it now, and nothing opens. One that was to be loaded there goes elsewhere.",
    "이제 주문에 배정되지 않음. 문은 열리지 않음. 적재 전 주문은 다른 칸으로 배정."],
  "service.loaded": ["The goods in it stay reachable: their code still opens it.",
    "안에 있는 상품은 그대로 찾을 수 있음: 수령 번호로 열림."],
  "service.do": ["Take it out", "사용 중지"],
  "service.keep": ["Keep it in service", "계속 사용"],
  "service.isOut": ["{door} is out of service", "{door} 사용 중지됨"],
  "service.isIn": ["{door} is in service", "{door} 사용 재개됨"],
});

const none = { outOfService: [] };

// Since when a door is out of service; undefined when it is not, or nobody knows.
export function useOutSince(device, number) {
  const live = useLive({ name: `health of ${device}`, kinds: ["locker"],
    load: async () => (await find(`/devices/delivery/${device}`)) || none,
    apply: (value, events) =>
      (events.some(({ subject }) => subject === `locker/${device}`) ? RELOAD : value) });
  const out = live.value?.outOfService?.find(({ compartment }) => compartment === number);
  return out?.since;
}

const take = (device, number, way) =>
  send("POST", `/lockers/${device}/${way}`, { compartment: number });

function Ask({ device, door, onClose }) {
  const name = doorName(device, door.number);
  const go = async () => {
    await take(device, door.number, "out-of-service");
    toast(t("service.isOut", { door: name }));
  };
  return html`<${Confirm} title=${t("service.ask", { door: name })} word=${String(door.number)}
    confirm=${t("service.do")} keep=${t("service.keep")} onConfirm=${go} onClose=${onClose}>
    <p>${t("service.say")}</p>
    ${door.use === "loaded" && html`<p>${t("service.loaded")}</p>`}<//>`;
}

export function ServiceButton({ device, door, isOut }) {
  const [asks, setAsks] = useState(false);
  const [busy, setBusy] = useState(false);
  const isAway = useFresh().state === "away";
  const title = isAway ? t("office.away.button") : undefined;
  const back = async () => {
    setBusy(true);
    try {
      await take(device, door.number, "in-service");
      toast(t("service.isIn", { door: doorName(device, door.number) }));
    } catch (problem) {
      toast(problem.message);
    }
    setBusy(false);
  };
  return html`<${Button} look="compact" icon=${isOut ? "check" : "out"} busy=${busy}
    disabled=${isAway} title=${title} onClick=${isOut ? back : () => setAsks(true)}>
    ${t(isOut ? "service.in" : "service.out")}<//>
    ${asks && html`<${Ask} device=${device} door=${door} onClose=${() => setAsks(false)} />`}`;
}
