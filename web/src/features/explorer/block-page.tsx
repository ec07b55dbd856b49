import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { read } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { CopyButton } from "@/ui/address";
import { Answer } from "@/ui/answer";
import { buttonClass } from "@/ui/button";
import { Count } from "@/ui/money";
import { Facts, PageHead, Section } from "@/ui/page";
import { When } from "@/ui/when";
import { TransactionList } from "./transaction-list";

const route = getRouteApi("/explorer/blocks/$id");

export const Hash = ({ value }: { value: string }) => (
  <span className="flex items-start gap-2 font-mono text-sm break-all">
    {value}
    <CopyButton text={value} />
  </span>
);

export function BlockPage() {
  const { t, locale } = useLanguage();
  const { id } = route.useParams();
  const { cursor } = route.useSearch();
  const query = useQuery(read("/explorer/blocks/{id}", { path: { id } }));
  return (
    <Answer query={query}>
      {(block) => {
        const name = t("explorer.block_title", { number: new Intl.NumberFormat(locale).format(block.number) });
        return (
          <>
            <PageHead
              title={name}
              lead={<When at={block.timestamp} />}
              aside={
                <>
                  {block.number > 0 && (
                    <Link to="/explorer/blocks/$id" params={{ id: String(block.number - 1) }} className={buttonClass()}>
                      <ArrowLeft aria-hidden size={16} />
                      {t("explorer.earlier")}
                    </Link>
                  )}
                  <Link to="/explorer/blocks/$id" params={{ id: String(block.number + 1) }} className={buttonClass()}>
                    {t("explorer.later")}
                    <ArrowRight aria-hidden size={16} />
                  </Link>
                </>
              }
            />
            <Section title={t("explorer.facts")}>
              <Facts
                rows={[
                  [t("explorer.hash"), <Hash key="h" value={block.hash} />],
                  [
                    t("explorer.parent"),
                    <Link key="p" to="/explorer/blocks/$id" params={{ id: block.parent_hash }} className="link font-mono text-sm break-all">
                      {block.parent_hash}
                    </Link>,
                  ],
                  [t("explorer.state_root"), <Hash key="s" value={block.state_root} />],
                  [
                    t("explorer.gas_used"),
                    <span key="g" className="figures">
                      <Count value={BigInt(block.gas_used)} /> / <Count value={BigInt(block.gas_limit)} />
                    </span>,
                  ],
                ]}
              />
            </Section>
            <Section title={t("explorer.transactions")}>
              <TransactionList filter={{ block: String(block.number) }} cursor={cursor} />
            </Section>
          </>
        );
      }}
    </Answer>
  );
}
