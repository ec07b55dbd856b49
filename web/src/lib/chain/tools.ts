import {
  createPublicClient,
  createWalletClient,
  custom,
  defineChain,
  http,
  type Account,
  type PublicClient,
  type Transport,
  type TypedDataDefinition,
  type WalletClient,
} from "viem";
import { mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import type { Chain as ChainInfo, Demo } from "@/lib/api/types";
import type { Hex } from "@/lib/address";
import { findProvider } from "@/lib/wallet/discovery";
import type { Wallet } from "@/lib/wallet/state";
import { WalletFailure } from "./failure";

export interface Call {
  to: Hex;
  data: Hex;
  value: bigint;
}

export interface Receipt {
  hash: Hex;
  blockNumber: bigint;
  gasUsed: bigint;
  fee: bigint;
  logs: readonly { address: Hex; topics: readonly Hex[]; data: Hex }[];
}

/** What a signing flow may do with one connected wallet on one chain. */
export interface Tools {
  account: Hex;
  reader: PublicClient;
  simulate(call: Call): Promise<void>;
  send(call: Call): Promise<Receipt>;
  signTypedData(data: TypedDataDefinition): Promise<Hex>;
  signMessage(message: string): Promise<Hex>;
}

const RECEIPT_TIMEOUT_MS = 60_000;

/** A quarter more gas than estimated may be spent. */
const GAS_MARGIN = 4n;

function describe(info: ChainInfo) {
  return defineChain({
    id: info.chain_id,
    name: info.name,
    nativeCurrency: { name: info.native.symbol, symbol: info.native.symbol, decimals: info.native.decimals },
    rpcUrls: { default: { http: [info.rpc_url] } },
  });
}

function signer(wallet: Wallet, demo: Demo | null): { account: Account | Hex; transport: Transport | null } {
  if (wallet.kind === "fresh") return { account: privateKeyToAccount(wallet.privateKey), transport: null };
  if (wallet.kind === "persona") {
    if (demo === null) throw new WalletFailure({ kind: "wallet_missing" });
    return { account: mnemonicToAccount(demo.mnemonic, { addressIndex: wallet.index }), transport: null };
  }
  const provider = findProvider(wallet.rdns);
  if (provider === null) throw new WalletFailure({ kind: "wallet_missing" });
  return { account: wallet.address, transport: custom(provider) };
}

/** A wallet that sits on another network is asked to move, and to learn of ours if it does not know it. */
async function moveTo(client: WalletClient, chain: ReturnType<typeof describe>) {
  if ((await client.getChainId()) === chain.id) return;
  try {
    await client.switchChain({ id: chain.id });
  } catch {
    await client.addChain({ chain });
    if ((await client.getChainId()) !== chain.id) throw new WalletFailure({ kind: "wrong_network" });
  }
}

export function openTools(info: ChainInfo, wallet: Wallet, demo: Demo | null): Tools {
  const chain = describe(info);
  const rpc = http(info.rpc_url);
  const reader = createPublicClient({ chain, transport: rpc, pollingInterval: 400 });
  const { account, transport } = signer(wallet, demo);
  const client = createWalletClient({ account, chain, transport: transport ?? rpc });
  const fees = info.gas_free ? { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n } : {};
  const ready = () => (transport === null ? Promise.resolve() : moveTo(client, chain));

  return {
    account: wallet.address,
    reader,
    async simulate(call) {
      await reader.call({ ...call, account: wallet.address });
    },
    async send(call) {
      await ready();
      await reader.call({ ...call, account: wallet.address });
      // A deadline that moves with the clock may cost a storage write that the estimate, made a second earlier, did not.
      const estimate = await reader.estimateGas({ ...call, account: wallet.address });
      const gas = estimate + estimate / GAS_MARGIN;
      const hash = await client.sendTransaction({ ...call, ...fees, gas });
      const receipt = await reader.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MS });
      if (receipt.status === "reverted") {
        // Replaying the call at its own block yields the revert data that a receipt does not carry.
        await reader.call({ ...call, account: wallet.address, blockNumber: receipt.blockNumber });
        throw new WalletFailure({ kind: "other", message: `reverted in block ${receipt.blockNumber}` });
      }
      return {
        hash,
        blockNumber: receipt.blockNumber,
        gasUsed: receipt.gasUsed,
        fee: receipt.gasUsed * receipt.effectiveGasPrice,
        logs: receipt.logs,
      };
    },
    async signTypedData(data) {
      await ready();
      return client.signTypedData({ ...data, account } as Parameters<typeof client.signTypedData>[0]);
    },
    signMessage: (message) => client.signMessage({ account, message }),
  };
}
