// Signing in. It stands in the place of any page, so that one is back there afterwards.
import { signIn } from "../api.js";
import { html, useState } from "../lib.js";
import { useWho } from "../who.js";
import { t } from "../words.js";
import { Button } from "../parts/button.js";
import { Field } from "../parts/field.js";
import { Notice, ProblemNotice } from "../parts/notice.js";
import { Gate } from "./gate.js";
import "./words.js";

const sentenceOf = (problem) => {
  if (problem.status === 401) return t("sign.wrong");
  if (problem.status === 429) return t("sign.wait", { n: problem.retryAfterS });
  return "";
};

export default function SignIn() {
  const who = useWho();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState(null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const wrong = problem && sentenceOf(problem);
  async function go(event) {
    event.preventDefault();
    setTried(true);
    if (busy || !login || !password) return;
    setBusy(true);
    setProblem(null);
    try {
      await signIn({ login, password });
    } catch (caught) {
      setBusy(false);
      setProblem(caught);
    }
  }
  const missing = (value) => (tried && !value ? t("sign.missing") : "");
  return html`<${Gate} title=${t("sign.title")}>
    ${who.saved && html`<${Notice} tone="good" icon="check" title=${t("welcome.done")}
      role="status">${t("welcome.done.say")}<//>`}
    ${who.ended && html`<${Notice} icon="clock" title=${t("sign.ended")} role="status">
      ${t("sign.ended.say")}<//>`}
    <form class="gate-form" onSubmit=${go} novalidate>
      <${Field} id="login" touch label=${t("sign.login")} autocomplete="username" value=${login}
        autocapitalize="none" spellcheck=${false} error=${missing(login)}
        onInput=${({ target }) => setLogin(target.value)} />
      <${Field} id="password" touch label=${t("sign.password")} type="password"
        autocomplete="current-password" value=${password} error=${missing(password) || wrong}
        onInput=${({ target }) => setPassword(target.value)} />
      ${problem && !wrong && html`<${ProblemNotice} problem=${problem} />`}
      <${Button} look="primary touch wide" type="submit" busy=${busy}>${t("sign.do")}<//>
    </form>
    <p class="small second">${t("sign.forgot")}</p>
  <//>`;
}
