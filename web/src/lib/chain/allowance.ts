import { encodeFunctionData } from "viem";
import { stableTokenAbi } from "@/gen/abi";
import { asHex, type Hex } from "@/lib/address";
import { NATIVE_TOKEN } from "@/lib/money";
import type { Tools } from "./tools";

/** Lets a contract take an amount of a token, where it may not yet. The native coin needs no leave. */
export async function allow(tools: Tools, token: Hex, spender: Hex, value: bigint): Promise<void> {
  if (token.toLowerCase() === NATIVE_TOKEN || value === 0n) return;
  const contract = { address: asHex(token), abi: stableTokenAbi } as const;
  const allowed = await tools.reader.readContract({ ...contract, functionName: "allowance", args: [tools.account, spender] });
  if (allowed >= value) return;
  const data = encodeFunctionData({ abi: stableTokenAbi, functionName: "approve", args: [spender, value] });
  await tools.send({ to: contract.address, value: 0n, data });
}
