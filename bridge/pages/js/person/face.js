// The face of whoever is signed in: oneself.
import { html } from "../lib.js";
import { match } from "../router.js";
import { isSignedIn, useWho } from "../who.js";
import { Nothing } from "../parts/notice.js";
import { MePage } from "./me.js";

export const styles = ["../../css/customer.css"];

export default function Face({ path }) {
  const who = useWho();
  if (isSignedIn(who) && match("/ui/me", path)) return html`<${MePage} />`;
  return html`<${Nothing} />`;
}
