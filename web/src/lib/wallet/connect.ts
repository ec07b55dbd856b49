import type { Persona } from "@/lib/api/types";
import { client } from "@/lib/api/client";
import { asHex } from "@/lib/address";
import type { Announced } from "./discovery";
import { setWallet } from "./state";

export function connectPersona(persona: Persona) {
  setWallet({
    kind: "persona",
    address: asHex(persona.address),
    index: persona.derivation_index,
    name: persona.name,
  });
}

/** A new customer of the demo town: a fresh key that never leaves this browser, and a purse from the faucet. */
export async function connectFresh() {
  const { generatePrivateKey, privateKeyToAddress } = await import("viem/accounts");
  const privateKey = generatePrivateKey();
  const address = privateKeyToAddress(privateKey);
  await fillPurse(address);
  setWallet({ kind: "fresh", address, privateKey });
}

export async function fillPurse(address: string) {
  await client.POST("/demo/faucet", { body: { address } });
}

export async function connectInjected({ info, provider }: Announced) {
  const [address] = await provider.request({ method: "eth_requestAccounts" });
  if (address === undefined) throw new Error("the wallet gave no account");
  setWallet({ kind: "injected", address: asHex(address), rdns: info.rdns, name: info.name });
}

export const disconnect = () => setWallet(null);
