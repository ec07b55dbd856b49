"""web3.py against a node: transfers, deployment, events, filters, fees, proofs and errors."""

import json
import sys
from pathlib import Path

from web3 import Web3
from web3.exceptions import ContractCustomError, TransactionNotFound, Web3RPCError

w3 = Web3(Web3.HTTPProvider(sys.argv[1]))
alice, bob = w3.eth.accounts[:2]


def ok(what: str) -> None:
    print(f"  ok  {what}")


assert w3.is_connected() and w3.eth.chain_id == 31_337
assert w3.client_version.startswith("guildhall/")
ok(f"connected to {w3.client_version}")

before = w3.eth.get_balance(bob)
receipt = w3.eth.wait_for_transaction_receipt(w3.eth.send_transaction({"from": alice, "to": bob, "value": 7}))
assert receipt["status"] == 1 and receipt["gasUsed"] == 21_000
assert w3.eth.get_balance(bob) == before + 7
assert w3.eth.get_balance(bob, receipt["blockNumber"] - 1) == before
ok("a transfer, and balances of before and after")

built = json.loads((Path(__file__).parent / "../examples/tally.json").read_text())
tally = w3.eth.contract(abi=built["abi"], bytecode=built["bytecode"])
deployed = w3.eth.wait_for_transaction_receipt(tally.constructor().transact({"from": alice}))
tally = w3.eth.contract(address=deployed["contractAddress"], abi=built["abi"])
watch = tally.events.Added.create_filter(from_block="latest")
estimate = tally.functions.add(5).estimate_gas({"from": alice})
added = w3.eth.wait_for_transaction_receipt(tally.functions.add(5).transact({"from": alice}))
assert added["gasUsed"] <= estimate and tally.functions.total().call() == 5
assert tally.functions.total().call(block_identifier=added["blockNumber"] - 1) == 0
entries = watch.get_new_entries()
assert [entry["args"]["total"] for entry in entries] == [5], entries
logs = tally.events.Added.get_logs(from_block=0)
assert len(logs) == 1 and logs[0]["args"]["by"] == alice
ok("a contract, its events by filter and by range")

try:
    tally.functions.add(0).call({"from": alice})
    raise SystemExit("adding nothing should revert")
except ContractCustomError as error:
    assert error.args, error
ok("a custom error arrives as one")

signed = w3.eth.account.sign_transaction(
    {
        "to": bob,
        "value": 1,
        "gas": 21_000,
        "maxFeePerGas": w3.to_wei(1, "gwei"),
        "maxPriorityFeePerGas": 0,
        "nonce": w3.eth.get_transaction_count(bob),
        "chainId": 31_337,
    },
    # The second key of the mnemonic that every Ethereum tool knows.
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
)
mined = w3.eth.wait_for_transaction_receipt(w3.eth.send_raw_transaction(signed.raw_transaction))
assert mined["status"] == 1
try:
    w3.eth.send_raw_transaction(signed.raw_transaction)
    raise SystemExit("a spent nonce should be refused")
except Web3RPCError as error:
    assert "nonce too low" in str(error) or "already known" in str(error), error
try:
    w3.eth.get_transaction("0x" + "11" * 32)
    raise SystemExit("an unknown transaction should not be found")
except TransactionNotFound:
    pass
ok("a raw transaction, and refusals that web3.py understands")

history = w3.eth.fee_history(3, "latest", [25, 75])
assert len(history["baseFeePerGas"]) == 4 and len(history["reward"]) == 3
proof = w3.eth.get_proof(tally.address, [0], "latest")
assert int(proof["storageProof"][0]["value"].hex() or "0", 16) == 5
block = w3.eth.get_block("latest", full_transactions=True)
assert block["transactions"][0]["hash"] == mined["transactionHash"]
access = w3.eth.create_access_list(
    {"from": alice, "to": tally.address, "data": tally.encode_abi("add", args=[1])}
)
assert int(access["gasUsed"]) > 21_000
ok("fee history, a proof, a whole block and an access list")
