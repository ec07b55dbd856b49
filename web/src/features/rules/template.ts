/** What a new rule begins with: small enough to read, whole enough to pass. */
export const TEMPLATE = `id: large-payout
version: 1
title: { en: A large order was paid to its seller, zh: 一笔大额订单付给了卖家 }
severity: P4
owner: operator
on: { event: { contracts: [Market], names: [OrderReleased] } }
settings: { amount: "100000000000" }
group: [orderId]
expr: more(signal.args.sellerAmount, settings.amount)
runbook:
  en: Look at the order, and whether buyer and seller know each other.
  zh: 查看该订单，并核实买卖双方是否相识。
tests:
  - expect: firing
    shows: more than the threshold is paid out
    given:
      - { signals: [{ contract: Market, name: OrderReleased, args: { orderId: "7", sellerAmount: "100000000001" } }] }
  - expect: quiet
    shows: less is
    given:
      - { signals: [{ contract: Market, name: OrderReleased, args: { orderId: "7", sellerAmount: "5" } }] }
  - expect: reorg
    shows: the block goes in which it was paid
    given:
      - { signals: [{ contract: Market, name: OrderReleased, args: { orderId: "7", sellerAmount: "100000000001" } }] }
`;
