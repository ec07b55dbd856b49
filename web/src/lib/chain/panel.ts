import { decodeFunctionData, encodeAbiParameters, encodeFunctionData, keccak256, stringToHex } from "viem";
import { arbiterPanelAbi, guildTokenAbi } from "@/gen/abi";
import { asHex, type Hex } from "@/lib/address";
import type { Call, Receipt, Tools } from "./tools";

/** The arbiters' panel: staking, secrets, votes, and what anyone may do with a case. */
const call = (panel: string, data: Hex): Call => ({ to: asHex(panel), data, value: 0n });

export const certify = (panel: string, account: string, certified: boolean) =>
  call(panel, encodeFunctionData({ abi: arbiterPanelAbi, functionName: "setCertified", args: [asHex(account), certified] }));

export const resign = (panel: string) => call(panel, encodeFunctionData({ abi: arbiterPanelAbi, functionName: "resign" }));

export const withdrawStake = (panel: string) =>
  call(panel, encodeFunctionData({ abi: arbiterPanelAbi, functionName: "withdrawStake" }));

export const withdrawFees = (panel: string, to: string) =>
  call(panel, encodeFunctionData({ abi: arbiterPanelAbi, functionName: "withdrawFees", args: [asHex(to)] }));

export const CRANKS = ["setBeacon", "draw", "tally", "execute", "deliver", "fail"] as const;
export type Crank = (typeof CRANKS)[number];

/** A turn that anyone may take. */
export const crank = (panel: string, name: Crank, id: string) =>
  call(panel, encodeFunctionData({ abi: arbiterPanelAbi, functionName: name, args: [BigInt(id)] }));

/** Stakes, after an approval where the panel may not take as much yet. */
export async function stake(tools: Tools, panel: string, token: string, amount: bigint): Promise<Receipt> {
  const [spender, of] = [asHex(panel), asHex(token)];
  const contract = { address: of, abi: guildTokenAbi } as const;
  const allowed = await tools.reader.readContract({ ...contract, functionName: "allowance", args: [tools.account, spender] });
  if (allowed < amount) {
    const data = encodeFunctionData({ abi: guildTokenAbi, functionName: "approve", args: [spender, amount] });
    await tools.send({ to: of, value: 0n, data });
  }
  return tools.send(call(panel, encodeFunctionData({ abi: arbiterPanelAbi, functionName: "stake", args: [amount] })));
}

/** Which round of which case somebody acts in; the contract counts rounds from zero. */
export interface Seat {
  id: string;
  round: number;
  account: Hex;
}

/**
 * What an arbiter signs to derive their secrets from. Whoever has the signature can open the arbiter's sealed votes, so
 * it is asked for on this site alone, and a lost browser loses nothing: the same wallet gives the same signature again.
 */
export const secretMessage = (chainId: number, panel: string): string =>
  `Derive my arbiter's secrets.\n\nWhoever has this signature can read my votes before they are open. Sign it only on the site of your own guild.\n\nPanel: ${panel.toLowerCase()}\nChain: ${chainId}`;

export const keyOf = (signature: Hex): Hex => keccak256(signature);

/** A secret of one seat: the salt of a vote, or what goes into a draw. */
export const secretOf = (key: Hex, use: "vote" | "draw", { id, round, account }: Seat): Hex =>
  keccak256(
    encodeAbiParameters(
      [{ type: "bytes32" }, { type: "bytes32" }, { type: "uint256" }, { type: "uint8" }, { type: "address" }],
      [key, keccak256(stringToHex(use)), BigInt(id), round, account],
    ),
  );

export const sealVote = ({ id, round, account }: Seat, choice: number, salt: Hex): Hex =>
  keccak256(
    encodeAbiParameters(
      [{ type: "uint256" }, { type: "uint8" }, { type: "address" }, { type: "uint8" }, { type: "bytes32" }],
      [BigInt(id), round, account, choice, salt],
    ),
  );

export const sealSecret = ({ id, round, account }: Seat, secret: Hex): Hex =>
  keccak256(
    encodeAbiParameters(
      [{ type: "uint256" }, { type: "uint8" }, { type: "address" }, { type: "bytes32" }],
      [BigInt(id), round, account, secret],
    ),
  );

export const commitVote = (panel: string, id: string, sealed: Hex) =>
  call(panel, encodeFunctionData({ abi: arbiterPanelAbi, functionName: "commitVote", args: [BigInt(id), sealed] }));

export const revealVote = (panel: string, id: string, choice: number, salt: Hex) =>
  call(panel, encodeFunctionData({ abi: arbiterPanelAbi, functionName: "revealVote", args: [BigInt(id), choice, salt] }));

export const commitSeed = (panel: string, id: string, sealed: Hex) =>
  call(panel, encodeFunctionData({ abi: arbiterPanelAbi, functionName: "commitSeed", args: [BigInt(id), sealed] }));

export const revealSeed = (panel: string, id: string, secret: Hex) =>
  call(panel, encodeFunctionData({ abi: arbiterPanelAbi, functionName: "revealSeed", args: [BigInt(id), secret] }));

/** Choices of the market's cases: 0 the middle, 1 the buyer's offer, 2 the seller's. */
export const CHOICES = [1, 2, 0] as const;

/** Which choice a sealed vote holds; null where it was sealed with another key. */
export const choiceOf = (seat: Seat, sealed: Hex, salt: Hex): number | null =>
  CHOICES.find((choice) => sealVote(seat, choice, salt) === sealed) ?? null;

/** The sealed vote that a transaction carried. */
export async function sealedIn(tools: Tools, hash: string): Promise<Hex | null> {
  const { input } = await tools.reader.getTransaction({ hash: asHex(hash) });
  const decoded = decodeFunctionData({ abi: arbiterPanelAbi, data: input });
  return decoded.functionName === "commitVote" ? decoded.args[1] : null;
}
