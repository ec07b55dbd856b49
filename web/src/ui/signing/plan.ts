import type { ReactNode } from "react";
import type { Chain } from "@/lib/api/types";
import type { Call, Receipt, Tools } from "@/lib/chain/tools";

/** One line of "who gets what" in the sheet before a signature. */
export interface Effect {
  who: ReactNode;
  what: ReactNode;
}

export interface ReceiptLink {
  href: string;
  label: string;
}

/** Everything a person is told about an act before and after it, and how to carry it out. */
export interface Plan {
  title: string;
  effects: readonly Effect[];
  /** When and how the money can come back. */
  back: readonly string[];
  action: string;
  /** The only address that may do this; another wallet is asked to change. */
  signer?: string;
  /** The contract that is called, where it is not the market. */
  contract?: { name: "panel" | "reviews"; address: string };
  /** Shown to the simulation before the button is live. */
  call?: (chain: Chain, account: string) => Promise<Call>;
  execute: (tools: Tools, chain: Chain) => Promise<Receipt>;
  done: (receipt: Receipt) => Promise<{ title: string; text: string; links: readonly ReceiptLink[] }>;
}

type Simple = Omit<Plan, "execute" | "call" | "done"> & {
  call: (chain: Chain, account: string) => Promise<Call>;
  done: { title: string; text: string; links?: readonly ReceiptLink[] };
};

/** A plan that is one call, which is what is simulated and then sent. */
export function oneCall({ call, done, ...rest }: Simple): Plan {
  return {
    ...rest,
    call,
    execute: async (tools, chain) => tools.send(await call(chain, tools.account)),
    done: () => Promise.resolve({ links: [], ...done }),
  };
}
