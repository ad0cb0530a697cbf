// What this browser remembers, as JSON. Private windows may refuse: then it lasts as long as the
// page does.
const memory = new Map();

export function recall(name, otherwise) {
  try {
    const text = memory.get(name) ?? localStorage.getItem("lockstock." + name);
    return text === null || text === undefined ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

export function remember(name, value) {
  const text = JSON.stringify(value);
  memory.set(name, text);
  try {
    localStorage.setItem("lockstock." + name, text);
  } catch {
    // Full or forbidden: memory has it.
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
