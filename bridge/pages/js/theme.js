// Dark, light, or as the system has it.
import { recall, remember } from "./keep.js";
import { signal } from "./signal.js";

const THEMES = ["system", "light", "dark"];
export const theme = signal(THEMES.includes(recall("theme", null)) ? recall("theme") : "system");

export function applyTheme() {
  const chosen = theme.get();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function nextTheme() {
  theme.set(THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length]);
  remember("theme", theme.get());
  applyTheme();
}
