import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { read } from "@/lib/api/read";
import type { Review, ReviewScore } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatDateTime } from "@/lib/time";
import { Address, TransactionLink } from "@/ui/address";
import { Answer, Blank } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Info } from "@/ui/info";
import { Money } from "@/ui/money";
import { Section } from "@/ui/page";
import { When } from "@/ui/when";
import { Stars } from "./stars";

type Scope = { offer: number } | { seller: string };

function Bars({ score }: { score: ReviewScore }) {
  const { t } = useLanguage();
  const most = Math.max(1, ...score.ratings);
  return (
    <ul className="w-full max-w-xs space-y-1" aria-label={t("review.spread")}>
      {[5, 4, 3, 2, 1].map((stars) => {
        const count = score.ratings[stars - 1] ?? 0;
        return (
          <li key={stars} className="flex items-center gap-3 text-sm">
            <span className="figures w-3">{stars}</span>
            <span aria-hidden className="h-2 flex-1 overflow-hidden rounded-[3px] bg-sunken">
              <span className="block h-full bg-ink-soft" style={{ width: `${(count * 100) / most}%` }} />
            </span>
            <span className="figures w-8 text-right text-ink-soft">{count}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** The weighted score, what it is made of, and what was left out of it and why. */
export function Score({ scope }: { scope: Scope }) {
  const { t } = useLanguage();
  const query = useQuery(read("/review-scores", { query: scope }));
  return (
    <Answer query={query} blank={<Blank lines={2} />}>
      {(score) => (
        <>
          <div className="flex flex-wrap items-center gap-x-10 gap-y-4">
            <div>
              <p className="flex items-center gap-3">
                <span className="figures font-serif text-[40px] leading-none text-title">{score.score ?? "–"}</span>
                {score.score && <Stars rating={Number(score.score)} size={22} />}
                <Info>{t("review.weighted")}</Info>
              </p>
              <p className="mt-1 text-[15px] text-ink-soft">{t("review.counted", { count: score.counted })}</p>
            </div>
            {score.counted > 0 && <Bars score={score} />}
          </div>
          <ul className="mt-3 space-y-1 text-[15px] text-amber">
            {score.bursts > 0 && <li>{t("review.left_burst", { count: score.bursts })}</li>}
            {score.rings > 0 && <li>{t("review.left_ring", { count: score.rings })}</li>}
          </ul>
          {score.pending > 0 && <p className="mt-1 text-[15px] text-ink-soft">{t("review.pending", { count: score.pending })}</p>}
        </>
      )}
    </Answer>
  );
}

export function OneReview({ review, about }: { review: Review; about: boolean }) {
  const { t, locale } = useLanguage();
  return (
    <li className="border-b border-line py-4">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[15px] text-ink-soft">
        <Stars rating={review.rating} />
        <Address address={review.buyer.address} name={review.buyer.name} />
        <When at={review.written_at} />
        <span>
          {t("review.weighs")} <Money value={review.weight} />
        </span>
        {about && (
          <Link to="/offers/$id" params={{ id: review.offer_id }} className="link">
            {t("order.see_offer")}
          </Link>
        )}
        <TransactionLink hash={review.tx_hash} />
      </p>
      {review.text !== null && <p className="mt-2 max-w-[44rem] break-words whitespace-pre-wrap">{review.text}</p>}
      {review.left_out === "pending" && <p className="mt-1 text-sm text-ink-soft">{t("review.appears", { date: formatDateTime(review.appears_at, locale) })}</p>}
      {(review.left_out === "burst" || review.left_out === "ring") && <p className="mt-1 text-sm text-amber">{t(`review.why_${review.left_out}`)}</p>}
      {review.reply && (
        <div className="mt-3 max-w-[44rem] border-l-2 border-line-strong pl-4">
          <p className="text-sm text-ink-faint">
            {t("review.reply_of")} <When at={review.reply.at} />
          </p>
          <p className="break-words whitespace-pre-wrap">{review.reply.text ?? t("review.not_here")}</p>
        </div>
      )}
    </li>
  );
}

/** A score and the reviews behind it, of an offer or of a seller. */
export function Reviews({ scope }: { scope: Scope }) {
  const { t } = useLanguage();
  const [limit, setLimit] = useState(5);
  const query = useQuery(read("/reviews", { query: { ...scope, limit } }));
  return (
    <Section title={t("review.title")} lead={t("review.text")}>
      <Score scope={scope} />
      <Answer query={query} blank={<Blank lines={3} />}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <p className="mt-4 text-ink-soft">{t("review.none")}</p>
            ) : (
              <ul className="ruled mt-6">
                {items.map((review) => (
                  <OneReview key={review.order_id} review={review} about={"seller" in scope} />
                ))}
              </ul>
            )}
            {next && limit < 200 && (
              <Button className="mt-4" onClick={() => setLimit((now) => Math.min(200, now * 4))}>
                {t("review.more")}
              </Button>
            )}
          </>
        )}
      </Answer>
    </Section>
  );
}
