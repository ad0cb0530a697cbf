// A real browser for tests in Python (harness/browser.py). Reads one command a line, answers each with one
// line: {"id", "value"} or {"id", "error"}. Knows nothing of what is tested.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";

const require = createRequire(process.env.BROWSER_NPM + "/package.json");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const browser = await chromium.launch({
  executablePath: process.env.BROWSER_PROGRAM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", ...JSON.parse(process.env.BROWSER_ARGS)],
});
const contexts = new Map();
const pages = new Map();
const complaints = []; // what the console and the browser found fault with
const requests = [];

function watch(page, name) {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${name}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${name}: ${error.message}`));
}

async function context({ name, options, keep }) {
  const made = await browser.newContext(options);
  made.setDefaultTimeout(30000);
  made.on("request", (request) => requests.push(request.url()));
  if (keep) {
    await made.addInitScript((values) => {
      for (const [key, value] of Object.entries(values)) {
        if (localStorage.getItem(key) === null) localStorage.setItem(key, value);
      }
    }, keep);
  }
  contexts.set(name, made);
}

async function page({ name, context: of }) {
  const made = await contexts.get(of).newPage();
  watch(made, name);
  pages.set(name, made);
}

// Every fault that axe finds on a page: "rule: sentence (selector)".
async function audit({ page: name }) {
  const page = pages.get(name);
  await page.evaluate(axe); // the devtools protocol stands outside the page's policy
  return page.evaluate(async (values) => {
    // What is still fading in has colours that nobody will read.
    for (const one of document.getAnimations())
      if (one.effect?.getComputedTiming().endTime !== Infinity) one.finish();
    const found = await window.axe.run(document, { runOnly: { type: "tag", values } });
    return found.violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help} (${node.target.join(" ")}) ${node.failureSummary}`));
  }, RULES);
}

const sessions = new Map(); // page -> its devtools

async function devtools(name) {
  if (!sessions.has(name)) {
    const page = pages.get(name);
    sessions.set(name, await page.context().newCDPSession(page));
    await sessions.get(name).send("Performance.enable", { timeDomain: "threadTicks" });
  }
  return sessions.get(name);
}

// type: "deuteranopia", "achromatopsia", "none" and the like.
async function vision({ page: name, type }) {
  await (await devtools(name)).send("Emulation.setEmulatedVisionDeficiency", { type });
}

// What is shown of one element, as a PNG in base64.
async function picture({ page: name, selector }) {
  const bytes = await pages.get(name).locator(selector).screenshot({ animations: "disabled" });
  return bytes.toString("base64");
}

// For how many seconds its main thread was at work (TaskDuration), at what, and how often.
async function parts({ page: name }) {
  const { metrics } = await (await devtools(name)).send("Performance.getMetrics");
  return Object.fromEntries(metrics.filter((one) => /Duration$|Count$|^Nodes$/.test(one.name)).map((one) => [one.name, one.value]));
}

// How many bytes its scripts hold.
async function heap({ page: name }) {
  const session = await devtools(name);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize;
}

// What its scripts do: the first call begins; the next ends, and tells [[ms, function (file)]...].
async function profile({ page: name, begins }) {
  const session = await devtools(name);
  if (begins) {
    await session.send("Profiler.enable");
    await session.send("Profiler.start");
    return null;
  }
  const { profile: { nodes, samples, timeDeltas } } = await session.send("Profiler.stop");
  const names = new Map(nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) =>
    [id, `${functionName || "-"} (${url.split("/").slice(-2).join("/")}:${lineNumber + 1})`]));
  const spent = {};
  samples.forEach((id, i) => {
    spent[names.get(id)] = (spent[names.get(id)] || 0) + timeDeltas[i] / 1000;
  });
  return Object.entries(spent).map(([where, ms]) => [ms, where]).sort((a, b) => b[0] - a[0]);
}

const commands = {
  context,
  page,
  audit,
  vision,
  picture,
  heap,
  parts,
  profile,
  call: ({ page: name, method, args }) => pages.get(name)[method](...args),
  on: async ({ page: name, selector, method, args }) => pages.get(name).locator(selector)[method](...args),
  key: ({ page: name, key }) => pages.get(name).keyboard.press(key),
  fake: ({ context: name, path, status, body }) => contexts.get(name).route(
    (url) => url.pathname === path,
    (route) => route.fulfill({ status, body, contentType: "application/hal+json" })),
  shot: ({ page: name, path, fullPage }) => pages.get(name).screenshot({ path, fullPage, animations: "disabled" }).then(() => null),
  complaints: () => complaints.splice(0),
  requests: () => requests.slice(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: what, ...rest } = JSON.parse(line);
  let answer;
  try {
    const value = await commands[what](rest);
    answer = { id, value: ["goto", "reload", "goBack"].includes(rest.method) ? null : value ?? null };
  } catch (error) {
    answer = { id, error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
