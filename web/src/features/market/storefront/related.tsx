import { useQuery } from "@tanstack/react-query";
import { read } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { Section } from "@/ui/page";
import { OfferCard } from "./offer-card";

/** What goes with an offer, each with the reason it is here. */
export function Related({ offerId }: { offerId: string }) {
  const { t } = useLanguage();
  const related = useQuery(read("/market/offers/{id}/related", { path: { id: Number(offerId) } })).data ?? [];
  if (related.length === 0) return null;
  return (
    <Section title={t("related.title")}>
      <ul className="grid grid-cols-2 gap-x-4 gap-y-8 md:grid-cols-4 md:gap-x-6">
        {related.map(({ offer, reason, buyers }) => (
          <li key={offer.id} className="min-w-0">
            <OfferCard offer={offer} />
            <p className="mt-1 text-sm text-ink-soft">
              {reason === "bought_together" ? t("related.together", { count: buyers }) : t("related.category")}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
