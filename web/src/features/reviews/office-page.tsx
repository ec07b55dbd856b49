import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { read } from "@/lib/api/read";
import type { Suspicion } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { formatDate } from "@/lib/time";
import { Address } from "@/ui/address";
import { Answer, Empty } from "@/ui/answer";
import { PageHead, Section } from "@/ui/page";

const SHOWN = 12;

function Found({ one }: { one: Suspicion }) {
  const { t, locale } = useLanguage();
  const reason =
    one.kind === "burst"
      ? t("review.burst_reason", {
          count: one.count ?? 0,
          expected: one.expected ?? "",
          from: one.from ? formatDate(one.from, locale) : "",
          to: one.to ? formatDate(one.to, locale) : "",
        })
      : t("review.ring_reason", { members: one.accounts.length, inside: one.order_ids.length, outside: one.outside ?? 0 });
  return (
    <li className="border-b border-line py-4">
      <h3 className="text-lg">{t(`review.kind_${one.kind}`)}</h3>
      <p className="my-1 flex flex-wrap gap-x-4 gap-y-1">
        {one.accounts.map(({ address, name }) => (
          <Address key={address} address={address} name={name} to="seller" />
        ))}
      </p>
      <p className="max-w-[44rem]">{reason}</p>
      <p className="mt-1 flex flex-wrap gap-x-3 text-[15px]">
        {one.order_ids.slice(0, SHOWN).map((id) => (
          <Link key={id} to="/orders/$id" params={{ id }} className="link">
            {t("order.number", { id })}
          </Link>
        ))}
        {one.order_ids.length > SHOWN && <span className="text-ink-soft">{t("review.and_more", { count: one.order_ids.length - SHOWN })}</span>}
      </p>
    </li>
  );
}

function Inside() {
  const { t } = useLanguage();
  const query = useQuery(read("/suspected-reviews"));
  return (
    <Answer query={query}>
      {({ items, looked_at }) => (
        <Section title={t("review.suspected")} lead={t("review.looked_at", { count: looked_at })}>
          {items.length === 0 ? (
            <Empty title={t("review.nothing_suspected")} text={t("review.nothing_suspected_text")} />
          ) : (
            <ul className="ruled">
              {items.map((one) => (
                <Found key={`${one.kind}${one.order_ids[0] ?? ""}`} one={one} />
              ))}
            </ul>
          )}
        </Section>
      )}
    </Answer>
  );
}

/** Where staff see which reviews look made up, and why. */
export function ReviewOffice({ gate }: { gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("page.reviews")} lead={t("review.office_lead")} />
      {gate(<Inside />)}
    </>
  );
}
