// How the simulated world is, for all parts of a page that show it. Nothing tells of it by the
// stream: it is asked while somebody looks at the bar.
import { find, send } from "../api.js";
import { signal } from "../signal.js";

// The answer of GET /simulator; null: not known, or none runs.
export const world = signal(null);
export const speeds = [0, 50, 100, 200, 500, 1000];

let wishes = 0; // an answer to an older question than the last wish is not shown

export async function look() {
  const asked = wishes;
  const answer = await find("/simulator").catch(() => world.get());
  if (asked === wishes) world.set(answer);
}

// Has something happen. Whatever is refused is a Problem.
export async function act(action, members) {
  wishes++;
  const answer = await send("POST", "/simulator/actions", { action, ...members });
  wishes++;
  world.set(answer);
  return answer;
}
