import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { client } from "@/lib/api/client";
import { readList } from "@/lib/api/read";
import type { OpsChannel, OpsDelivery } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";
import { Answer, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Pager } from "@/ui/list";
import { When } from "@/ui/when";
import { DeliveryState, Reason } from "./state";

function Row({ delivery, channels }: { delivery: OpsDelivery; channels: OpsChannel[] }) {
  const { t, language } = useLanguage();
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: async () => {
      await client.POST("/ops/deliveries/{id}/attempts", { params: { path: { id: delivery.id } } });
      await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/ops/") });
    },
  });
  const name = channels.find(({ id }) => id === delivery.channel)?.name ?? t("channel.gone_channel");
  return (
    <li className="border-b border-line py-3">
      <p className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <span className="min-w-0">
          <strong className="figures mr-2 font-semibold">{delivery.severity}</strong>
          <span className="mr-2 text-ink-soft">{t(`channel.says.${delivery.status}`)}</span>
          <Link to={delivery.link} className="link">
            {localized(delivery.title, language)}
          </Link>
          {delivery.count > 1 && <span className="ml-2 text-ink-soft">{t("channel.merged", { count: delivery.count })}</span>}
        </span>
        <DeliveryState state={delivery.state} />
      </p>
      <p className="mt-1 flex flex-wrap items-baseline gap-x-4 gap-y-1 text-sm text-ink-soft">
        <span className="break-words">{name}</span>
        <When at={delivery.at} />
        <Reason reason={delivery.reason} />
        {delivery.tries > 1 && <span>{t("channel.tries", { count: delivery.tries })}</span>}
        {delivery.next_at != null && (
          <span>
            {t("channel.next")} <When at={delivery.next_at} />
          </span>
        )}
      </p>
      {(delivery.state === "dead" || (delivery.state === "waiting" && delivery.tries > 0)) && (
        <p className="mt-2">
          <Button small busy={again.isPending} onClick={() => again.mutate()}>
            {t("channel.send_again")}
          </Button>
        </p>
      )}
      {again.isError && (
        <p role="alert" className="mt-2 text-harm">
          {t("channel.failed", { message: again.error.message })}
        </p>
      )}
    </li>
  );
}

/** What was sent, what waits, and what did not arrive. */
export function Deliveries({ cursor, channels }: { cursor: string | undefined; channels: OpsChannel[] }) {
  const { t } = useLanguage();
  const query = useQuery({ ...readList("/ops/deliveries", { query: { cursor, limit: 20 } }), refetchInterval: 5_000 });
  return (
    <Answer query={query}>
      {({ items, next }) =>
        items.length === 0 ? (
          <Empty title={t("channel.none_sent")} text={t("channel.none_sent_text")} />
        ) : (
          <>
            <ul className="ruled">
              {items.map((delivery) => (
                <Row key={delivery.id} delivery={delivery} channels={channels} />
              ))}
            </ul>
            <Pager cursor={cursor} next={next} />
          </>
        )
      }
    </Answer>
  );
}
