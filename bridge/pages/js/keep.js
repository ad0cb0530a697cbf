// What this browser remembers, as JSON. Private windows may refuse: then it lasts as long as the
// page does.
const memory = new Map();
let kept = null; // after forget(): the only names that are still remembered

export function recall(name, otherwise) {
  try {
    const text = memory.get(name) ?? localStorage.getItem("lockstock." + name);
    return text === null || text === undefined ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

export function remember(name, value) {
  if (kept && !kept.includes(name)) return;
  const text = JSON.stringify(value);
  memory.set(name, text);
  try {
    localStorage.setItem("lockstock." + name, text);
  } catch {
    // Full or forbidden: memory has it.
  }
}

// Forgets all but these, and whatever this page would still remember of others: leave it then.
export function forget(others) {
  kept = others;
  for (const name of [...memory.keys()]) if (!others.includes(name)) memory.delete(name);
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("lockstock.") && !others.includes(key.slice("lockstock.".length))) {
        localStorage.removeItem(key);
      }
    }
  } catch {
    // Forbidden: nothing is there.
  }
}

// fn(name) when another tab remembers something.
export function onRemembered(fn) {
  addEventListener("storage", (event) => {
    if (!event.key || !event.key.startsWith("lockstock.")) return;
    const name = event.key.slice("lockstock.".length);
    memory.delete(name);
    fn(name);
  });
}
