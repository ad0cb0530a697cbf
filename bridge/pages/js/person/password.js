// What a password must have; the account service decides, this says it sooner.
import { t } from "../words.js";

const PASSWORD_MIN = 10;

export const faultOf = (password) => {
  const missing = PASSWORD_MIN - [...password].length;
  return missing > 0 ? t("welcome.short", { n: missing }) : "";
};
