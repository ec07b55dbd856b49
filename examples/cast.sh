#!/usr/bin/env bash
# Transfers, deploys, estimates, watches and batches with cast: plain client code for any Ethereum node.
# Run: ./cast.sh [RPC_URL]      CAST names the program; by default the one that the contracts' tools brought.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

rpc_url=${1:-${ETH_RPC_URL:-http://127.0.0.1:8545}}
web_socket_url=ws${rpc_url#http}
if [ -z "${CAST:-}" ]; then
  CAST=$here/../contracts/node_modules/.bin/cast
  [ -x "$CAST" ] || CAST=cast
fi
# The well-known first key of the mnemonic "test … junk". Never use it where anything is worth something.
key=0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80
payee=0x70997970C51812dc3A010C7d01b50e0d17dc79C8
bytecode=$(sed -n 's/.*"bytecode": "\(0x[0-9a-f]*\)".*/\1/p' "$here/tally.json")
scratch=$(mktemp -d)
watcher=
finish() {
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT

check() { # check WHAT CONDITION…
  local what=$1
  shift
  if ! "$@"; then
    echo "failed: $what" >&2
    exit 1
  fi
  echo "  ok  $what"
}
is() { [ "$1" = "$2" ] || { echo "expected $2, got $1" >&2; return 1; }; }
# The value of one field of a receipt.
field() { "$CAST" receipt --rpc-url "$rpc_url" "$1" "$2"; }
send() { "$CAST" send --rpc-url "$rpc_url" --private-key "$key" --json "$@" | sed -n 's/.*"transactionHash":"\(0x[0-9a-f]*\)".*/\1/p'; }

echo "cast at $rpc_url"

# Transfer.
before=$("$CAST" balance --rpc-url "$rpc_url" "$payee")
paid=$(send --value 0.25ether "$payee")
block=$(field "$paid" blockNumber)
check "paid 0.25 ETH in block $block" is "$(field "$paid" gasUsed)" 21000
earlier=$("$CAST" balance --rpc-url "$rpc_url" --block $((block - 1)) "$payee")
gain=$(node -p "BigInt('$("$CAST" balance --rpc-url "$rpc_url" --block "$block" "$payee")') - BigInt('$before') + ''")
check "the balance can be read before that block" is "$earlier" "$before"
check "the balance can be read after that block" is "$gain" 250000000000000000

# Deploy.
deployed=$(send --create "$bytecode")
address=$(field "$deployed" contractAddress)
check "deployed Tally at $address" is "$("$CAST" call --rpc-url "$rpc_url" "$address" 'total()(uint256)')" 0

# Estimate gas.
from=$("$CAST" wallet address --private-key "$key")
estimate=$("$CAST" estimate --rpc-url "$rpc_url" --from "$from" "$address" 'add(uint256)' 7)

# Watch logs over WebSocket while a transaction is mined.
"$CAST" logs --rpc-url "$web_socket_url" --subscribe --address "$address" 'Added(address,uint256,uint256)' \
  >"$scratch/logs" 2>"$scratch/errors" &
watcher=$!
# cast does not say when it has subscribed: add until the watcher saw one.
total=0
for _ in $(seq 1 20); do
  added=$(send "$address" 'add(uint256)' 7)
  total=$((total + 7))
  sleep 0.5
  if grep -q "$added" "$scratch/logs"; then break; fi
  kill -0 "$watcher" 2>/dev/null || break
done
check "the log came over WebSocket" grep -q "$added" "$scratch/logs"
check "the total is $total" is "$("$CAST" call --rpc-url "$rpc_url" "$address" 'total()(uint256)')" "$total"
first=$("$CAST" logs --rpc-url "$rpc_url" --from-block "$block" --address "$address" 'Added(address,uint256,uint256)' --json |
  grep -o '"transactionHash":"0x[0-9a-f]*"' | head -n 1 | cut -d '"' -f 4)
used=$(field "$first" gasUsed)
check "the estimate of $estimate gas covers the $used that were used" [ "$used" -le "$estimate" ]

# A revert carries the contract's own error, NothingToAdd().
refusal=$("$CAST" call --rpc-url "$rpc_url" "$address" 'add(uint256)' 0 2>&1 || true)
check "a call that must revert does so with the contract's own error" \
  grep -q "$("$CAST" sig 'NothingToAdd()')" <<<"$refusal"

# Batch: several calls in one request.
numbers=$(curl --silent --show-error --fail -H 'content-type: application/json' "$rpc_url" -d '[
  {"jsonrpc":"2.0","id":1,"method":"eth_chainId"},
  {"jsonrpc":"2.0","id":2,"method":"eth_blockNumber"},
  {"jsonrpc":"2.0","id":3,"method":"eth_gasPrice"}]' | grep -o '"id":[0-9]' | tr -d '\n')
check "three requests in a batch, answered in order" is "$numbers" '"id":1"id":2"id":3'

echo "cast: all checks passed"
