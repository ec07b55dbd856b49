import { Star } from "lucide-react";
import { useTranslation } from "react-i18next";

/** A rating of one to five, as stars and as words for who can't see them. */
export function Stars({ rating, size = 18 }: { rating: number; size?: number }) {
  const { t } = useTranslation();
  return (
    <span role="img" aria-label={t("review.stars", { rating })} className="inline-flex gap-0.5 align-[-0.15em] text-accent-ink">
      {[1, 2, 3, 4, 5].map((n) => (
        <Star key={n} aria-hidden size={size} fill={n <= Math.round(rating) ? "currentColor" : "none"} strokeWidth={1.5} />
      ))}
    </span>
  );
}
