import type { OrderState } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";

const STATES: readonly OrderState[] = [
  "funded",
  "accepted",
  "shipped",
  "contested",
  "delivered",
  "return",
  "disputed",
  "escalated",
  "ruled",
  "released",
  "settled",
  "refunded",
];

/** The choices of a filter by state. */
export function StateOptions() {
  const { t } = useLanguage();
  return (
    <>
      <option value="">{t("order.any_state")}</option>
      <option value="open">{t("order.open")}</option>
      {STATES.map((one) => (
        <option key={one} value={one}>
          {t(`state.${one}`)}
        </option>
      ))}
    </>
  );
}

/** What of the URL's `state` the server knows; "open" stands for every state that still awaits something. */
export const knownState = (state: string | undefined): OrderState | "open" | undefined =>
  state === "open" ? state : STATES.find((one) => one === state);
