// My orders: under way, with me, and those that have ended.
import { html, useState } from "../lib.js";
import { find } from "../api.js";
import { ListKeys } from "../keys.js";
import { goodsName, lockerName } from "../names.js";
import { navigate } from "../router.js";
import { hasEnded, isUnderWay } from "../states.js";
import { dateTime } from "../time.js";
import { t } from "../words.js";
import { OrderBadge } from "../parts/badge.js";
import { Button, ButtonLink } from "../parts/button.js";
import { Field } from "../parts/field.js";
import { useStale } from "../parts/fresh.js";
import { Drawing, Icon } from "../parts/icon.js";
import { Blank, ProblemNotice, whileLoading } from "../parts/notice.js";
import { keepOrder, useMyOrders } from "./mine.js";
import { hasCode, Shell } from "./shell.js";

const ID_MAX = 9007199254740991;

const OrderCard = ({ order }) => html`<li>
  <a class="card" href=${"/ui/orders/" + order.id}>
    <${Drawing} of=${order.productName} />
    <span class="goods-text">
      <h3>${goodsName(order)}</h3>
      <span class="goods-state"><${OrderBadge} order=${order} loud=${hasCode(order)} /></span>
      <span class="goods-size">${order.locker ? lockerName(order.locker) + " · " : ""}
        ${dateTime(order.orderedAt)}</span>
    </span>
    <${Icon} name="next" />
  </a>
</li>`;

function Group({ word, orders }) {
  const stale = useStale();
  if (!orders.length) return null;
  return html`<section class="group"><h2>${t(word)}</h2>
    <ul class=${"goods" + stale}>
      ${orders.map((order) => html`<${OrderCard} key=${order.id} order=${order} />`)}
    </ul></section>`;
}

function Follow() {
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const [problem, setProblem] = useState(null);
  async function follow(event) {
    event.preventDefault();
    const id = Number(text.trim());
    setProblem(null);
    if (!/^[1-9]\d*$/.test(text.trim()) || id > ID_MAX) {
      setError(t("orders.follow.number"));
      return;
    }
    try {
      const order = await find(`/myOrders/${id}`);
      setError(order ? "" : t("orders.follow.none", { id }));
      if (!order) return;
      keepOrder({ id, productId: order.productId, productName: order.productName,
        rentalQty: order.rentalQty, orderedAt: order.orderedAt });
      navigate(`/ui/orders/${id}`);
    } catch (caught) {
      setProblem(caught);
    }
  }
  return html`<form class="follow" onSubmit=${follow}>
    <${Field} id="follow" touch label=${t("orders.follow")} value=${text} error=${error}
      inputmode="numeric" autocomplete="off" onInput=${(event) => setText(event.target.value)} />
    <${Button} look="touch" type="submit">${t("orders.follow.do")}<//>
    <${ProblemNotice} problem=${problem} />
  </form>`;
}

function Orders({ orders }) {
  const ended = orders.filter(hasEnded);
  const underWay = orders.filter(isUnderWay);
  const withYou = orders.filter((order) => !hasEnded(order) && !isUnderWay(order));
  if (!orders.length) {
    return html`<${Blank} icon="orders" title=${t("orders.empty")}
      action=${html`<${ButtonLink} look="compact" href="/ui/shop">${t("orders.see")}<//>`}>
      ${t("orders.empty.say")}<//>`;
  }
  return html`<${ListKeys} list=".goods a" /><${Group} word="orders.underWay" orders=${underWay} />
    <${Group} word="orders.withYou" orders=${withYou} />
    <${Group} word="orders.history" orders=${ended} />`;
}

export function OrdersPage() {
  const orders = useMyOrders();
  return html`<${Shell} title=${t("orders.title")} at="orders" broad>
    ${whileLoading(orders) || html`<${Orders} orders=${orders.value} />`}
    <${Follow} />
  <//>`;
}
