import { encodeFunctionData, hexToSignature, type PublicClient } from "viem";
import { marketAbi, stableTokenAbi } from "@/gen/abi";
import { asHex, type Hex } from "@/lib/address";
import { NATIVE_TOKEN } from "@/lib/money";
import type { Receipt, Tools } from "./tools";

export interface CheckoutLine {
  offerId: string;
  version: number;
  quantity: number;
  termsHash: Hex;
  deliveryHash: Hex;
  token: Hex;
  amount: bigint;
}

const PERMIT_LIFETIME_S = 3600n;
const PERMIT_TYPES = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

function totals(lines: readonly CheckoutLine[]): { native: bigint; tokens: Map<Hex, bigint> } {
  let native = 0n;
  const tokens = new Map<Hex, bigint>();
  for (const { token, amount } of lines) {
    if (token === NATIVE_TOKEN) native += amount;
    else tokens.set(token, (tokens.get(token) ?? 0n) + amount);
  }
  return { native, tokens };
}

const allowance = (reader: PublicClient, token: Hex, owner: Hex, spender: Hex) =>
  reader.readContract({ address: token, abi: stableTokenAbi, functionName: "allowance", args: [owner, spender] });

async function signPermit(tools: Tools, token: Hex, spender: Hex, value: bigint) {
  const { account, reader } = tools;
  const contract = { address: token, abi: stableTokenAbi } as const;
  const [[, name, version, chainId, verifyingContract], nonce, { timestamp }] = await Promise.all([
    reader.readContract({ ...contract, functionName: "eip712Domain" }),
    reader.readContract({ ...contract, functionName: "nonces", args: [account] }),
    reader.getBlock(),
  ]);
  const wall = BigInt(Math.floor(Date.now() / 1000));
  const deadline = (timestamp > wall ? timestamp : wall) + PERMIT_LIFETIME_S;
  const signature = hexToSignature(
    await tools.signTypedData({
      domain: { name, version, chainId: Number(chainId), verifyingContract },
      types: PERMIT_TYPES,
      primaryType: "Permit",
      message: { owner: account, spender, value, nonce, deadline },
    }),
  );
  return { deadline, v: signature.yParity + 27, r: signature.r, s: signature.s };
}

const approve = (token: Hex, spender: Hex, value: bigint) => ({
  to: token,
  value: 0n,
  data: encodeFunctionData({ abi: stableTokenAbi, functionName: "approve", args: [spender, value] }),
});

/**
 * Places the whole basket in one transaction. The first token that still lacks an allowance is permitted by a signature;
 * any further one needs an approval of its own, because the contract takes one permit.
 */
export async function placeBasket(tools: Tools, market: string, lines: readonly CheckoutLine[], recommender: Hex | null = null): Promise<Receipt> {
  const spender = asHex(market);
  const { native, tokens } = totals(lines);
  const lacking: [Hex, bigint][] = [];
  for (const [token, value] of tokens) {
    if (value > 0n && (await allowance(tools.reader, token, tools.account, spender)) < value) lacking.push([token, value]);
  }
  // A call that names who recommended takes no permit.
  const [permitted, others] = recommender === null ? [lacking[0], lacking.slice(1)] : [undefined, lacking];
  for (const [token, value] of others) await tools.send(approve(token, spender, value));

  const encoded = lines.map(({ offerId, version, quantity, termsHash, deliveryHash }) => ({
    offerId: BigInt(offerId),
    version,
    quantity,
    termsHash,
    deliveryHash,
  }));
  if (recommender !== null) {
    const { placeRecommended } = await import("./recommend");
    return tools.send(placeRecommended(spender, encoded, recommender, native));
  }
  if (permitted === undefined) {
    const data = encodeFunctionData({ abi: marketAbi, functionName: "placeOrders", args: [encoded] });
    return tools.send({ to: spender, data, value: native });
  }
  const [token, value] = permitted;
  const { deadline, v, r, s } = await signPermit(tools, token, spender, value);
  const data = encodeFunctionData({
    abi: marketAbi,
    functionName: "placeOrdersWithPermit",
    args: [encoded, token, value, deadline, v, r, s],
  });
  return tools.send({ to: spender, data, value: native });
}

/** Deposits a bond; an ERC-20 one needs an allowance first, since `depositBond` takes no permit. */
export async function depositBond(tools: Tools, market: string, token: Hex, amount: bigint): Promise<Receipt> {
  const { depositBond: deposit } = await import("./market");
  const spender = asHex(market);
  if (token !== NATIVE_TOKEN && (await allowance(tools.reader, token, tools.account, spender)) < amount) {
    await tools.send(approve(token, spender, amount));
  }
  return tools.send(deposit(market, token, amount));
}
