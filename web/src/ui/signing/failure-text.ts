import type { TFunction } from "i18next";
import type { Failure } from "@/lib/chain/failure";
import { shortAddress } from "@/lib/address";
import { formatDateTime } from "@/lib/time";

/** Long addresses and hashes inside a revert's arguments are shortened; everything else is said as it is. */
const readable = (value: string): string => (/^0x[0-9a-f]{40}$/i.test(value) ? shortAddress(value) : value);

/** Arguments that are instants, in seconds since 1970. */
const INSTANTS: readonly string[] = ["deadline", "startsAt", "endsAt", "expiresAt", "withdrawableAt", "from", "until"];

const say = (name: string, value: string, locale: string): string =>
  INSTANTS.includes(name) && /^\d{9,11}$/.test(value) ? formatDateTime(Number(value), locale) : readable(value);

export function failureText(failure: Failure, t: TFunction): string {
  if (failure.kind === "other") return t("failure.other", { message: failure.message });
  if (failure.kind === "on_hold") return t("failure.on_hold", { until: formatDateTime(failure.until, t("locale")) });
  if (failure.kind !== "revert") return t(`failure.${failure.kind}`);
  const args = Object.fromEntries(Object.entries(failure.args).map(([name, value]) => [name, say(name, value, t("locale"))]));
  const state = failure.args.state === undefined ? {} : { state: t(`state_number.${failure.args.state}`) };
  return t(`revert.${failure.name}`, { ...args, ...state, defaultValue: t("failure.unknown_revert", { name: failure.name }) });
}
