import { createConfig } from "ponder";
import { http } from "viem";
import { tally } from "../tally.mjs";

export default createConfig({
  database: { kind: "pglite", directory: process.env.STORE },
  networks: { guild: { chainId: 31_337, transport: http(process.env.RPC_URL), pollingInterval: 100 } },
  contracts: {
    Tally: { abi: tally.abi, network: "guild", address: process.env.TALLY as `0x${string}`, startBlock: 0 },
  },
});
