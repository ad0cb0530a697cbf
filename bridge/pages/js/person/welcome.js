// Behind a one-time link: a password of one's own. The link is in the fragment, which no server and
// no log gets to see.
import { send } from "../api.js";
import { html, useState } from "../lib.js";
import { navigate } from "../router.js";
import { passwordSaved } from "../who.js";
import { t } from "../words.js";
import { Button } from "../parts/button.js";
import { Field } from "../parts/field.js";
import { Blank, Notice, ProblemNotice } from "../parts/notice.js";
import { Gate } from "./gate.js";
import { faultOf } from "./password.js";
import "./words.js";

export default function Welcome() {
  const [link] = useState(location.hash.slice(1));
  const [password, setPassword] = useState("");
  const [same, setSame] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const short = faultOf(password);
  const differ = password === same ? "" : t("welcome.differ");
  async function go(event) {
    event.preventDefault();
    setTried(true);
    if (busy || short || differ) return;
    setBusy(true);
    setProblem(null);
    try {
      await send("POST", "/passwords", { link, password });
      passwordSaved();
      navigate("/ui/", { replace: true });
    } catch (caught) {
      setBusy(false);
      setProblem(caught);
    }
  }
  const isOver = !link || [404, 410, 401].includes(problem?.status);
  if (isOver) {
    return html`<${Gate} title=${t("welcome.title")}>
      <${Blank} icon="clock" title=${t("welcome.over")}>${t("welcome.over.say")}<//><//>`;
  }
  return html`<${Gate} title=${t("welcome.title")}>
    <${Notice} tone="info">${t("welcome.say")}<//>
    <form class="gate-form" onSubmit=${go} novalidate>
      <${Field} id="password" touch label=${t("sign.password")} type="password"
        autocomplete="new-password" value=${password} error=${tried && short}
        onInput=${({ target }) => setPassword(target.value)} />
      <${Field} id="same" touch label=${t("welcome.again")} type="password"
        autocomplete="new-password" value=${same} error=${tried && !short && differ}
        onInput=${({ target }) => setSame(target.value)} />
      <${ProblemNotice} problem=${problem} />
      <${Button} look="primary touch wide" type="submit" busy=${busy}>${t("welcome.do")}<//>
    </form>
  <//>`;
}
