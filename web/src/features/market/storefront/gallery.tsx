import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Picture } from "@/ui/picture";

export function Gallery({ pictures, title, kind }: { pictures: readonly (string | null)[]; title: string; kind: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(0);
  return (
    <div className="min-w-0">
      <div className="aspect-[4/3] overflow-hidden rounded-[6px] border border-line">
        <Picture key={pictures[shown]} src={pictures[shown]} kind={kind} alt={title} eager />
      </div>
      {pictures.length > 1 && (
        <ul className="mt-3 flex flex-wrap gap-3">
          {pictures.map((picture, n) => (
            <li key={`${picture ?? ""}${n}`}>
              <button
                type="button"
                aria-label={t("offer.picture", { number: n + 1 })}
                aria-pressed={n === shown}
                onClick={() => setShown(n)}
                className={`size-16 overflow-hidden rounded-[6px] border-2 ${n === shown ? "border-accent" : "border-line"}`}
              >
                <Picture src={picture} alt="" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
