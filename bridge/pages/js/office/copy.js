// Takes a text along, and says so.
import { t } from "../words.js";
import { toast } from "../parts/toast.js";

// Where the browser keeps its clipboard to itself (http to another machine), a field does it.
function copyByField(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.setAttribute("aria-hidden", "true");
  field.className = "said";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

// name: what it is, as the button says it.
export async function copy(name, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyByField(text);
  }
  toast(t("office.copied", { what: name }));
}
