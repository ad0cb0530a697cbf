// Dark, light, or as the system has it.
import { recall, remember } from "./keep.js";
import { signal } from "./signal.js";

export const THEMES = ["system", "light", "dark"];
export const theme = signal(THEMES.includes(recall("theme", null)) ? recall("theme") : "system");

export function applyTheme() {
  const chosen = theme.get();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function setTheme(next) {
  theme.set(next);
  remember("theme", next);
  applyTheme();
}

export const nextTheme = () => setTheme(THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length]);
