import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { client } from "@/lib/api/client";
import { read } from "@/lib/api/read";
import type { OrderDetail } from "@/lib/api/types";
import { asHex, sameAddress, type Hex } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { NO_NOTE } from "@/lib/notes";
import { useChain } from "@/lib/queries";
import { useSessionGate } from "@/lib/wallet/use-session-gate";
import { useWallet } from "@/lib/wallet/state";
import { Button } from "@/ui/button";
import { Field, TextArea } from "@/ui/field";
import { Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { oneCall } from "@/ui/signing/plan";
import { OneReview } from "./review-list";
import { Stars } from "./stars";

const TEXT_MAX = 4000;

/** Keeps a text with the house and gives the hash that goes on the chain. */
function useKeep() {
  const gate = useSessionGate();
  return async (text: string): Promise<Hex> => {
    if (text === "") return asHex(NO_NOTE);
    await gate();
    const { data } = await client.POST("/review-texts", { body: { text } });
    if (data === undefined) throw new Error("the server kept nothing");
    return asHex(data.hash);
  };
}

function Write({ order, reviews }: { order: OrderDetail; reviews: string }) {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const keep = useKeep();
  const [rating, setRating] = useState(0);
  const [text, setText] = useState("");
  const kept = useMutation({
    mutationFn: () => keep(text.trim()),
    onSuccess: (hash) =>
      sign(
        oneCall({
          title: t("review.write_title"),
          effects: [
            { who: t("review.your_rating"), what: <Stars rating={rating} /> },
            { who: t("review.seen_by"), what: t("review.everyone") },
          ],
          back: [t("review.write_back"), t("review.write_when")],
          action: t("review.write"),
          signer: order.buyer.address,
          contract: { name: "reviews", address: reviews },
          call: async () => (await import("@/lib/chain/reviews")).review(reviews, order.id, rating, hash),
          done: { title: t("review.written"), text: t("review.write_when") },
        }),
      ),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    kept.mutate();
  };
  return (
    <form onSubmit={submit} className="max-w-[36rem] space-y-4">
      <fieldset>
        <legend className="mb-1 font-semibold">{t("review.your_rating")}</legend>
        <div className="flex flex-wrap gap-x-6 gap-y-1">
          {[5, 4, 3, 2, 1].map((stars) => (
            <label key={stars} className="flex cursor-pointer items-center gap-2 py-1">
              <input type="radio" name="rating" className="accent-(--accent)" aria-label={t("review.stars", { rating: stars })} checked={rating === stars} onChange={() => setRating(stars)} />
              <Stars rating={stars} />
            </label>
          ))}
        </div>
      </fieldset>
      <Field label={t("review.your_text")} optional={t("common.optional")}>
        {(a) => <TextArea {...a} value={text} maxLength={TEXT_MAX} onChange={(event) => setText(event.target.value)} />}
      </Field>
      {kept.isError && (
        <p role="alert" className="text-harm">
          {t("evidence.failed")} {kept.error.message}
        </p>
      )}
      <Button look="primary" type="submit" busy={kept.isPending} blocked={rating === 0 ? t("review.rate_first") : null}>
        {t("review.write")}
      </Button>
    </form>
  );
}

function Reply({ order, reviews }: { order: OrderDetail; reviews: string }) {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const keep = useKeep();
  const [text, setText] = useState("");
  const kept = useMutation({
    mutationFn: () => keep(text.trim()),
    onSuccess: (hash) =>
      sign(
        oneCall({
          title: t("review.reply_title"),
          effects: [{ who: t("review.seen_by"), what: t("review.everyone") }],
          back: [t("review.reply_back")],
          action: t("review.reply"),
          signer: order.seller.address,
          contract: { name: "reviews", address: reviews },
          call: async () => (await import("@/lib/chain/reviews")).reply(reviews, order.id, hash),
          done: { title: t("review.replied"), text: t("review.replied_text") },
        }),
      ),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    kept.mutate();
  };
  return (
    <form onSubmit={submit} className="mt-4 max-w-[36rem] space-y-4">
      <Field label={t("review.your_reply")}>
        {(a) => <TextArea {...a} value={text} maxLength={TEXT_MAX} onChange={(event) => setText(event.target.value)} />}
      </Field>
      {kept.isError && (
        <p role="alert" className="text-harm">
          {t("evidence.failed")} {kept.error.message}
        </p>
      )}
      <Button type="submit" busy={kept.isPending} blocked={text.trim() === "" ? t("review.reply_first") : null}>
        {t("review.reply")}
      </Button>
    </form>
  );
}

/** In the order room: the review of this order, or the form for its buyer to write one. */
export function OrderReview({ order }: { order: OrderDetail }) {
  const { t } = useLanguage();
  const wallet = useWallet();
  const reviews = useChain().data?.contracts.reviews;
  const ended = order.state === "released" || order.state === "settled";
  const query = useQuery({ ...read("/reviews", { query: { order: Number(order.id), limit: 1 } }), enabled: ended && reviews != null });
  if (!ended || reviews == null || query.data === undefined) return null;
  const review = query.data.items[0];
  const [isBuyer, isSeller] = [order.buyer, order.seller].map(({ address }) => sameAddress(address, wallet?.address));
  if (review === undefined && !isBuyer) return null;
  return (
    <Section title={t("review.one")} lead={review === undefined ? t("review.invite") : undefined}>
      {review === undefined ? (
        <Write order={order} reviews={reviews} />
      ) : (
        <>
          <ul className="ruled">
            <OneReview review={review} about={false} />
          </ul>
          {isSeller && review.reply === null && <Reply order={order} reviews={reviews} />}
        </>
      )}
    </Section>
  );
}
