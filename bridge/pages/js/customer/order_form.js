// The order form rises from the bottom edge, under the thumb: how many, and where to collect.
import { html, useRef, useState } from "../lib.js";
import { send, wishKey } from "../api.js";
import { useFresh } from "../live.js";
import { lockerName } from "../names.js";
import { navigate } from "../router.js";
import { t } from "../words.js";
import { Button, Stepper } from "../parts/button.js";
import { Modal } from "../parts/dialog.js";
import { Drawing, Icon } from "../parts/icon.js";
import { Notice, ProblemNotice } from "../parts/notice.js";
import { keepOrder, useLockers } from "./mine.js";
import { FreeNow } from "./shop_free.js";

const COUNTER = "";
const ROOM = { S: 1, M: 2, L: 4 }; // schemas/rules/delivery.md 7.2

// Where an order can go: [{value, icon, name, say, disabled}], and the best of them.
function places(lockers, product, qty) {
  const needed = ROOM[product.size] * qty;
  const rows = lockers.filter(({ status }) => status !== "no_key").map((locker) => {
    const large = locker.compartments.filter(({ size }) => ROOM[size] >= needed);
    const fits = large.filter(({ use, door }) => use === "free" && door === "closed").length;
    const away = locker.status !== "online";
    const say = away ? t("form.offline") : !large.length ? t("form.large")
      : fits ? t("form.fits", { n: fits }) : t("form.full");
    return { value: locker.device, icon: "door", name: lockerName(locker.device), say,
      fits: away ? 0 : fits, disabled: away || !large.length };
  });
  rows.push({ value: COUNTER, icon: "counter", name: t("form.counter"), say: t("form.counter.say"),
    fits: 0, disabled: false });
  return rows;
}

const Pick = ({ place, checked, onPick }) =>
  html`<label class="pick" data-disabled=${place.disabled ? "" : undefined}>
    <${Icon} name=${place.icon} />
    <span><strong>${place.name}</strong><small>${place.say}</small></span>
    <input type="radio" name="where" value=${place.value} checked=${checked}
      disabled=${place.disabled} onChange=${() => onPick(place.value)} />
  </label>`;

// One key for one wish, however often the button is pressed.
function useWish() {
  const wish = useRef({});
  return (body) => {
    const text = JSON.stringify(body);
    if (wish.current.text !== text) wish.current = { text, key: wishKey() };
    return wish.current.key;
  };
}

export function OrderForm({ product, onClose }) {
  const lockers = useLockers();
  const [qty, setQty] = useState(1);
  const [picked, setPicked] = useState(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const away = useFresh().state === "away";
  const keyOf = useWish();
  const rows = places(lockers.value || [], product, qty);
  const best = rows.find(({ fits }) => fits > 0) || rows.find(({ disabled }) => !disabled);
  const place = rows.find(({ value, disabled }) => value === picked && !disabled) || best;

  async function order(event) {
    event.preventDefault();
    if (busy || away || !product.qty) return;
    const body = { productId: product.id, qty, productName: product.name,
      fulfilment: place.value === COUNTER ? "direct" : "locker" };
    if (place.value !== COUNTER) body.locker = place.value;
    setBusy(true);
    setProblem(null);
    try {
      const rental = await send("POST", "/rentals", body, keyOf(body));
      keepOrder({ id: rental.id, productId: product.id, productName: product.name, rentalQty: qty,
        fulfilment: body.fulfilment, locker: body.locker, orderedAt: rental.orderedAt });
      // In place of this form: who goes back finds the catalogue, and does not order twice.
      navigate(`/ui/orders/${rental.id}`, { replace: true });
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return html`<${Modal} className="sheet" labelledby="order-title" onClose=${onClose}>
    <form onSubmit=${order}>
      <div class="sheet-head">
        <${Drawing} of=${product.name} />
        <div><h2 id="order-title" tabindex="-1" autofocus>${product.name}</h2>
          <${FreeNow} product=${product} /></div>
        <${Button} look="quiet square" icon="close" aria-label=${t("app.close")}
          onClick=${onClose} />
      </div>
      <div class="row"><span id="pieces"><strong>${t("form.pieces")}</strong></span>
        <${Stepper} labelledby="pieces" value=${qty} max=${Math.max(1, product.qty)}
          onChange=${setQty} /></div>
      <fieldset>
        <legend>${t("form.where")}</legend>
        ${rows.map((row) => html`<${Pick} key=${row.value} place=${row}
          checked=${row === place} onPick=${setPicked} />`)}
      </fieldset>
      ${away && html`<${Notice} icon="away">${t("form.away")}<//>`}
      ${!product.qty && html`<${Notice} icon="nostock" title=${t("form.none") + "."}>
        ${t("form.none.say")}<//>`}
      <${ProblemNotice} problem=${problem} />
      <${Button} look="primary touch wide" type="submit" busy=${busy}
        disabled=${away || !product.qty || undefined}>
        ${busy ? t("form.ordering") : t("form.order", { n: qty, name: product.name })}<//>
    </form>
  <//>`;
}
