import { onchainTable } from "ponder";

export const addition = onchainTable("addition", (t) => ({
  id: t.text().primaryKey(),
  amount: t.bigint().notNull(),
  total: t.bigint().notNull(),
  timestamp: t.bigint().notNull(),
}));
