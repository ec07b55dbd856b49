import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { fetchAnswer } from "@/lib/api/read";
import type { Failure } from "@/lib/chain/failure";
import { explainFailure } from "@/lib/chain/failure";
import { openTools, type Receipt, type Tools } from "@/lib/chain/tools";
import { sameAddress } from "@/lib/address";
import { useChain, useDemo } from "@/lib/queries";
import { useWallet } from "@/lib/wallet/state";
import type { Plan } from "./plan";

export type Step =
  | { name: "review"; check: "running" | "passed" | "skipped" }
  | { name: "working" }
  | { name: "failed"; failure: Failure }
  | { name: "done"; receipt: Receipt; outcome: Awaited<ReturnType<Plan["done"]>> };

const INDEX_TRIES = 40;
const INDEX_PAUSE_MS = 150;

/** Waits until the index has seen the receipt's block, so that the page behind the sheet shows the new state. */
async function untilIndexed(block: bigint) {
  for (let n = 0; n < INDEX_TRIES; n += 1) {
    const { indexed } = await fetchAnswer("/status");
    if (BigInt(indexed ?? 0) >= block) return;
    await new Promise((resolve) => setTimeout(resolve, INDEX_PAUSE_MS));
  }
}

export function useFlow(plan: Plan) {
  const queries = useQueryClient();
  const chain = useChain().data;
  const demoQuery = useDemo();
  const wallet = useWallet();
  const [step, setStep] = useState<Step>({ name: "review", check: "running" });
  const rightSigner = wallet !== null && (plan.signer === undefined || sameAddress(plan.signer, wallet.address));
  const demo = demoQuery.data;
  const ready = chain !== undefined && demo !== undefined && rightSigner;

  const open = useCallback((): Tools => {
    if (chain === undefined || wallet === null) throw new Error("the sheet acts only once a wallet is connected");
    return openTools(chain, wallet, demo ?? null);
  }, [chain, wallet, demo]);

  const check = useCallback(async () => {
    if (!ready) return;
    if (plan.call === undefined) return setStep({ name: "review", check: "skipped" });
    setStep({ name: "review", check: "running" });
    try {
      const tools = open();
      await tools.simulate(await plan.call(chain, tools.account));
      setStep({ name: "review", check: "passed" });
    } catch (error) {
      setStep({ name: "failed", failure: explainFailure(error) });
    }
    // The head moves every block; only another plan, wallet or chain asks for another simulation.
  }, [ready, plan, wallet, chain?.chain_id]);

  useEffect(() => {
    void check();
  }, [check]);

  const confirm = async () => {
    if (chain === undefined) return;
    setStep({ name: "working" });
    try {
      const receipt = await plan.execute(open(), chain);
      const outcome = await plan.done(receipt);
      await untilIndexed(receipt.blockNumber).catch(() => undefined);
      setStep({ name: "done", receipt, outcome });
      void queries.invalidateQueries();
    } catch (error) {
      setStep({ name: "failed", failure: explainFailure(error) });
    }
  };

  return { step, chain, wallet, rightSigner, confirm, check };
}
