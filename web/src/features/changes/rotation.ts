import type { HeldRole, OpsTicket } from "@/lib/api/types";
import { ROLES } from "./roles";

type Call = OpsTicket["calls"][number];

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/**
 * What gives every right of one account to another, with its delay, and then takes it from the first: never is there a
 * moment in which nobody holds it. The administrator's goes last, since it is what lets the others change.
 */
export function rotation(held: readonly HeldRole[], from: string, to: string): Call[] {
  const rights = held
    .filter(({ address }) => same(address, from))
    .map(({ role, delay_seconds }) => ({ number: ROLES.findIndex((one) => one === role), delay: delay_seconds }))
    .filter(({ number }) => number >= 0)
    .sort((one, other) => other.number - one.number);
  return [
    ...rights.map(({ number, delay }) => ({ on: "Authority", call: "grantRole(uint64,address,uint32)", args: [String(number), to, String(delay)] })),
    ...rights.map(({ number }) => ({ on: "Authority", call: "revokeRole(uint64,address)", args: [String(number), from] })),
  ];
}
