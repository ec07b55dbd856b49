import { encodeErrorResult, RpcRequestError, UserRejectedRequestError } from "viem";
import { describe, expect, it } from "vitest";
import { aftersalesAbi, arbiterPanelAbi, marketAbi } from "@/gen/abi";
import { explainFailure, WalletFailure } from "./failure";

/** The error that a node gives back for a call that reverts with `data`. */
const reverted = (data: `0x${string}`) =>
  new RpcRequestError({ body: {}, url: "http://127.0.0.1", error: { code: 3, message: "execution reverted", data } });

describe("explainFailure", () => {
  it("names the contract's error and its arguments", () => {
    const data = encodeErrorResult({ abi: marketAbi, errorName: "InsufficientStock", args: [7n, 1n, 2] });
    expect(explainFailure(reverted(data))).toEqual({
      kind: "revert",
      name: "InsufficientStock",
      args: { offerId: "7", stock: "1", quantity: "2" },
    });
  });

  it("knows the errors of every part of the market, and of the panel", () => {
    const split = encodeErrorResult({ abi: aftersalesAbi, errorName: "ProposalOutOfRange", args: [7n, 5n, 1n, 4n] });
    expect(explainFailure(reverted(split))).toMatchObject({ name: "ProposalOutOfRange", args: { buyerAmount: "5" } });
    const stake = encodeErrorResult({ abi: arbiterPanelAbi, errorName: "AlreadyLeaving", args: [`0x${"1".repeat(40)}`] });
    expect(explainFailure(reverted(stake))).toMatchObject({ kind: "revert", name: "AlreadyLeaving" });
  });

  it("finds the error however deep it was wrapped", () => {
    const data = encodeErrorResult({ abi: marketAbi, errorName: "EnforcedPause" });
    const wrapped = new Error("outer", { cause: new Error("inner", { cause: reverted(data) }) });
    expect(explainFailure(wrapped)).toMatchObject({ kind: "revert", name: "EnforcedPause" });
  });

  it("knows a refusal in the wallet from a failure", () => {
    expect(explainFailure(new UserRejectedRequestError(new Error("no")))).toEqual({ kind: "rejected" });
    expect(explainFailure(new WalletFailure({ kind: "wrong_network" }))).toEqual({ kind: "wrong_network" });
  });

  it("knows an address on hold, from the node and through a wallet", () => {
    const data = { reason: "account_on_hold", account: `0x${"a".repeat(40)}`, until: 1_800_000_000 };
    const node = new RpcRequestError({ body: {}, url: "http://127.0.0.1", error: { code: -32003, message: "account on hold", data } });
    const held = { kind: "on_hold", until: 1_800_000_000 };
    expect(explainFailure(new Error("outer", { cause: node }))).toEqual(held);
    const wallet = Object.assign(new Error("Internal JSON-RPC error."), { code: -32603, data: { code: -32003, message: "x", data } });
    expect(explainFailure(new Error("outer", { cause: wallet }))).toEqual(held);
  });

  it("keeps the message of what it does not know", () => {
    expect(explainFailure(new Error("disk on fire"))).toEqual({ kind: "other", message: "disk on fire" });
  });
});
