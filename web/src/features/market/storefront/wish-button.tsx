import { Heart } from "lucide-react";
import { useState } from "react";
import { useLanguage } from "@/lib/i18n";
import { useWishes } from "@/lib/wishes";
import { Button } from "@/ui/button";

/** Puts an offer on the wish list, or takes it off. */
export function WishButton({ offerId }: { offerId: string }) {
  const { t } = useLanguage();
  const { ids, toggle } = useWishes();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const has = ids.includes(offerId);
  const press = async () => {
    setBusy(true);
    setFailed(null);
    try {
      await toggle(offerId);
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <span className="inline-flex flex-col gap-1">
      <Button look={has ? "chosen" : "outline"} aria-pressed={has} busy={busy} onClick={() => void press()}>
        {!busy && <Heart aria-hidden size={18} className={has ? "fill-accent text-accent" : ""} />}
        {t(has ? "wish.on" : "wish.add")}
      </Button>
      {failed !== null && (
        <span role="alert" className="text-sm text-harm">
          {failed}
        </span>
      )}
    </span>
  );
}
