import { createPublicClient, http, keccak256, sha256, stringToBytes, concat, type Hex } from "viem";
import { traceAbi } from "@/gen/abi";
import type { TraceProof } from "@/lib/api/types";

/** What this browser found when it followed a proof by itself. */
export type Verdict =
  | { kind: "proven"; block: bigint; at: number }
  | { kind: "pending" }
  | { kind: "off" }
  | { kind: "refuted"; step: "hash" | "path" | "chain" }
  | { kind: "unreachable" };

const pair = (a: Hex, b: Hex): Hex => keccak256(a.toLowerCase() < b.toLowerCase() ? concat([a, b]) : concat([b, a]));

/** The root that a path leads to from an event's hash: the leaf is hashed twice, pairs in ascending order. */
export function rootOf(eventHash: Hex, path: readonly Hex[]): Hex {
  return path.reduce(pair, keccak256(keccak256(eventHash)));
}

/** Follows a proof from the event's own words to the chain, and asks the house for nothing on the way. */
export async function verify(proof: TraceProof, rpcUrl: string): Promise<Verdict> {
  if (proof.state === "off") return { kind: "off" };
  if (sha256(stringToBytes(proof.preHash)) !== proof.eventHash) return { kind: "refuted", step: "hash" };
  if (proof.root == null || proof.contract == null || proof.state !== "anchored") return { kind: "pending" };
  if (rootOf(proof.eventHash as Hex, proof.path as Hex[]) !== proof.root) return { kind: "refuted", step: "path" };
  try {
    const client = createPublicClient({ transport: http(rpcUrl) });
    const batch = await client.readContract({
      address: proof.contract as Hex,
      abi: traceAbi,
      functionName: "batch",
      args: [proof.root as Hex],
    });
    if (batch.id === 0n) return { kind: "refuted", step: "chain" };
    return { kind: "proven", block: batch.blockNumber, at: Number(batch.timestamp) };
  } catch {
    return { kind: "unreachable" };
  }
}
