import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { shortAddress } from "@/lib/address";
import { read } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { formatUnits, units } from "@/lib/money";
import { useChain } from "@/lib/queries";
import { CopyButton } from "@/ui/address";
import { Answer } from "@/ui/answer";
import { Hallmark } from "@/ui/hallmark";
import { Count, Money } from "@/ui/money";
import { Facts, PageHead, Section } from "@/ui/page";
import { ContractCode } from "./contract";
import { TransactionList } from "./transaction-list";

const route = getRouteApi("/explorer/address/$address");

export function AddressPage() {
  const { t, locale } = useLanguage();
  const { address } = route.useParams();
  const { cursor } = route.useSearch();
  const native = useChain().data?.native ?? { symbol: "", decimals: 18 };
  const query = useQuery(read("/explorer/addresses/{address}", { path: { address } }));
  return (
    <Answer query={query}>
      {(found) => {
        const name = found.name ?? found.contract ?? shortAddress(address);
        return (
          <>
            <PageHead
              name={name}
              above={t(`explorer.kind_${found.kind}`)}
              title={
                <span className="flex flex-wrap items-center gap-4">
                  <Hallmark address={address} size={56} />
                  {name}
                </span>
              }
              lead={
                <span className="flex items-start gap-2 font-mono text-[15px] break-all">
                  {address}
                  <CopyButton text={address} />
                </span>
              }
            />
            <Section title={t("explorer.facts")}>
              <Facts
                rows={[
                  [
                    native.symbol,
                    <span key="b" className="figures">
                      {formatUnits(units(found.balance), native.decimals, locale, { min: 0, max: 9 })}
                    </span>,
                  ],
                  ...found.token_balances.map(
                    (balance) => [balance.symbol, <Money key={balance.token} value={balance} />] as const,
                  ),
                  [t("explorer.nonce"), <Count key="n" value={found.nonce} />],
                  [t("explorer.transactions"), <Count key="t" value={found.transactions} />],
                ]}
              />
            </Section>
            {found.kind === "contract" && <ContractCode address={found.address} />}
            <Section title={t("explorer.transactions")}>
              <TransactionList filter={{ address }} cursor={cursor} />
            </Section>
          </>
        );
      }}
    </Answer>
  );
}
