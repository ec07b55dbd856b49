import { BaseError, decodeErrorResult } from "viem";
import { errorsAbi } from "@/gen/abi";
import type { Hex } from "@/lib/address";

/** Why a signature or a transaction did not happen, in terms that the page can put into words. */
export type Failure =
  | { kind: "revert"; name: string; args: Record<string, string> }
  | { kind: "rejected" | "locked" | "wrong_network" | "unreachable" | "stuck" | "wallet_missing" }
  /** The house takes nothing of this address until then, in seconds since 1970. */
  | { kind: "on_hold"; until: number }
  | { kind: "other"; message: string };

export class WalletFailure extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
    this.name = "WalletFailure";
  }
}

function decodeRevert(data: Hex): Failure | null {
  try {
    const { errorName, args, abiItem } = decodeErrorResult({ abi: errorsAbi, data });
    const named: Record<string, string> = {};
    const inputs: readonly { name?: string }[] = "inputs" in abiItem ? (abiItem.inputs ?? []) : [];
    inputs.forEach((input, n) => {
      named[input.name ?? String(n)] = String((args as readonly unknown[] | undefined)?.[n]);
    });
    return { kind: "revert", name: errorName, args: named };
  } catch {
    // Not an error of any contract of the house.
    return null;
  }
}

function revertData(error: unknown): Hex | null {
  let at: unknown = error;
  for (let depth = 0; depth < 12 && typeof at === "object" && at !== null; depth += 1) {
    const { data, cause } = at as { data?: unknown; cause?: unknown };
    if (typeof data === "string" && /^0x[0-9a-f]{8,}$/i.test(data)) return data as Hex;
    if (typeof data === "object" && data !== null) {
      const { data: inner } = data as { data?: unknown };
      if (typeof inner === "string" && /^0x[0-9a-f]{8,}$/i.test(inner)) return inner as Hex;
    }
    at = cause;
  }
  return null;
}

/** The house's own refusal, as its node sends it or as a wallet wraps it. */
function holdEnd(error: unknown): number | null {
  let at: unknown = error;
  for (let depth = 0; depth < 12 && typeof at === "object" && at !== null; depth += 1) {
    const { reason, until, data, cause } = at as { reason?: unknown; until?: unknown; data?: unknown; cause?: unknown };
    if (reason === "account_on_hold" && typeof until === "number") return until;
    at = typeof data === "object" && data !== null ? data : cause;
  }
  return null;
}

type Plain = Exclude<Failure["kind"], "revert" | "on_hold" | "other">;

const NAMES: Record<string, Plain> = {
  UserRejectedRequestError: "rejected",
  UnauthorizedProviderError: "locked",
  ChainMismatchError: "wrong_network",
  SwitchChainError: "wrong_network",
  HttpRequestError: "unreachable",
  TimeoutError: "unreachable",
  WaitForTransactionReceiptTimeoutError: "stuck",
};

export function explainFailure(error: unknown): Failure {
  if (error instanceof WalletFailure) return error.failure;
  const data = revertData(error);
  const revert = data === null ? null : decodeRevert(data);
  if (revert !== null) return revert;
  const until = holdEnd(error);
  if (until !== null) return { kind: "on_hold", until };
  let at: unknown = error;
  for (let depth = 0; depth < 12 && at instanceof Error; depth += 1) {
    const kind = NAMES[at.name];
    if (kind !== undefined) return { kind };
    if ((at as { code?: unknown }).code === 4001) return { kind: "rejected" };
    at = at.cause;
  }
  if (error instanceof BaseError) return { kind: "other", message: error.details || error.shortMessage };
  return { kind: "other", message: error instanceof Error ? error.message : String(error) };
}
