import { ponder } from "ponder:registry";
import { addition } from "ponder:schema";

ponder.on("Tally:Added", async ({ event, context }) => {
  await context.db.insert(addition).values({
    id: event.id,
    amount: event.args.amount,
    total: event.args.total,
    timestamp: event.block.timestamp,
  });
});
